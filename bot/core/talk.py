"""Talk of trouble: how many people's messages sound as if the service failed. In memory, a quarter of an hour.

Weaker than a report: nobody pressed anything. It is never shown as people who report, only weighed beside them.
"""

from collections import OrderedDict

from bot.core.reports import DAY, MINUTE

HEARD_FOR = 15 * MINUTE
_MOST = 10_000


class Talk:
    """Who talked of trouble with one service lately, as reporters."""

    def __init__(self) -> None:
        self._heard: OrderedDict[int, float] = OrderedDict()
        self.usual = 0.0
        """People in 15 minutes on an ordinary day (a running mean over about a day of minutes)."""
        self.elsewhere = 0
        """People that other processes of this bot heard; who talks in servers of two is two people here."""

    def hear(self, reporter: int, now: float) -> None:
        """Somebody talks of trouble."""
        self._heard[reporter] = now
        self._heard.move_to_end(reporter)
        if len(self._heard) > _MOST:
            self._heard.popitem(last=False)

    def forget(self, reporter: int) -> None:
        """As if they had said nothing."""
        self._heard.pop(reporter, None)

    def people(self, now: float) -> int:
        """How many did in the last 15 minutes."""
        return self.heard(now) + self.elsewhere

    def heard(self, now: float) -> int:
        """How many of them this process heard itself."""
        while self._heard and not now - HEARD_FOR < next(iter(self._heard.values())) <= now + MINUTE:
            self._heard.popitem(last=False)
        return len(self._heard)

    def learn(self, people: int) -> None:
        """Take in an ordinary minute; not called during an outage."""
        self.usual += (people - self.usual) * MINUTE / DAY
