"""Tallies: distinct reporters in the last 15 minutes, hour and day, here and everywhere.

The database is authoritative; a `Mirror` holds the last day of one service in memory and answers in constant time.
Each person counts once per window, in the server of their newest report.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, TypeVar

from bot.core.credit import Credit, CreditedMinutes, Credits
from bot.core.report_columns import ReportColumns
from bot.core.reports import DAY, HOUR, MINUTE, Report
from bot.core.spread import Reporters

WINDOWS = (15 * MINUTE, HOUR, DAY)
_COMPACT_AFTER = 4096
HEARD_ONCE_FOR = HOUR
"""The outage detector counts a person at most once in this time."""
_MOST_REMEMBERED = 4096
"""If more people than this are remembered for it, those of more than an hour ago are removed."""
_STEP_BACK = MINUTE
"""A clock that is behind by at most this many seconds does not count as set back."""
_PARTS = 512
"""People are spread over this many dictionaries: growing a single one with a million entries would block for 60 ms."""
_Key = TypeVar("_Key")


class Counts(NamedTuple):
    """Distinct people in the last 15 minutes, the last hour and the last 24 hours."""

    quarter: int = 0
    hour: int = 0
    day: int = 0


class Tally(NamedTuple):
    """The reports about one service.

    `here` is None without a server (direct messages). `servers` is the number of servers with a report in the last 15
    minutes. `usual` is the usual number of people in 15 minutes at this time, as the outage detector learned it; None
    without history. `symptoms` maps symptom id to people in the last 15 minutes. `asker_counted` says whether the
    person asking is in the 15-minute count. `whole_day` is false during the first seconds after a start, while the day
    is still loading: its count is too low then and must not be shown. `few_servers` is true if the reports come from
    the same few servers, which delays the detection of an outage.
    """

    everywhere: Counts = Counts()
    here: Counts | None = None
    servers: int = 0
    usual: float | None = None
    symptoms: Mapping[str, int] = {}
    asker_counted: bool = False
    whole_day: bool = True
    few_servers: bool = False

    @property
    def others(self) -> int:
        """People in the last 15 minutes without the person asking."""
        return self.everywhere.quarter - int(self.asker_counted)


@dataclass(slots=True)
class _Window:
    """The people of a time window: those whose newest report has the number `start` or higher."""

    length: int
    start: int = 0
    total: int = 0
    by_guild: dict[int, int] = field(default_factory=dict[int, int])

    def count(self, report: Report, change: int) -> None:
        self.total += change
        _bump(self.by_guild, report.guild_id, change)

    def take(self, reports: Sequence[Report]) -> None:
        """Count several people at once."""
        self.total += len(reports)
        for guild, people in Counter(report.guild_id for report in reports).items():
            _bump(self.by_guild, guild, people)


@dataclass(slots=True)
class _Quarter(_Window):
    by_symptom: dict[str, int] = field(default_factory=dict[str, int])

    def count(self, report: Report, change: int) -> None:
        _Window.count(self, report, change)
        if report.symptom:
            _bump(self.by_symptom, report.symptom, change)

    def take(self, reports: Sequence[Report]) -> None:
        for report in reports:
            self.count(report, +1)


@dataclass(slots=True)
class _Hour(_Window):
    young_by_guild: dict[int, int] = field(default_factory=dict[int, int])

    def count(self, report: Report, change: int) -> None:
        _Window.count(self, report, change)
        if report.young:
            _bump(self.young_by_guild, report.guild_id, change)

    def take(self, reports: Sequence[Report]) -> None:
        for report in reports:
            self.count(report, +1)


class Mirror:
    """The last 24 hours of one service, exact to the second.

    The cost of a read does not depend on the number of reports. A reporter counts through their newest report (by its
    id). The report before it is remembered, so that withdrawing the newest one restores it. Reports are added in the
    order of their ids. Only reports from another process may arrive some seconds late: they count at once, and stay in
    a window longer by their delay. A report that was already added is ignored.

    For the outage detector a person counts once per hour, even if they withdraw their report and report again: a person
    who reports all the time must not look like a crowd.
    """

    def __init__(self) -> None:
        self._clear()
        self._now = 0.0

    def _clear(self) -> None:
        self._log = ReportColumns()
        self._newest = tuple(dict[int, int]() for _ in range(_PARTS))
        self._before: dict[int, int] = {}  # a report -> the same person's report before it, if any
        self._quarter, self._hour, self._day = _Quarter(WINDOWS[0]), _Hour(WINDOWS[1]), _Window(WINDOWS[2])
        self._windows = (self._quarter, self._hour, self._day)
        self._minutes: dict[int, int] = {}
        self._reported: dict[int, int] = {}  # like `_minutes`, but withdrawn reports stay
        self._credit = CreditedMinutes()  # the people of `_reported` in the last hour, by server
        self._heard_at: dict[int, int] = {}  # a reporter who withdrew, or reported again within the hour -> when heard
        self._symptoms: dict[int, dict[str, int]] = {}  # minute -> symptom -> people
        self._withdrawn: set[int] = set()
        self._due = inf  # when the next person leaves a window, or earlier

    def add(self, report: Report) -> None:
        """Count a report; the caller has checked that it may count (`newest`)."""
        newer, before = None, self._if_kept(self._number(report.reporter))
        while before is not None and self._log.id(before) >= report.id:
            if self._log.id(before) == report.id:
                return
            newer, before = before, self._if_kept(self._before.get(before))
        number = self._log.append(report)
        self._count_minute(report, +1)
        if not self._reported_within_the_hour(report, before):
            _bump(self._reported, report.at // MINUTE, +1)
            self._credit.add(report)
        self._now = max(self._now, report.at)
        self._due = min(self._due, report.at + WINDOWS[0])
        if before is not None:
            self._before[number] = before
        if newer is not None:
            self._before[newer] = number
            return
        self._newest[report.reporter % _PARTS][report.reporter] = number
        older = None if before is None else self._log[before]
        for window in self._windows:
            if older is not None and before is not None and before >= window.start:
                window.count(older, -1)
            window.count(report, +1)

    def load(self, reports: Sequence[Report], now: float) -> None:
        """Add reports from the log, newest first, all older than those added so far; `now` as for `tally`.

        Reports later than `now` were made while the clock was wrong; they do not count.
        """
        self._expire(now)
        reports = [report for report in reports if now - DAY < report.at <= now + _STEP_BACK]
        counted = list[Report]()
        for number, report in zip(self._log.prepend(reports), reports, strict=True):
            newest = self._newest[report.reporter % _PARTS]
            if newest.setdefault(report.reporter, number) == number:
                counted.append(report)
            else:
                self._before[self._oldest(newest[report.reporter])] = number
        for minute, people in Counter(report.at // MINUTE for report in reports).items():
            _bump(self._minutes, minute, people)
            _bump(self._reported, minute, people)
        counts = Counter((report.at // MINUTE, report.symptom) for report in reports if report.symptom)
        for (minute, symptom), people in counts.items():
            _bump(self._symptoms.setdefault(minute, {}), symptom, people)
        for window in self._windows:
            window.start -= _since(reports, now - window.length)
            window.take(counted[: _since(counted, now - window.length)])
        self._due = 0.0

    def newest(self, reporter: int, now: float) -> Report | None:
        """The reporter's newest report of the last day that was not withdrawn."""
        self._expire(now)
        number = self._number(reporter)
        return None if number is None else self._log[number]

    def replace_newest(self, changed: Report) -> None:
        """Replace a reporter's newest report by one with another symptom."""
        number = self._newest[changed.reporter % _PARTS][changed.reporter]
        if number >= self._quarter.start:
            self._quarter.count(self._log[number], -1)
            self._quarter.count(changed, +1)
        self._count_minute(self._log[number], -1)
        self._log.change(number, changed.symptom)
        self._count_minute(self._log[number], +1)

    def withdraw(self, reporter: int) -> Report | None:
        """Withdraw the newest report of a reporter. Returns it, or None if there is none."""
        number = self._newest[reporter % _PARTS].pop(reporter, None)
        if number is None:
            return None
        gone, before = self._log[number], self._if_kept(self._before.pop(number, None))
        self._withdrawn.add(number)
        self._count_minute(gone, -1)
        self._remember(gone)
        for window in self._windows:
            if number >= window.start:
                window.count(gone, -1)
        if before is not None:
            self._newest[reporter % _PARTS][reporter] = before
            for window in self._windows:
                if before >= window.start:
                    window.count(self._log[before], +1)
        return gone

    def tally(self, now: float, guild_id: int | None, usual: float | None = None, reporter: int | None = None) -> Tally:
        """The counts at `now` (epoch seconds), with those of one server if `guild_id` is given."""
        self._expire(now)
        quarter, hour, day = self._windows
        here = None
        if guild_id:
            here = Counts(
                quarter.by_guild.get(guild_id, 0), hour.by_guild.get(guild_id, 0), day.by_guild.get(guild_id, 0)
            )
        number = None if reporter is None else self._number(reporter)
        return Tally(
            Counts(quarter.total, hour.total, day.total),
            here,
            len(quarter.by_guild) - (0 in quarter.by_guild),
            usual,
            self._quarter.by_symptom.copy(),
            number is not None and number >= quarter.start,
        )

    def people_in(self, guild_id: int, now: float) -> int:
        """People of one server in the last 15 minutes; 0 means direct messages."""
        self._expire(now)
        return self._quarter.by_guild.get(guild_id, 0)

    def counted(self, minute: int) -> int:
        """People newly counted in a minute (since the epoch) of the last 24 hours."""
        return self._minutes.get(minute, 0)

    def reported(self, minute: int) -> int:
        """People who reported in a minute, each at most once per hour, including reports withdrawn since."""
        return self._reported.get(minute, 0)

    def credited(self, minute: int) -> Credits:
        """Like `reported`, but by server, in a minute of the last hour. The baseline is learned from this."""
        today = self._day.by_guild
        return {guild: Credit(people, today.get(guild, 0)) for guild, people in self._credit.of(minute).items()}

    def symptoms_in(self, minutes: range) -> dict[str, int]:
        """Symptom -> people among those newly counted in these minutes of the last 24 hours."""
        people = dict[str, int]()
        for minute in minutes:
            for symptom, count in self._symptoms.get(minute, {}).items():
                people[symptom] = people.get(symptom, 0) + count
        return people

    def reporters(self, now: float) -> dict[int, Reporters]:
        """Server -> people who reported in the last hour; server 0 is none, or one that we are not in."""
        self._expire(now)
        young = self._hour.young_by_guild
        return {guild: Reporters(people, young.get(guild, 0)) for guild, people in self._hour.by_guild.items()}

    def _reported_within_the_hour(self, report: Report, before: int | None) -> bool:
        """Whether the detector counted this person in the hour before.

        `before` is the number of their previous report.
        """
        heard_at = self._heard_at.get(report.reporter)
        if heard_at is None and before is not None:
            heard_at = self._log.at(before)
        if heard_at is not None and 0 <= report.at - heard_at < HEARD_ONCE_FOR:
            self._heard_at[report.reporter] = heard_at
            return True
        self._heard_at.pop(report.reporter, None)
        return False

    def _remember(self, gone: Report) -> None:
        """Remember that a person was counted whose report is withdrawn."""
        if len(self._heard_at) >= _MOST_REMEMBERED:
            recent = {one: at for one, at in self._heard_at.items() if self._now - at < HEARD_ONCE_FOR}
            self._heard_at = recent
        if self._now - gone.at < HEARD_ONCE_FOR:
            self._heard_at.setdefault(gone.reporter, gone.at)

    def _count_minute(self, report: Report, change: int) -> None:
        minute = report.at // MINUTE
        _bump(self._minutes, minute, change)
        if report.symptom:
            _bump(self._symptoms.setdefault(minute, {}), report.symptom, change)

    def _oldest(self, number: int) -> int:
        """The oldest report of the person who made this report."""
        while (before := self._before.get(number)) is not None:
            number = before
        return number

    def _number(self, reporter: int) -> int | None:
        """The number of the reporter's newest report."""
        return self._newest[reporter % _PARTS].get(reporter)

    def _if_kept(self, number: int | None) -> int | None:
        """The number, or None if its report was dropped."""
        return None if number is None or number < self._log.first else number

    def _expire(self, now: float) -> None:
        if self._now <= now < self._due:
            self._now = now
            return
        if now < self._now - _STEP_BACK:
            self._count_anew(now)
        self._now, self._due = now, inf
        log = self._log
        for window in self._windows:
            while window.start < log.end and log.at(window.start) <= now - window.length:
                if self._number(log.reporter(window.start)) == window.start:
                    window.count(log[window.start], -1)
                window.start += 1
            if window.start < log.end:
                self._due = min(self._due, log.at(window.start) + window.length)
        if self._day.start - log.first >= _COMPACT_AFTER:
            self._forget_before(self._day.start)

    def _forget_before(self, first: int) -> None:
        for number in range(self._log.first, first):
            reporter = self._log.reporter(number)
            if self._number(reporter) == number:
                del self._newest[reporter % _PARTS][reporter]
            self._before.pop(number, None)
            self._minutes.pop(self._log.at(number) // MINUTE, None)
            self._reported.pop(self._log.at(number) // MINUTE, None)
            self._symptoms.pop(self._log.at(number) // MINUTE, None)
        self._withdrawn = {number for number in self._withdrawn if number >= first}
        self._log.drop_before(first)

    def _count_anew(self, now: float) -> None:
        """Recalculate after the clock was set back: expired reports may count again, reports in the future do not."""
        log, gone = self._log, self._withdrawn
        self._clear()
        for number in range(log.first, log.end):
            if number not in gone and log.at(number) <= now:
                self.add(log[number])


def _since(reports: Sequence[Report], begin: float) -> int:
    """How many of the reports, newest first, were made after `begin`."""
    return bisect_left(reports, -begin, key=lambda report: -report.at)


def _bump(counts: dict[_Key, int], key: _Key, change: int) -> None:
    left = counts.get(key, 0) + change
    if left:
        counts[key] = left
    else:
        del counts[key]
