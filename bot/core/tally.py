"""Tallies: distinct reporters in the last 15 minutes, hour and day, here and everywhere.

The database is the truth; a `Mirror` holds the last day of one service in memory and answers in
constant time. Each person counts once per window, in the window and server of their newest report.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.core.reports import DAY, HOUR, MINUTE, Report

WINDOWS = (15 * MINUTE, HOUR, DAY)
ELSEWHERE = 2.0
"""People outside the server with most of them who make an outage one of other servers, too."""

YOUNG_WEIGHS = 0.25
_COMPACT_AFTER = 4096
_STEP_BACK = MINUTE
"""Seconds by which a clock may run behind without being taken for one that was set back."""
_Key = TypeVar("_Key")


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
    the last 15 minutes. `usual` is the count of people in 15 minutes on an ordinary day at this time, as the
    outage detector learned it; None until there is history. `symptoms` maps symptom id to people in the last 15
    minutes, most first.
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
    young_by_guild: Counter[int] = field(default_factory=Counter[int])
    by_symptom: Counter[str] = field(default_factory=Counter[str])

    def count(self, report: Report, change: int) -> None:
        self.total += change
        _bump(self.by_guild, report.guild_id, change)
        if report.young:
            _bump(self.young_by_guild, report.guild_id, change)
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
        self._minutes: Counter[int] = Counter()
        self._withdrawn: set[int] = set()
        self._now = 0.0

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
        self._minutes[report.at // MINUTE] += 1
        self._now = max(self._now, report.at)
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
        self._withdrawn.add(number)
        _bump(self._minutes, gone.at // MINUTE, -1)
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

    def people_in(self, guild_id: int, now: float) -> int:
        """People of one server in the last 15 minutes; those of no server with 0."""
        self._expire(now)
        return self._windows[0].by_guild[guild_id]

    def newly(self, minute: int) -> int:
        """People newly counted in a minute (since the epoch) of the last 24 hours."""
        return self._minutes.get(minute, 0)

    def servers_by_reports(self, now: float) -> Mapping[int, int]:
        """Server -> people in the last hour, for those that have any."""
        self._expire(now)
        return dict(self._windows[1].by_guild)

    def only_server(self, now: float) -> int | None:
        """The one server that nearly all people of the last hour are in; None if others say the same.

        Others are at least two people outside of it, where four young accounts weigh as much as one. Direct messages
        are a place like a server, with the id 0.
        """
        self._expire(now)
        hour = self._windows[1]
        weights = {guild: n - (1 - YOUNG_WEIGHS) * hour.young_by_guild[guild] for guild, n in hour.by_guild.items()}
        largest = max(weights, key=lambda guild: weights[guild], default=None)
        elsewhere = sum(weights.values()) - weights.get(largest or 0, 0.0)
        return largest if elsewhere < ELSEWHERE else None

    def _at(self, number: int) -> Report:
        return self._reports[number - self._base]

    def _expire(self, now: float) -> None:
        if now < self._now - _STEP_BACK:
            self._count_anew(now)
        self._now = now
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
            report = self._at(number)
            if self._newest.get(report.reporter) == number:
                del self._newest[report.reporter]
            self._minutes.pop(report.at // MINUTE, None)
        self._withdrawn = {number for number in self._withdrawn if number >= first}
        del self._reports[: first - self._base]
        del self._previous[: first - self._base]
        self._base = first

    def _count_anew(self, now: float) -> None:
        """The clock was set back: what it had let expire counts again, what lies ahead of it never was."""
        standing = [r for n, r in enumerate(self._reports, self._base) if n not in self._withdrawn and r.at <= now]
        self._reports, self._previous, self._base = [], [], 0
        self._newest, self._withdrawn = {}, set()
        self._windows = tuple(_Window(length) for length in WINDOWS)
        self._minutes = Counter()
        self.load(standing)


class Board:
    """The mirrors of all services, and what is usual for each now."""

    def __init__(self, services: Iterable[str]) -> None:
        self._mirrors = {service: Mirror() for service in services}
        self._usual: dict[str, float | None] = {}

    def mirror(self, service_id: str) -> Mirror:
        """The mirror of one service."""
        return self._mirrors[service_id]

    def set_usual(self, service_id: str, usual: float | None) -> None:
        """Take in how many people in 15 minutes are usual now; None for not known."""
        self._usual[service_id] = usual

    def tally(self, service_id: str, now: float, guild_id: int | None, reporter: int | None = None) -> Tally:
        """The tally as `reporter` sees it from a server; None for nobody, or nowhere, in particular."""
        mirror = self._mirrors[service_id]
        tally = mirror.tally(now, guild_id, self._usual.get(service_id))
        if reporter is None:
            return tally
        own = mirror.newest(reporter, now)
        counted = own is not None and own.at > now - WINDOWS[0]
        return Tally(tally.everywhere, tally.here, tally.servers, tally.usual, tally.symptoms, counted)


def _bump(counter: Counter[_Key], key: _Key, change: int) -> None:
    left = counter[key] + change
    if left:
        counter[key] = left
    else:
        del counter[key]
