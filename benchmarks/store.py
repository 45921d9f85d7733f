"""The cost of storing reports, compared with SQLite: `python -m benchmarks.store` (`--large`: ten million reports).

Ours is `SqlReportLog` on a migrated file, as in the bot. The limit is plain `sqlite3` with the same pragmas and the
same table, in a thread that commits all waiting reports. Both acknowledge only durable reports (`synchronous=FULL`).
The two alternate, each on its own file with the same number of reports, so that other load affects both.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from itertools import count
from pathlib import Path
from typing import Any, Self

from benchmarks.figures import Row, Spread, as_the_bot, at_least, at_most, keep
from bot.content.services import read_services
from bot.core.board import Board
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY, HOUR, Report, ReportIds
from bot.logs import configure_logging
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.engine import PRAGMAS
from bot.stores import Stores, open_stores
from bot.usecases.reports.record_report import RecordReport

SMALL, MILLION, LARGE = 10_000, 1_000_000, 10_000_000
ROUNDS, SECONDS = 5, 1.5
AT_ONCE, RATE, BURST = 256, 2000, 100
PURGED, HELD_UP = 500_000, 5
NOW = 1_800_000_000
SPAN = 7 * DAY
"""The reports of a file are spread evenly over this time."""
SERVICE = read_services(None)[0]
_INSERT = "INSERT INTO report VALUES (?, 1, ?, ?, ?, ?, 0)"
_PURGE = "DELETE FROM report WHERE id IN (SELECT id FROM report WHERE at < ? LIMIT ?)"
_BITE = 1500

Append = Callable[[Report], Awaitable[None]]
_ids = count(NOW * 1000 << 20)


def report() -> Report:
    """A new report, each time by a different person."""
    number = next(_ids)
    return Report(number, SERVICE.id, number % 10_000, number * 0x9E3779B97F4A7C15 % 2**63, "login", NOW)


def connect(path: Path, *, secure: bool = True) -> sqlite3.Connection:
    """Open a connection with the settings of the bot's writing connection."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS if secure else (*PRAGMAS, "secure_delete=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def make(path: Path, rows: int) -> Path:
    """Make a database with this number of recent reports, all by different people."""
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    first, rng = (NOW - SPAN) * 1000 << 20, random.Random(1)  # noqa: S311 - the same file every time
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("INSERT INTO service VALUES (1, ?)", (SERVICE.id,))
        every = (
            (first + n, rng.getrandbits(20), rng.getrandbits(63), None, NOW - SPAN + n * SPAN // rows)
            for n in range(rows)
        )
        connection.execute("BEGIN")
        connection.executemany(_INSERT, every)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def commits(path: Path, count: int, rate: int) -> float:
    """CPU seconds per report with sqlite3 alone, at this rate, with one transaction per report."""
    with closing(connect(path)) as connection:
        began, due = time.thread_time(), time.perf_counter()
        for _ in range(count):
            one = report()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_INSERT, (one.id, one.guild_id, one.reporter, one.symptom, one.at))
            connection.execute("COMMIT")
            due += 1 / rate
            time.sleep(max(0.0, due - time.perf_counter()))
        return (time.thread_time() - began) / count


class RawLog:
    """The limit: a thread that writes all waiting reports in one transaction, then acknowledges. A context manager."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._waiting = deque[tuple[tuple[Any, ...], asyncio.Future[None]]]()
        self._wake = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._wake.set()
        self._thread.join()
        self._connection.close()

    async def append(self, one: Report) -> None:
        """Add a report. Returns once it is durable."""
        done = self._loop.create_future()
        self._waiting.append(((one.id, one.guild_id, one.reporter, one.symptom, one.at), done))
        self._wake.set()
        await done

    def _work(self) -> None:
        execute = self._connection.execute
        while self._open:
            self._wake.wait()
            self._wake.clear()
            if batch := [self._waiting.popleft() for _ in range(len(self._waiting))]:
                execute("BEGIN IMMEDIATE")
                self._connection.executemany(_INSERT, [row for row, _ in batch])
                execute("COMMIT")
                self._loop.call_soon_threadsafe(_tell, [done for _, done in batch])


def _tell(futures: Sequence[asyncio.Future[None]]) -> None:
    for one in futures:
        one.set_result(None)


async def closed_loop(append: Append) -> float:
    """Acknowledged reports a second while `AT_ONCE` people are always waiting."""
    until, done = time.perf_counter() + SECONDS, 0

    async def person() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await append(report())
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(person() for _ in range(AT_ONCE)))
    return done / (time.perf_counter() - began)


async def open_loop(append: Append) -> list[float]:
    """Sorted milliseconds from the press to the acknowledgement. People press at a fixed rate, without waiting."""
    late = list[float]()

    async def press(due: float) -> None:
        await append(report())
        late.append((time.perf_counter() - due) * 1000)

    began, pressed = time.perf_counter(), list[asyncio.Task[None]]()
    while (now := time.perf_counter() - began) < SECONDS:
        due = int(now * RATE)
        pressed += [asyncio.create_task(press(began + n / RATE)) for n in range(len(pressed), due)]
        await asyncio.sleep(0.0005)
    await asyncio.gather(*pressed)
    return sorted(late)


async def bursts(append: Append) -> float:
    """The median milliseconds until a hundred simultaneous reports are all acknowledged."""
    took = list[float]()
    for _ in range(60):
        began = time.perf_counter()
        await asyncio.gather(*(append(report()) for _ in range(BURST)))
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


@asynccontextmanager
async def ours(path: Path) -> AsyncIterator[Stores]:
    """Open the bot's stores on a file."""
    settings = Settings(database_url=f"sqlite+aiosqlite:///{path}")
    async with open_stores(settings, [SERVICE.id]) as stores:
        yield stores


