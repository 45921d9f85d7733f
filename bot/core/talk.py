"""Talk of trouble: how many people wrote messages that sound as if the service failed. In memory, for 15 minutes.

It is weaker evidence than a report, which takes a deliberate press. It is never shown as reports, only used as extra
evidence.
"""

from collections import Counter, OrderedDict

from bot.core.reports import DAY, MANY_AT_ONCE, MINUTE

HEARD_FOR = 15 * MINUTE
_MOST = 10_000


class Talk:
    """The reporters (keyed hashes) who mentioned trouble with one service in the last minutes."""

    def __init__(self) -> None:
        self._last_at: OrderedDict[int, float] = OrderedDict()
        self._only_of: dict[int, str] = {}  # those who only mentioned a symptom that counts if many have it
        self.usual = 0.0
        """People in 15 minutes on an ordinary day (a running mean over about a day)."""
        self.elsewhere = 0
        """People seen by other processes of this bot; a person who writes in servers of two processes counts twice."""

    def hear(self, reporter: int, now: float, only_if_many: str | None = None) -> None:
        """Add a person who mentions trouble; `only_if_many` is a symptom that counts if many have it at once."""
        if only_if_many is None:
            self._only_of.pop(reporter, None)
        elif reporter not in self._last_at or reporter in self._only_of:
            self._only_of[reporter] = only_if_many
        self._last_at[reporter] = now
        self._last_at.move_to_end(reporter)
        if len(self._last_at) > _MOST:
            self._drop_oldest()

    def forget(self, reporter: int) -> None:
        """Remove a person, as if they had written nothing."""
        self._last_at.pop(reporter, None)
        self._only_of.pop(reporter, None)

    def people(self, now: float) -> int:
        """How many people mentioned trouble in the last 15 minutes."""
        return self.people_here(now) + self.elsewhere

    def people_here(self, now: float) -> int:
        """How many of them this process saw itself."""
        while self._last_at and not now - HEARD_FOR < next(iter(self._last_at.values())) <= now + MINUTE:
            self._drop_oldest()
        few = sum(people for people in Counter(self._only_of.values()).values() if people < MANY_AT_ONCE)
        return len(self._last_at) - few

    def _drop_oldest(self) -> None:
        reporter, _ = self._last_at.popitem(last=False)
        self._only_of.pop(reporter, None)

    def learn(self, people: int) -> None:
        """Learn from an ordinary minute; not called during an outage."""
        self.usual += (people - self.usual) * MINUTE / DAY
