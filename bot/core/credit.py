"""Credit: limits how much each server's reports can shift the learned baseline.

A young account weighs less than a person, and each server has a daily limit. Without it, a few accounts of one server
that report all day would raise the baseline and hide an outage in all servers.
"""

from collections.abc import Mapping
from math import exp
from typing import Any, NamedTuple, TypeAlias

from bot.core.reports import MINUTE, Report
from bot.core.saved import numbers
from bot.core.spread import YOUNG_WEIGHS

_KEPT = 60
"""Minutes that are kept. The baseline learns from a minute soon after its end."""
_ONE_SERVER, _ONE_SERVER_FEW = 1.5, 24.0
"""Per day, the baseline learns from one server at most this many times the usual number of all servers, plus this many
people..."""
_EACH = 2.0
"""... or, if that is more, this many for each person who reported there in the last day. So the baseline does learn
from a large server that is new, or the only one. The limit is an average over a day, because chance exceeds it in an
hour."""
_ONE_SIDED = 0.5
"""If the refused reports exceed this share of the counted ones over half a day, some accounts are inflating the
baseline."""
_NEGLIGIBLE = 0.01


class Credit(NamedTuple):
    """A server's people in a minute, by their weight, and its number of distinct reporters in the last day."""

    people: float
    today: int


Credits: TypeAlias = Mapping[int, Credit]
"""By server."""


class CreditedMinutes:
    """People by server and minute in the last hour."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[int, float]] = {}

    def add(self, report: Report) -> None:
        """Add the person who made this report."""
        minute = report.at // MINUTE
        if minute not in self._minutes:
            newest = max(minute, *self._minutes) if self._minutes else minute
            self._minutes = {at: servers for at, servers in self._minutes.items() if newest - at < _KEPT}
        servers = self._minutes.setdefault(minute, {})
        servers[report.guild_id] = servers.get(report.guild_id, 0.0) + (YOUNG_WEIGHS if report.young else 1.0)

    def of(self, minute: int) -> Mapping[int, float]:
        """Server -> people in a minute (since the epoch), by their weight."""
        return self._minutes.get(minute, {})


class Shares:
    """The share of its daily credit that each server has used: from 0 to 1, decaying with time."""

    def __init__(self) -> None:
        self._used: dict[int, float] = {}
        self._counted = self._refused = 0.0

    def pass_time(self, days: float) -> None:
        """Let the used credit decay."""
        left = exp(-days)
        self._used = {server: left * used for server, used in self._used.items() if left * used > _NEGLIGIBLE}
        self._counted, self._refused = self._counted * left**2, self._refused * left**2

    def take(self, credited: Credits, usual: float) -> float:
        """The number of people to learn from.

        `usual` is the usual number per day of all servers at this time of day.
        """
        counted = 0.0
        for server, (people, today) in credited.items():
            most, used = max(_ONE_SERVER * usual + _ONE_SERVER_FEW, _EACH * today), self._used.get(server, 0.0)
            one = min(people, (1 - used) * most)
            self._used[server] = used + one / most
            self._refused += people - one
            counted += one
        self._counted += counted
        return counted

    @property
    def one_sided(self) -> bool:
        """Whether a server reports far more than its credit."""
        return self._refused > _ONE_SIDED * self._counted

    def state(self) -> list[float]:
        """The state for `restore`. It names no servers, so after a restart each has its full daily credit again."""
        return [self._counted, self._refused]

    @classmethod
    def restore(cls, state: Any) -> "Shares":
        """Continue from a `state()`. Raises ValueError for anything else."""
        shares = cls()
        shares._counted, shares._refused = numbers(state, 2)
        return shares
