"""Tallies: distinct reporters in the last 15 minutes, hour and day, here and everywhere.

The database is the truth; a `Mirror` holds the last day of one service in memory and answers in
constant time. Each person counts once per window, in the window and server of their newest report.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from bot.core.reports import DAY, HOUR, MINUTE, Report

WINDOWS = (15 * MINUTE, HOUR, DAY)
_COMPACT_AFTER = 4096
_Key = TypeVar("_Key")
MIN_DAYS_FOR_USUAL = 3


@dataclass(frozen=True, slots=True)
class Counts:
    """Distinct people in the last 15 minutes, the last hour and the last 24 hours."""

    quarter: int = 0
    hour: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What people report about one service.

    `here` is None where there is no server (direct messages). `servers` have somebody who reported in
    the last 15 minutes. `usual` is the count of people in 15 minutes at this hour on an ordinary day,
    None until there is history. `symptoms` maps symptom id to people, last 15 minutes, most first.
    `asker_counted` says whether the person asking is among the 15-minute count.
    """

    everywhere: Counts = Counts()
    here: Counts | None = None
    servers: int = 0
    usual: float | None = None
    symptoms: Mapping[str, int] = field(default_factory=dict[str, int])
    asker_counted: bool = False

    @property
    def others(self) -> int:
        """People in the last 15 minutes, the asker left out."""
        return self.everywhere.quarter - int(self.asker_counted)


@dataclass(slots=True)
class _Window:
    length: int
    start: int = 0
    total: int = 0
    by_guild: Counter[int] = field(default_factory=Counter[int])
    by_symptom: Counter[str] = field(default_factory=Counter[str])

    def count(self, report: Report, change: int) -> None:
        self.total += change
        _bump(self.by_guild, report.guild_id, change)
        if report.symptom:
            _bump(self.by_symptom, report.symptom, change)


class Mirror:
    """The last 24 hours of one service, exact to the second; reads cost the same however many reports.

    Reports must come in the order of their ids. A reporter's newest report carries their count; the
    one before it is remembered so that taking the newest back restores the older one.
    """

    def __init__(self) -> None:
        self._reports: list[Report] = []
        self._previous: list[int] = []
        self._base = 0
        self._newest: dict[int, int] = {}
        self._windows = tuple(_Window(length) for length in WINDOWS)

    def load(self, reports: Iterable[Report]) -> None:
        """Fill from the log, oldest first."""
        for report in reports:
            self.add(report)

    def add(self, report: Report) -> None:
        """Count a report; the caller has checked that it may count (`newest`)."""
        number = self._base + len(self._reports)
        before = self._newest.get(report.reporter, -1)
        self._reports.append(report)
        self._previous.append(before)
        self._newest[report.reporter] = number
        for window in self._windows:
            if before >= window.start:
                window.count(self._at(before), -1)
            window.count(report, +1)

    def newest(self, reporter: int, now: float) -> Report | None:
        """The reporter's newest standing report of the last day."""
        self._expire(now)
        number = self._newest.get(reporter)
        return None if number is None else self._at(number)

    def replace_newest(self, changed: Report) -> None:
        """Take in another symptom for a reporter's newest report."""
        number = self._newest[changed.reporter]
        for window in self._windows:
            if number >= window.start:
                window.count(self._at(number), -1)
                window.count(changed, +1)
        self._reports[number - self._base] = changed

    def withdraw(self, reporter: int) -> Report | None:
        """Take the newest report of a reporter out of the count, and give it back."""
        number = self._newest.pop(reporter, None)
        if number is None:
            return None
        gone, before = self._at(number), self._previous[number - self._base]
        if before >= self._base:
            self._newest[reporter] = before
        for window in self._windows:
            if number >= window.start:
                window.count(gone, -1)
                if before >= window.start:
                    window.count(self._at(before), +1)
        return gone

    def tally(self, now: float, guild_id: int | None, usual: float | None = None) -> Tally:
        """The counts at `now` (epoch seconds), with those of one server if `guild_id` is given."""
        self._expire(now)
        quarter, hour, day = self._windows
        here = None
        if guild_id:
            here = Counts(quarter.by_guild[guild_id], hour.by_guild[guild_id], day.by_guild[guild_id])
        return Tally(
            everywhere=Counts(quarter.total, hour.total, day.total),
            here=here,
            servers=len(quarter.by_guild) - (0 in quarter.by_guild),
            usual=usual,
            symptoms=dict(quarter.by_symptom.most_common()),
        )

    def _at(self, number: int) -> Report:
        return self._reports[number - self._base]

    def _expire(self, now: float) -> None:
        end = self._base + len(self._reports)
        for window in self._windows:
            while window.start < end and self._at(window.start).at <= now - window.length:
                report = self._at(window.start)
                if self._newest.get(report.reporter) == window.start:
                    window.count(report, -1)
                window.start += 1
        self._forget_before(self._windows[-1].start)

    def _forget_before(self, first: int) -> None:
        if first - self._base < _COMPACT_AFTER:
            return
        for number in range(self._base, first):
            reporter = self._at(number).reporter
            if self._newest.get(reporter) == number:
                del self._newest[reporter]
        del self._reports[: first - self._base]
        del self._previous[: first - self._base]
        self._base = first


class Board:
    """The mirrors of all services, and what is usual for each hour of the day."""

    def __init__(self, services: Iterable[str]) -> None:
        self._mirrors = {service: Mirror() for service in services}
        self._usual: Mapping[str, Mapping[int, float]] = {}

    def mirror(self, service_id: str) -> Mirror:
        """The mirror of one service."""
        return self._mirrors[service_id]

    def set_usual(self, usual: Mapping[str, Mapping[int, float]]) -> None:
        """Take in what is usual: service -> hour of day (UTC) -> people in 15 minutes."""
        self._usual = usual

    def tally(self, service_id: str, now: float, guild_id: int | None, reporter: int | None = None) -> Tally:
        """The tally as `reporter` sees it from a server; None for nobody, or nowhere, in particular."""
        mirror = self._mirrors[service_id]
        usual = self._usual.get(service_id, {}).get(int(now // HOUR) % 24)
        tally = mirror.tally(now, guild_id, usual)
        if reporter is None:
            return tally
        own = mirror.newest(reporter, now)
        counted = own is not None and own.at > now - WINDOWS[0]
        return Tally(tally.everywhere, tally.here, tally.servers, tally.usual, tally.symptoms, counted)


def usual_by_hour(hours: Mapping[int, int]) -> dict[int, float]:
    """People in 15 minutes on an ordinary day, by hour of day (UTC), from folded hours.

    `hours` maps hours since the epoch to reports counted in that hour. The median over the days is
    taken, so that past outages do not become usual; an hour with too few days is left out.
    """
    by_hour: dict[int, list[int]] = {}
    for hour, reports in hours.items():
        by_hour.setdefault(hour % 24, []).append(reports)
    return {hour: median(values) / 4 for hour, values in by_hour.items() if len(values) >= MIN_DAYS_FOR_USUAL}


def _bump(counter: Counter[_Key], key: _Key, change: int) -> None:
    left = counter[key] + change
    if left:
        counter[key] = left
    else:
        del counter[key]
