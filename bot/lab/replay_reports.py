"""`replay`: what the bot would have posted about past reports, minute by minute."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.core.chart import Chart, Span
from bot.core.errors import InvalidValueError
from bot.core.outages import Level, OutageDetector
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.signals import State
from bot.lab.replay_watch import Minute, ReplayWatch

COLUMNS = ("minute", "reporters", "servers")
STATES = ("official", "probe")
"""Optional columns with the state of the other signals in the minute. `incident` (a title) and `talk` are also
optional."""

_TOO_HIGH = 1_000_000_000
"""Minutes since 1970 reach this in the year 3871, seconds did in 2001."""

LONGEST = 400 * DAY // MINUTE
"""Most minutes between the first and the last line: more than about a year is probably a typing mistake."""

_STEPS = (MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 5 * DAY)
_MOST_BARS = 120


@dataclass(frozen=True, slots=True)
class ReplayChange:
    """The changes at the end of `minute`: the level, the phase of the outage, or posts.

    `posts` are the posts to one server that wants all of them, in order: `announce`, `edit`, `ping` (mentions its
    role), `remind`, `call` (mentions subscribers), `close` and `reopen` (its thread).
    """

    minute: int
    level: Level
    recent: int
    usual: float
    since: int | None
    why: str
    phase: str | None = None
    posts: tuple[str, ...] = ()

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
            "phase": self.phase,
            "posts": list(self.posts),
        }


def read_minutes(lines: Iterable[str]) -> list[Minute]:
    """Read a CSV file with the columns `minute,reporters,servers` and optional ones, sorted by minute.

    The first line names the columns; unknown ones are ignored. Raises InvalidValueError with the line and the expected
    value.
    """
    table = csv.DictReader(lines)
    try:
        return _read(table)
    except csv.Error as error:
        raise InvalidValueError(f"line {table.line_num + 1}", f"a line of a CSV file ({error})") from error


def _read(table: "csv.DictReader[str]") -> list[Minute]:
    table.fieldnames = [name.strip().lower() for name in table.fieldnames or ()]
    if missing := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
        raise InvalidValueError("line 1", f"the columns {','.join(COLUMNS)}; {', '.join(missing)} is missing")
    read: list[Minute] = []
    for row in table:
        where = f"line {table.line_num}"
        if not any((row.get(name) or "").strip() for name in table.fieldnames):
            continue  # a spreadsheet may end with lines of commas
        entry = _minute(row, where)
        if read and entry.minute <= read[-1].minute:
            raise InvalidValueError(where, f"a minute after {read[-1].minute}, the line before")
        if read and entry.minute - read[0].minute > LONGEST:
            raise InvalidValueError(where, f"a minute within {LONGEST} of the first, {read[0].minute}")
        read.append(entry)
    if not read:
        raise InvalidValueError("line 2", "at least one minute")
    return read


def _minute(row: Mapping[str, str | None], where: str) -> Minute:
    minute, reporters, servers = (_number(row.get(name), where, name) for name in COLUMNS)
    talk = _number((row.get("talk") or "").strip() or "0", where, "talk")
    official, probe = (_state(row.get(name), where, name) for name in STATES)
    incident = (row.get("incident") or "").strip()
    if official is None and (incident or ("incident" in row and "official" not in row)):
        official = State.DEGRADED if incident else State.UP
    return Minute(minute, reporters, servers, official, probe, incident, talk)


def _number(word: str | None, where: str, name: str) -> int:
    word = (word or "").strip()
    try:
        number = int(word)
    except ValueError:
        raise InvalidValueError(where, f"a whole number for {name}, not {word[:40]!r}") from None
    if 0 <= number < _TOO_HIGH:
        return number
    hint = "; a minute counts minutes, not seconds" if name == "minute" else ""
    raise InvalidValueError(where, f"from 0 to below {_TOO_HIGH:,} for {name}{hint}")


def _state(word: str | None, where: str, name: str) -> State | None:
    word = (word or "").strip().lower()
    try:
        return State(word) if word else None
    except ValueError:
        raise InvalidValueError(where, f"one of {', '.join(State)} for {name}, not {word[:40]!r}") from None


class ReplayReports:
    """Runs a new watch over the minutes. In missing minutes there are no reports, and the other signals are unchanged.

    Collects the data of a chart.
    """

    def __init__(self, minutes: list[Minute]) -> None:
        self._minutes = minutes
        first, last = minutes[0].minute * MINUTE, (minutes[-1].minute + 1) * MINUTE
        self._step = next((step for step in _STEPS if (last - first) / step <= _MOST_BARS), _STEPS[-1])
        self._start = first // self._step * self._step
        bars = (last - self._start - 1) // self._step + 1
        self._people = [0] * bars
        self._usual = [0.0] * bars
        self._outages: list[Span] = []

    def changes(self, *, edits: bool = False) -> Iterator[ReplayChange]:
        """The changes, in order; with `edits` including minutes in which only numbers of a message are edited."""
        watch = ReplayWatch(self._minutes[0].minute)
        level, phase = Level.NORMAL, None
        for entry in self._without_gaps():
            posts = watch.run_minute(entry)
            detector = watch.detector
            self._add_to_chart(entry, detector.usual)
            if detector.level is not level:
                self._mark_outage(entry, level, detector)
            shown = posts if edits else [post for post in posts if post != "edit"]
            if detector.level is not level or watch.phase not in {phase, None} or shown:
                yield ReplayChange(
                    entry.minute,
                    detector.level,
                    detector.recent,
                    detector.usual,
                    detector.since,
                    detector.why,
                    watch.phase,
                    posts,
                )
            level, phase = detector.level, watch.phase

    def _mark_outage(self, entry: Minute, previous: Level, detector: OutageDetector) -> None:
        if detector.level is Level.LIKELY:
            began = entry.minute if detector.since is None else detector.since
            self._outages.append(Span(began * MINUTE, None))
        elif previous is Level.LIKELY:
            calm = entry.minute if detector.calm_since is None else detector.calm_since
            self._outages[-1] = Span(self._outages[-1].start, max(self._outages[-1].start, calm * MINUTE))

    def chart(self) -> Chart:
        """The chart of the minutes replayed so far."""
        return Chart(self._start, self._step, tuple(self._people), tuple(self._usual), tuple(self._outages))

    def _without_gaps(self) -> Iterator[Minute]:
        last = self._minutes[0]
        for entry in self._minutes:
            for minute in range(last.minute + 1, entry.minute):
                yield replace(last, minute=minute, reporters=0, servers=0, talk=0)
            yield entry
            last = entry

    def _add_to_chart(self, entry: Minute, usual: float) -> None:
        bar = (entry.minute * MINUTE - self._start) // self._step
        self._people[bar] += entry.reporters
        self._usual[bar] += usual / 15