def whole(stores: Stores) -> Append:
    """All of a press of *Me too* except Discord: hash the person, count once in 15 minutes, store, count."""
    key, ids = ReporterKey(b"k" * 32), ReportIds((NOW * 1000 << 20) + 2**40)
    record = RecordReport(stores.reports, Board(), key, lambda: NOW, ids)

    async def append(one: Report) -> None:
        await record.report(SERVICE, one.id, one.guild_id, one.symptom)

    return append


def at(sorted_values: Sequence[float], share: float) -> float:
    """The quantile: the value that this share does not exceed."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


async def acknowledgements(folder: Path, rows: int) -> list[Row]:
    """Throughput and latency, ours and raw in turns."""
    fast, counted, slow, waits = (list[tuple[float, float]]() for _ in range(4))
    mine, theirs = make(folder / "ours.db", rows), folder / "raw.db"
    _copied(mine, theirs)
    async with ours(mine) as stores:
        whole_path = whole(stores)
        with RawLog(theirs) as raw:
            for _ in range(ROUNDS):
                fast.append((await closed_loop(stores.reports.append), await closed_loop(raw.append)))
                counted.append((await closed_loop(whole_path), fast[-1][1]))
                own, limit = await open_loop(stores.reports.append), await open_loop(raw.append)
                waits.append((at(own, 0.5), at(limit, 0.5)))
                slow.append((at(own, 0.99), at(limit, 0.99)))
    return [
        at_least(
            f"durable acknowledgements a second, {AT_ONCE} always waiting, {rows:,} stored",
            Spread.of([a for a, _ in fast]).text(0),
            Spread.of([b for _, b in fast]).text(0),
            Spread.of([a / b for a, b in fast]),
            0.5,
        ),
        Row(
            "the same with the rules and the tally (`RecordReport`)",
            Spread.of([a for a, _ in counted]).text(0),
            Spread.of([b for _, b in counted]).text(0),
            Spread.of([a / b for a, b in counted]).text(),
        ),
        *(
            Row(
                f"acknowledged at {RATE:,} a second, {name}",
                f"{Spread.of([a for a, _ in both]).text(1)} ms",
                f"{Spread.of([b for _, b in both]).text(1)} ms",
                Spread.of([a / b for a, b in both]).text(),
                f"at most {aim} ms",
                statistics.median([a for a, _ in both]) <= aim,
            )
            for name, both, aim in (("p50", waits, 5), ("p99", slow, 25))
        ),
    ]


async def growth(folder: Path, rows: int) -> list[Row]:
    """Inserts into a long history, compared with a short one."""
    took = list[tuple[float, float]]()
    async with AsyncExitStack() as stack:
        short = await stack.enter_async_context(ours(make(folder / "short.db", SMALL)))
        long = await stack.enter_async_context(ours(folder / "ours.db"))
        for _ in range(2 * ROUNDS):
            took.append((await bursts(long.reports.append), await bursts(short.reports.append)))
    return [
        at_most(
            f"{BURST} reports at once, {rows:,} stored compared with {SMALL:,}",
            f"{Spread.of([a for a, _ in took]).text(1)} ms",
            f"{Spread.of([b for _, b in took]).text(1)} ms",
            Spread.of([a / b for a, b in took]),
            1.2,
        )
    ]


async def purges(folder: Path, rows: int) -> list[Row]:
    """Purge a third of the file: ours, raw, and raw without overwriting deleted data."""
    speeds: dict[str, list[float]] = {"ours": [], "raw": [], "raw, secure_delete=OFF": []}
    locks: dict[str, list[list[float]]] = {name: [] for name in speeds}
    source = make(folder / "purge.db", min(rows, MILLION))
    for _ in range(3):
        for name, of_name in speeds.items():
            path = _copied(source, folder / "now.db")
            before = NOW - SPAN + SPAN // 3
            began = time.perf_counter()
            if name == "ours":
                async with ours(path) as stores:
                    held = _timed(stores)
                    began = time.perf_counter()
                    gone = await stores.reports.purge(before)
                    of_name.append(gone / (time.perf_counter() - began))
            else:
                held, gone = _raw_purge(path, before, secure=name == "raw")
                of_name.append(gone / sum(held))
            locks[name].append(sorted(seconds * 1000 for seconds in held))
    raw = statistics.median(speeds["raw"])
    return [
        *(
            Row(
                f"rows purged a second, {name}",
                Spread.of(speeds[name]).text(0),
                f"{raw:,.0f}",
                Spread.of([a / b for a, b in zip(speeds[name], speeds["raw"], strict=True)]).text(),
                f"at least {PURGED:,}" if name == "ours" else "",
                statistics.median(speeds[name]) >= PURGED if name == "ours" else None,
            )
            for name in speeds
        ),
        *(
            Row(
                f"delay of writes by a purge batch of {_BITE:,} rows, {name}",
                f"{Spread.of([at(held, share) for held in locks['ours']]).text(1)} ms",
                f"{Spread.of([at(held, share) for held in locks['raw']]).text(1)} ms",
                Spread.of(
                    [at(a, share) / at(b, share) for a, b in zip(locks["ours"], locks["raw"], strict=True)]
                ).text(),
                f"at most {HELD_UP} ms",
                statistics.median([at(held, share) for held in locks["ours"]]) <= HELD_UP,
            )
            for name, share in (("p50", 0.5), ("p99 (with a checkpoint)", 0.99))
        ),
    ]


def _copied(source: Path, path: Path) -> Path:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    return Path(shutil.copy(source, path))


def _timed(stores: Stores) -> list[float]:
    """Record the seconds of each transaction from now on, including the way to the thread and back."""
    engine, held = stores.writer._engine, list[float]()  # noqa: SLF001 - to measure its transactions
    begin = engine.begin

    def timed(work: Callable[[Any], Any], done: Callable[[Any, Exception | None], None]) -> None:
        began = time.perf_counter()

        def after(result: Any, error: Exception | None) -> None:
            held.append(time.perf_counter() - began)
            done(result, error)

        begin(work, after)

    engine.begin = timed  # type: ignore[method-assign]
    return held


def _raw_purge(path: Path, before: int, *, secure: bool) -> tuple[list[float], int]:
    held, gone = list[float](), 0
    with closing(connect(path, secure=secure)) as connection:
        while True:
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            took = connection.execute(_PURGE, (before, _BITE)).rowcount
            connection.execute("COMMIT")
            held.append(time.perf_counter() - began)
            gone += took
            if took < _BITE:
                return held, gone


async def folds(folder: Path, rows: int) -> list[Row]:
    """Count the reports of an hour: ours, compared with the bare query."""
    took = list[tuple[float, float]]()
    hour = NOW // HOUR - 10
    count_hour = "SELECT service_id, at / 3600, count(*) FROM report WHERE at >= ? AND at < ? GROUP BY 1, 2"
    async with ours(folder / "ours.db") as stores:
        with closing(connect(folder / "ours.db")) as raw:
            for _ in range(3 * ROUNDS):
                began = time.perf_counter()
                await stores.hours.fold(hour, hour, [SERVICE.id])
                mine = time.perf_counter() - began
                began = time.perf_counter()
                raw.execute(count_hour, (hour * HOUR, (hour + 1) * HOUR)).fetchall()
                took.append((mine * 1000, (time.perf_counter() - began) * 1000))
            [(among,)] = raw.execute(
                "SELECT count(*) FROM report WHERE at >= ? AND at < ?", (hour * HOUR, (hour + 1) * HOUR)
            )
    return [
        Row(
            f"counting an hour with {among:,} of {rows:,} reports",
            f"{Spread.of([a for a, _ in took]).text(1)} ms",
            f"{Spread.of([b for _, b in took]).text(1)} ms",
            Spread.of([a / b for a, b in took]).text(),
        )
    ]


async def measure(folder: Path, rows: int) -> list[Row]:
    """All rows of the table."""
    return [
        *await acknowledgements(folder, rows),
        *await growth(folder, rows),
        *await purges(folder, rows),
        *await folds(folder, rows),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help=f"with {LARGE:,} reports stored instead of {MILLION:,}")
    large = parser.parse_args().large
    configure_logging("WARNING", "console", ())
    with tempfile.TemporaryDirectory(prefix="njy-store-") as made:
        title = "Reports on disk: durable acknowledgements, growth, purge and hourly counts"
        found = as_the_bot(measure(Path(made), LARGE if large else MILLION))
    keep("store-large" if large else "store", title, found, note="Median and range of the runs, in turns.")
