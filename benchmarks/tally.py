"""(e) The cost of the number of people who report, for any number of stored reports: `python -m benchmarks.tally`.

Three databases hold a week of reports, and three mirrors hold their last day. Many people from many servers ask each in
turns. SQL counts the same six numbers (three windows, everywhere and here) in two ways: over the log, and from a table
with the number of people whose newest report is in each minute.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Row, Spread, at_most, keep
from benchmarks.histories import History, live
from benchmarks.stored import NOW, SERVERS, SERVICE, fill, last_day
from bot.core.board import Board
from bot.core.reports import DAY, MINUTE
from bot.core.tally import WINDOWS
from bot.core.verdict import decide

SIZES = (10_000, 1_000_000, 10_000_000)
QUICK_SIZES = (10_000, 300_000)
MOST = 2.0
"""Aim for the six numbers, in microseconds."""
READS = 20_000
ACTS = 300
LOG_ROUNDS, LOG_READS = 3, 20
"""Few, because counting a large log takes seconds."""
_USUAL = 3.0


@dataclass(slots=True)
class Stored:
    """A database, the board of its last day, the people who ask, and the microseconds per read."""

    board: Board
    database: sqlite3.Connection
    asks: list[tuple[int, int]]
    took: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def time(self, what: str, read: Callable[[int, int], object], reads: int) -> None:
        """Record the mean time of this number of reads."""
        asks = (self.asks * (reads // len(self.asks) + 1))[:reads]
        began = time.thread_time()  # without the processor time of other programs
        for guild, reporter in asks:
            read(guild, reporter)
        self.took.setdefault(what, []).append((time.thread_time() - began) / reads * 1e6)

    def counts(self, guild: int, _reporter: int) -> tuple[int, ...]:
        """The six numbers from memory."""
        tally = self.board.mirror(SERVICE).tally(NOW, guild)
        assert tally.here is not None
        return (*tally.everywhere, *tally.here)

    def tally(self, guild: int, _reporter: int) -> object:
        """The six numbers from memory, not unpacked."""
        return self.board.mirror(SERVICE).tally(NOW, guild)

    def answer(self, guild: int, reporter: int) -> object:
        """What `/500` reads about people: the tally for a person, and the verdict."""
        return decide(self.board.tally(SERVICE, NOW, guild, reporter), {}, NOW)

    def by_log(self, guild: int, _reporter: int) -> tuple[int, ...]:
        """The six numbers by SQL over the log. Each person counts in the server of their newest report."""
        one = self.database.execute
        everywhere = [
            one("SELECT COUNT(DISTINCT reporter) FROM report WHERE at > ?", (NOW - w,)).fetchone()[0] for w in WINDOWS
        ]
        newest = "SELECT guild_id, MAX(id) FROM report WHERE at > ? GROUP BY reporter"
        query = f"SELECT COUNT(*) FROM ({newest}) WHERE guild_id = ?"  # noqa: S608 - our own words
        return (*everywhere, *(one(query, (NOW - w, guild)).fetchone()[0] for w in WINDOWS))

    def by_minutes(self, guild: int, _reporter: int) -> tuple[int, ...]:
        """The six numbers by SQL over people by the minute of their newest report, exact to the minute."""
        sums = ", ".join(f"SUM(n) FILTER (WHERE minute >= {(NOW - w) // MINUTE})" for w in WINDOWS)
        query = f"SELECT {sums} FROM seen WHERE guild_id = ? AND minute >= ?"  # noqa: S608 - numbers
        found = [self.database.execute(query, (one, (NOW - DAY) // MINUTE)).fetchone() for one in (-1, guild)]
        return tuple(number or 0 for numbers in found for number in numbers)


async def open_stored(folder: str, reports: int) -> Stored:
    """Make a database with this number of reports, and the board of its last day."""
    database = sqlite3.connect(await fill(Path(tempfile.mkdtemp(dir=folder)), reports))
    board, day = Board(), last_day(database)
    board.load(day, NOW)
    board.loaded()
    board.set_usual(SERVICE, _USUAL)
    database.execute("CREATE TEMP TABLE seen (guild_id, minute, n, PRIMARY KEY (guild_id, minute)) WITHOUT ROWID")
    last = "SELECT guild_id, at / 60 AS minute, MAX(id) FROM report WHERE at > ? GROUP BY reporter"
    for guild in ("guild_id", "-1"):
        count = f"INSERT INTO seen SELECT {guild}, minute, COUNT(*) FROM ({last}) GROUP BY 1, 2"  # noqa: S608
        database.execute(count, (NOW - DAY,))
    rng = random.Random(1)  # noqa: S311 - the same people ask every time
    known = [report.reporter for report in rng.choices(day, k=500)]
    unknown = [rng.getrandbits(63) for _ in range(500)]
    asks = [((1 << 60) + int(SERVERS ** rng.random()) - 1, one) for one in (*known, *unknown)]
    rng.shuffle(asks)
    return Stored(board, database, asks)


def at_scale() -> tuple[float, float]:
    """Nanoseconds of an attribute read and of a dictionary lookup, for comparison."""
    history = Board()
    table = dict.fromkeys(range(1000))
    took = list[float]()
    for read in (lambda: history.loaded_back_to, lambda: table[500]):
        began = time.perf_counter()
        for _ in range(READS):
            read()
        took.append((time.perf_counter() - began) / READS * 1e9)
    return took[0], took[1]


def mismatches(histories: int) -> tuple[int, int]:
    """Random histories. Returns the number of comparisons, and of those in which the mirror and SQL differ."""
    looks = wrong = 0
    for seed in range(histories):
        rng, history = random.Random(seed), History()  # noqa: S311 - reproducible by its seed
        for differences in live(history, rng, ACTS, rng.choice((3, 30, 300)), rng.choice((1, 4, 40))):
            looks += 1
            wrong += bool(differences)
            if differences:
                print(f"history {seed}: {differences}")
        history.close()
    return looks, wrong


def rows_of(stored: dict[int, Stored], histories: int) -> list[Row]:
    """The rows with the figures."""
    sizes, labels = list(stored), [f"{size:,}" for size in stored]
    rows = list[Row]()
    for what, name in (("tally", "six numbers"), ("answer", "tally and verdict, as `/500` reads them")):
        took = [stored[size].took[what] for size in sizes]
        ours = " / ".join(f"{Spread.of(one).median:.2f}" for one in took) + " µs"
        growth = Spread.of([large / small for large, small in zip(took[-1], took[0], strict=True)])
        rows.append(at_most(f"{name} at {' / '.join(labels)} reports", ours, f"at {labels[0]}", growth, 1.2))
        if what == "tally":
            worst = Spread.of(took[-1])
            aim = f"at most {MOST:g} µs"
            rows.append(Row(f"{name} at {labels[-1]}", f"{worst.text()} µs", aim=aim, met=worst.median <= MOST))
    for what, name in (("log", "over the log"), ("minutes", "over people by the minute of their newest report")):
        by_sql = " / ".join(f"{Spread.of(stored[size].took[what]).median:,.0f}" for size in sizes)
        ours = stored[sizes[-1]].took["tally"]
        slower = Spread.of([s / o for o, s in zip(ours, stored[sizes[-1]].took[what], strict=False)])
        median = f"{Spread.of(ours).median:.2f} µs"
        rows.append(Row(f"compared with SQL {name}", median, f"{by_sql} µs", f"1 : {slower.text(0)}"))
    attribute, look = at_scale()
    rows.append(Row("for comparison: an attribute read, a dictionary lookup", "", f"{attribute:.0f}, {look:.0f} ns"))
    differ = sum(one.counts(*ask) != one.by_log(*ask) for one in stored.values() for ask in one.asks[:3])
    rows.append(Row("differences from SQL in the six numbers of these databases", str(differ), aim="0", met=not differ))
    looks, wrong = mismatches(histories)
    what = f"comparisons with SQL in {histories} random histories that differ"
    rows.append(Row(what, f"{wrong} of {looks:,}", aim="0", met=not wrong))
    return rows


async def measure(folder: str, sizes: tuple[int, ...], rounds: int, histories: int) -> None:
    """Measure all databases in turns, and store the rows."""
    stored = {size: await open_stored(folder, size) for size in sizes}
    for turn in range(rounds):
        for size, one in stored.items():
            one.time("tally", one.tally, READS)
            one.time("answer", one.answer, READS)
            one.time("minutes", one.by_minutes, 20)
            if turn < LOG_ROUNDS:
                one.time("log", one.by_log, LOG_READS if size == sizes[0] else 1)
    day = f"{stored[sizes[-1]].board.mirror(SERVICE).tally(NOW, None).everywhere.day:,}"
    note = (
        f"A week of reports of one service, spread evenly; at {sizes[-1]:,} stored, {day} people in the last 24 hours. "
        f"A thousand people ask from servers with reports; half of these people never reported. "
        f"Each history has {ACTS} actions: by people, clock changes and restarts."
    )
    keep("e", "(e) Verdict and tally", rows_of(stored, histories), note=note)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller databases, fewer rounds")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="notjustyou-bench-") as folder:
        sizes = QUICK_SIZES if quick else SIZES
        asyncio.run(measure(folder, sizes, rounds=5 if quick else 15, histories=30 if quick else 300))


if __name__ == "__main__":
    main()
