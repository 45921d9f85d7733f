"""Reports by number, stored in columns of machine integers: 30 bytes each, where objects would take 200."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

from bot.core.reports import Report

Traits: TypeAlias = tuple[str, str | None, bool]
"""Service, symptom and whether the account was young: few combinations exist, so each is stored once."""


_traits = itemgetter(1, 4, 6)


def _int64s() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class _Side:
    ids: "array[int]" = field(default_factory=_int64s)
    guilds: "array[int]" = field(default_factory=_int64s)
    reporters: "array[int]" = field(default_factory=_int64s)
    times: "array[int]" = field(default_factory=lambda: array("I"))  # seconds until the year 2106
    codes: "array[int]" = field(default_factory=lambda: array("H"))

    def put(self, reports: Sequence[Report], codes: Sequence[int]) -> None:
        ids, _, guilds, reporters, _, times, _ = zip(*reports, strict=True)
        self.ids.extend(ids)
        self.guilds.extend(guilds)
        self.reporters.extend(reporters)
        self.times.extend(times)
        self.codes.extend(codes)

    def drop(self, part: slice) -> None:
        for column in (self.ids, self.guilds, self.reporters, self.times, self.codes):
            del column[part]


class ReportColumns:
    """Reports with consecutive numbers, older ones lower; they are added at both ends, so numbers may be negative."""

    def __init__(self) -> None:
        self._pivot = 0
        self._past, self._since = _Side(), _Side()  # numbers below the pivot, descending; the others, ascending
        self._traits_by_code: list[Traits] = []
        self._codes: dict[Traits, int] = {}

    @property
    def first(self) -> int:
        """The lowest number in use."""
        return self._pivot - len(self._past.ids)

    @property
    def end(self) -> int:
        """The number that the next report will get."""
        return self._pivot + len(self._since.ids)

    def append(self, report: Report) -> int:
        """Add a report as the newest. Returns its number."""
        self._since.put((report,), (self._code(_traits(report)),))
        return self.end - 1

    def prepend(self, reports: Sequence[Report]) -> range:
        """Add older reports, given newest first. Returns their numbers."""
        end = self.first
        if reports:
            self._past.put(reports, [self._code(traits) for traits in map(_traits, reports)])
        return range(end - 1, self.first - 1, -1)

    def __getitem__(self, number: int) -> Report:
        side, place = self._locate(number)
        service, symptom, young = self._traits_by_code[side.codes[place]]
        return Report(
            side.ids[place], service, side.guilds[place], side.reporters[place], symptom, side.times[place], young
        )

    def id(self, number: int) -> int:
        """The id of a report."""
        side, place = self._locate(number)
        return side.ids[place]

    def at(self, number: int) -> int:
        """When a report was made."""
        side, place = self._locate(number)
        return side.times[place]

    def reporter(self, number: int) -> int:
        """Who made a report."""
        side, place = self._locate(number)
        return side.reporters[place]

    def change(self, number: int, symptom: str | None) -> None:
        """Change the symptom of a report."""
        side, place = self._locate(number)
        service, _, young = self._traits_by_code[side.codes[place]]
        side.codes[place] = self._code((service, symptom, young))

    def drop_before(self, number: int) -> None:
        """Remove the reports with lower numbers."""
        if number < self._pivot:
            self._past.drop(slice(self._pivot - number, None))
        else:
            self._past = _Side()
            self._since.drop(slice(number - self._pivot))
            self._pivot = number

    def _locate(self, number: int) -> tuple[_Side, int]:
        place = number - self._pivot
        return (self._since, place) if place >= 0 else (self._past, -1 - place)

    def _code(self, traits: Traits) -> int:
        number = self._codes.get(traits)
        if number is None:
            number = self._codes[traits] = len(self._traits_by_code)
            self._traits_by_code.append(traits)
        return number
