"""Credit: whose reports what is usual is learned from.

A young account weighs less than a person, and a few accounts of one server that report all day are not a crowd: they
would teach the bot a usual number that hides an outage in all servers.
"""

from collections.abc import Mapping
from math import exp
from typing import Any, NamedTuple, TypeAlias

from bot.core.reports import MINUTE, Report
from bot.core.saved import numbers
from bot.core.spread import YOUNG_WEIGHS

_KEPT = 60
"""Minutes that are kept: what is usual is learned from a minute soon after its end."""
_ONE_SERVER, _ONE_SERVER_FEW = 1.5, 24.0
"""In a day one server teaches at most this many times what is usual everywhere, and so many people more..."""
_EACH = 2.0
"""... or, if that is more, so many for each of its people who reported in the last day. A large server that is new, or
the only one, is learned from: its people are many. It is an average over a day, as chance exceeds it in an hour."""
_ONE_SIDED = 0.5
"""Somebody teaches us if more is refused than this part of what counts, over half a day."""
_NEGLIGIBLE = 0.01


class Credit(NamedTuple):
    """The people of a server in a minute, by their weight, and how many different ones it had in the last day."""

    people: float
    today: int


Credits: TypeAlias = Mapping[int, Credit]
"""By server."""


class CreditedMinutes:
    """People by server and minute, of the last hour."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[int, float]] = {}

    def add(self, report: Report) -> None:
        """Add a person by their report."""
        minute = report.at // MINUTE
        if minute not in self._minutes:
            newest = max(minute, *self._minutes) if self._minutes else minute
            self._minutes = {at: servers for at, servers in self._minutes.items() if newest - at < _KEPT}
        servers = self._minutes.setdefault(minute, {})
        servers[report.guild_id] = servers.get(report.guild_id, 0.0) + (YOUNG_WEIGHS if report.young else 1.0)

    def of(self, minute: int) -> Mapping[int, float]:
        """Server -> people in a minute since the epoch, by their weight."""
        return self._minutes.get(minute, {})


class Shares:
    """How much of what it may teach in a day each server has used: from 0 to 1, and less with time."""

    def __init__(self) -> None:
        self._used: dict[int, float] = {}
        self._counted = self._refused = 0.0

    def pass_time(self, days: float) -> None:
        """Give back what was used so long ago."""
        left = exp(-days)
        self._used = {server: left * used for server, used in self._used.items() if left * used > _NEGLIGIBLE}
        self._counted, self._refused = self._counted * left**2, self._refused * left**2

    def take(self, credited: Credits, usual: float) -> float:
        """The people that are learned from. At this time of day `usual` people a day are usual everywhere."""
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
        """Whether a server brings much more than it may teach."""
        return self._refused > _ONE_SIDED * self._counted

    def state(self) -> list[float]:
        """What `restore` needs. It names no server: after a restart each may teach for another day."""
        return [self._counted, self._refused]

    @classmethod
    def restore(cls, state: Any) -> "Shares":
        """Continue from a `state()`. Raises ValueError for anything else."""
        shares = cls()
        shares._counted, shares._refused = numbers(state, 2)
        return shares
