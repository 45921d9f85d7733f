"""Reports: one person says the service fails for them, now."""

from typing import NamedTuple

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR

COUNTED_ONCE_FOR = 15 * MINUTE
"""One person counts once per service in this many seconds, whatever they press."""

MANY_AT_ONCE = 3
"""The number of people who must have a `Counted.MANY` symptom at once before it counts."""

YOUNG_FOR = 7 * DAY
_DISCORD_EPOCH = 1_420_070_400

EVERYWHERE = 0
"""The guild id of a report that came from a direct message or a server we are not in."""


class Report(NamedTuple):
    """A counted report. `at` is epoch seconds; `reporter` a keyed hash; `guild_id` 0 for no server."""

    id: int
    service: str
    guild_id: int
    reporter: int
    symptom: str | None
    at: int
    young: bool = False
    """Whether the account was less than a week old then. In a raid most accounts are."""


def is_young(user_id: int, now: float) -> bool:
    """Whether an account is less than a week old; its id has its creation time (docs.discord.com, "Snowflakes")."""
    return now - ((user_id >> 22) / 1000 + _DISCORD_EPOCH) < YOUNG_FOR


class ReportIds:
    """Ids that grow with time and are unique, even if the clock is set back.

    `worker_id` differs in each process of one bot; only its value modulo `MAX_WORKERS` is used.
    """

    MAX_WORKERS = 1 << 16
    _SEQUENCE_BITS = 20

    def __init__(self, last: int = 0, worker_id: int = 0) -> None:
        self._last = last // self.MAX_WORKERS
        self._worker_id = worker_id % self.MAX_WORKERS

    def next(self, now: float) -> int:
        """A new id: the milliseconds of `now` (epoch seconds) in the upper bits, the worker id in the lowest."""
        self._last = max(self._last + 1, (int(now * 1000) << self._SEQUENCE_BITS) // self.MAX_WORKERS)
        return self._last * self.MAX_WORKERS + self._worker_id
