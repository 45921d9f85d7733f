"""`replay`: what the bot would have detected in past reports, minute by minute."""

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
"""Most minutes between the first and the last line: more than about a year is probably a typing mistake."""

_STEPS = (MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 5 * DAY)
_MOST_BARS = 120


@dataclass(frozen=True, slots=True)
class Minute:
    """A line of the file; `minute` is counted from the epoch."""

    minute: int
    reporters: int
    servers: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A change of level at the end of `minute`, with its numbers and reason."""

    minute: int
    level: Level
    recent: int
    usual: float
    since: int | None
    why: str

    def document(self) -> dict[str, object]:
        """The change as a JSON object."""
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
    """Read a CSV file with the columns `minute,reporters,servers`, sorted by minute.

    Raises InvalidValueError with the line and what is expected.
    """
    table = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
        raise InvalidValueError("line 1", f"the columns {','.join(COLUMNS)}; {', '.join(missing)} is missing")
    read: list[Minute] = []
    for row in table:
        where = f"line {table.line_num}"
        try:
            entry = Minute(*(int(row[name]) for name in COLUMNS))
        except (TypeError, ValueError):
            raise InvalidValueError(where, f"whole numbers for {', '.join(COLUMNS)}") from None
        if min(entry.minute, entry.reporters, entry.servers) < 0:
            raise InvalidValueError(where, "numbers that are not negative")
        if read and entry.minute <= read[-1].minute:
            raise InvalidValueError(where, f"a minute after {read[-1].minute}, the line before")
        if read and entry.minute - read[0].minute > LONGEST:
            raise InvalidValueError(where, f"a minute within {LONGEST} of the first, {read[0].minute}")
        read.append(entry)
    if not read:
        raise InvalidValueError("line 2", "at least one minute")
    return read


class ReplayReports:
    """Runs a new detector over the minutes; missing minutes count as zero. Collects the data of a chart."""

    def __init__(self, minutes: list[Minute]) -> None:
        self._minutes = minutes
        first, last = minutes[0].minute * MINUTE, (minutes[-1].minute + 1) * MINUTE
        self._step = next((step for step in _STEPS if (last - first) / step <= _MOST_BARS), _STEPS[-1])
        self._start = first // self._step * self._step
        bars = (last - self._start - 1) // self._step + 1
        self._people = [0] * bars
        self._usual = [0.0] * bars
        self._outages: list[Span] = []

    def level_changes(self) -> Iterator[LevelChange]:
        """The changes of level, in order."""
        detector, previous = OutageDetector(), Level.NORMAL
        for entry in self._without_gaps():
            level = detector.update(entry.minute, entry.reporters, entry.servers)
            self._add_to_chart(entry, detector.usual)
            if level is previous:
                continue
            if level is Level.LIKELY:
                began = entry.minute if detector.since is None else detector.since
                self._outages.append(Span(began * MINUTE, None))
            elif previous is Level.LIKELY:
                calm = entry.minute if detector.calm_since is None else detector.calm_since
                self._outages[-1] = Span(self._outages[-1].start, max(self._outages[-1].start, calm * MINUTE))
            previous = level
            yield LevelChange(entry.minute, level, detector.recent, detector.usual, detector.since, detector.why)

    def chart(self) -> Chart:
        """The chart of the minutes replayed so far."""
        return Chart(self._start, self._step, tuple(self._people), tuple(self._usual), tuple(self._outages))

    def _without_gaps(self) -> Iterator[Minute]:
        next_minute = self._minutes[0].minute
        for entry in self._minutes:
            while next_minute < entry.minute:
                yield Minute(next_minute, 0, 0)
                next_minute += 1
            yield entry
            next_minute = entry.minute + 1

    def _add_to_chart(self, entry: Minute, usual: float) -> None:
        bar = (entry.minute * MINUTE - self._start) // self._step
        self._people[bar] += entry.reporters
        self._usual[bar] += usual / 15
