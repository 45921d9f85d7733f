"""Reports by number, kept in columns of machine integers: 30 bytes each, where objects would take 200."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

from bot.core.reports import Report

Kind: TypeAlias = tuple[str, str | None, bool]
"""What few reports differ in: service, symptom, whether the account was young."""


_kind = itemgetter(1, 4, 6)


def _wide() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class _Side:
    ids: "array[int]" = field(default_factory=_wide)
    guilds: "array[int]" = field(default_factory=_wide)
    reporters: "array[int]" = field(default_factory=_wide)
    times: "array[int]" = field(default_factory=lambda: array("I"))  # seconds until the year 2106
    kinds: "array[int]" = field(default_factory=lambda: array("H"))

    def put(self, reports: Sequence[Report], kinds: Sequence[int]) -> None:
        ids, _, guilds, reporters, _, times, _ = zip(*reports, strict=True)
        self.ids.extend(ids)
        self.guilds.extend(guilds)
        self.reporters.extend(reporters)
        self.times.extend(times)
        self.kinds.extend(kinds)

    def drop(self, part: slice) -> None:
        for column in (self.ids, self.guilds, self.reporters, self.times, self.kinds):
            del column[part]


class ReportColumns:
    """Grows at both ends: numbers follow one another, older reports have the lower ones, which may be negative."""

    def __init__(self) -> None:
        self._pivot = 0
        self._past, self._since = _Side(), _Side()  # the numbers below the pivot, downwards; the others, upwards
        self._kinds: list[Kind] = []
        self._numbers: dict[Kind, int] = {}

    @property
    def first(self) -> int:
        """The lowest number there is."""
        return self._pivot - len(self._past.ids)

    @property
    def end(self) -> int:
        """The number that the next report will get."""
        return self._pivot + len(self._since.ids)

    def append(self, report: Report) -> int:
        """Put a report behind all others; gives its number."""
        self._since.put((report,), (self._number(_kind(report)),))
        return self.end - 1

    def prepend(self, reports: Sequence[Report]) -> range:
        """Put reports, the newest first, before all others; gives their numbers."""
        end = self.first
        if reports:
            self._past.put(reports, [self._number(kind) for kind in map(_kind, reports)])
        return range(end - 1, self.first - 1, -1)

    def __getitem__(self, number: int) -> Report:
        side, place = self._find(number)
        service, symptom, young = self._kinds[side.kinds[place]]
        return Report(
            side.ids[place], service, side.guilds[place], side.reporters[place], symptom, side.times[place], young
        )

    def id(self, number: int) -> int:
        """The id of a report."""
        side, place = self._find(number)
        return side.ids[place]

    def at(self, number: int) -> int:
        """When a report was made."""
        side, place = self._find(number)
        return side.times[place]

    def reporter(self, number: int) -> int:
        """Who made it."""
        side, place = self._find(number)
        return side.reporters[place]

    def change(self, number: int, symptom: str | None) -> None:
        """Let a report say that something else is wrong."""
        side, place = self._find(number)
        service, _, young = self._kinds[side.kinds[place]]
        side.kinds[place] = self._number((service, symptom, young))

    def drop_before(self, number: int) -> None:
        """Forget the reports with lower numbers."""
        if number < self._pivot:
            self._past.drop(slice(self._pivot - number, None))
        else:
            self._past = _Side()
            self._since.drop(slice(number - self._pivot))
            self._pivot = number

    def _find(self, number: int) -> tuple[_Side, int]:
        place = number - self._pivot
        return (self._since, place) if place >= 0 else (self._past, -1 - place)

    def _number(self, kind: Kind) -> int:
        number = self._numbers.get(kind)
        if number is None:
            number = self._numbers[kind] = len(self._kinds)
            self._kinds.append(kind)
        return number
