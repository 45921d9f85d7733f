"""`replay`: what the bot would have said of past reports, minute by minute."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.chart import Chart, Span
from bot.core.errors import InvalidValueError
from bot.core.outages import Level, OutageDetector
from bot.core.reports import DAY, HOUR, MINUTE

COLUMNS = ("minute", "reporters", "servers")
LONGEST = 400 * DAY // MINUTE
"""Minutes between the first and the last line: more than a year is a slip of the pen."""

_STEPS = (MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 5 * DAY)
_MOST_BARS = 120


@dataclass(frozen=True, slots=True)
class Minute:
    """A line of the file; `minute` counts from the epoch."""

    minute: int
    reporters: int
    servers: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A change of level, at the end of `minute`, with the numbers that it rests on."""

    minute: int
    level: Level
    recent: int
    usual: float
    since: int | None
    why: str

    def document(self) -> dict[str, object]:
        """As one JSON object a line."""
        return {
            "minute": self.minute,
            "at": datetime.fromtimestamp((self.minute + 1) * MINUTE, UTC).isoformat(),
            "level": self.level,
            "recent": self.recent,
            "usual": round(self.usual, 1),
            "since": self.since,
            "why": self.why,
        }


def read_minutes(lines: Iterable[str]) -> list[Minute]:
    """The lines of a CSV file with the columns `minute,reporters,servers`, in order.

    Raises InvalidValueError that names the line and what would be right.
    """
    table = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
        raise InvalidValueError("line 1", f"the columns {','.join(COLUMNS)}; {', '.join(missing)} is missing")
    read: list[Minute] = []
    for row in table:
        where = f"line {table.line_num}"
        try:
            found = Minute(*(int(row[name]) for name in COLUMNS))
        except (TypeError, ValueError):
            raise InvalidValueError(where, f"whole numbers for {', '.join(COLUMNS)}") from None
        if min(found.minute, found.reporters, found.servers) < 0:
            raise InvalidValueError(where, "numbers that are not negative")
        if read and found.minute <= read[-1].minute:
            raise InvalidValueError(where, f"a minute after {read[-1].minute}, the line before")
        if read and found.minute - read[0].minute > LONGEST:
            raise InvalidValueError(where, f"a minute within {LONGEST} of the first, {read[0].minute}")
        read.append(found)
    if not read:
        raise InvalidValueError("line 2", "at least one minute")
    return read


class ReplayReports:
    """Plays minutes to a fresh detector; those that are left out are zeros. Gathers the chart meanwhile."""

    def __init__(self, minutes: list[Minute]) -> None:
        self._minutes = minutes
        first, last = minutes[0].minute * MINUTE, (minutes[-1].minute + 1) * MINUTE
        self._step = next((step for step in _STEPS if (last - first) / step <= _MOST_BARS), _STEPS[-1])
        self._start = first // self._step * self._step
        bars = (last - self._start - 1) // self._step + 1
        self._people = [0] * bars
        self._usual = [0.0] * bars
        self._outages: list[Span] = []

    def turns(self) -> Iterator[LevelChange]:
        """The changes of level, in order; the first is what it starts with."""
        detector, said = OutageDetector(), Level.NORMAL
        for one in self._filled():
            level = detector.update(one.minute, one.reporters, one.servers)
            self._draw(one, detector.usual)
            if level is said:
                continue
            if level is Level.LIKELY:
                began = one.minute if detector.since is None else detector.since
                self._outages.append(Span(began * MINUTE, None))
            elif said is Level.LIKELY:
                calm = one.minute if detector.calm_since is None else detector.calm_since
                self._outages[-1] = Span(self._outages[-1].start, max(self._outages[-1].start, calm * MINUTE))
            said = level
            yield LevelChange(one.minute, level, detector.recent, detector.usual, detector.since, detector.why)

    def chart(self) -> Chart:
        """What was played so far."""
        return Chart(self._start, self._step, tuple(self._people), tuple(self._usual), tuple(self._outages))

    def _filled(self) -> Iterator[Minute]:
        next_minute = self._minutes[0].minute
        for one in self._minutes:
            while next_minute < one.minute:
                yield Minute(next_minute, 0, 0)
                next_minute += 1
            yield one
            next_minute = one.minute + 1

    def _draw(self, one: Minute, usual: float) -> None:
        bar = (one.minute * MINUTE - self._start) // self._step
        self._people[bar] += one.reporters
        self._usual[bar] += usual / 15
