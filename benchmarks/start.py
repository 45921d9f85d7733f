"""(f) How soon a bot with millions of reports answers after its start: `python -m benchmarks.start`.

New processes open a database with a week of reports, as at a start. The limit is reading the same rows without our
code: sqlite3's `fetchall`, and building one dictionary of person and report.
"""

import argparse
import asyncio
import gc
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import Row, Spread, as_the_bot, at_most, keep
from benchmarks.pictures import HEARTBEAT, LIMIT, lags, resident
from benchmarks.stored import NOW, SERVICE, fill, settings_for
from bot.app import open_app, open_stores
from bot.core.board import Board
from bot.core.reports import DAY
from bot.usecases.reports.load_board import LoadBoard

SIZES = (10_000, 10_000_000)
QUICK_SIZES = (10_000, 1_000_000)
ROWS_A_SECOND, BYTES_A_ROW = 200_000, 150.0


async def load(folder: Path) -> dict[str, float]:
    """Read the last day as at a start. Returns seconds, rows, bytes, and how late the event loop was meanwhile."""
    board = Board()
    async with open_stores(settings_for(folder), [SERVICE], clock=lambda: NOW) as stores:
        loading = LoadBoard(stores.reports, board, lambda: NOW)
        gc.collect()
        before, began = resident(), time.perf_counter()
        await loading.begin()
        hour = time.perf_counter()

        async def rest() -> None:
            async with loading:
                while board.loaded_back_to is not None:  # noqa: ASYNC110 - nothing else waits for it
                    await asyncio.sleep(0.005)

        held = list[float]()
        beats = asyncio.create_task(own_time(held))
        late = await lags(rest)
        ended = time.perf_counter()
        beats.cancel()
        alone = await lags(lambda: asyncio.sleep(ended - began))
        gc.collect()
        mirror = board.mirror(SERVICE)
        rows = sum(mirror.counted(minute) for minute in range((NOW - DAY) // 60, NOW // 60 + 1))
        return {
            "hour": hour - began,
            "whole": ended - began,
            "rows": rows,
            "bytes": (resident() - before) * 1e6,
            "late": late[-1],
            "alone": alone[-1],
            "held": max(held),
        }


async def own_time(held: list[float]) -> None:
    """Record the loop's own CPU milliseconds between two wake-ups, without those of other programs."""
    while True:
        began = time.thread_time()
        await asyncio.sleep(HEARTBEAT)
        held.append((time.thread_time() - began) * 1000)


def bare(folder: Path) -> dict[str, float]:
    """Read the same rows with sqlite3 alone, and put them into one dictionary."""
    database = sqlite3.connect(folder / "bot.db")
    query = "SELECT id, service_id, guild_id, reporter, symptom, at, young FROM report WHERE at > ? ORDER BY at, id"
    began = time.perf_counter()
    rows = database.execute(query, (NOW - DAY,)).fetchall()
    _, _, _, reporters, *_ = zip(*rows, strict=True)
    people = dict(zip(reporters, range(len(rows)), strict=True))
    return {"whole": time.perf_counter() - began, "rows": len(rows), "people": len(people)}


async def start(folder: Path) -> dict[str, float]:
    """Open the whole bot, except the connection to Discord, until it could answer."""
    began = time.perf_counter()
    async with open_app(settings_for(folder), clock=lambda: NOW, jobs=False):
        return {"ready": time.perf_counter() - began}


def in_a_process(what: str, folder: Path) -> dict[str, Any]:
    """Measure in a separate process, because memory that another part has released would be reused."""
    command = [sys.executable, "-m", "benchmarks.start", "--part", what, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    return json.loads(done.stdout.splitlines()[-1])


def rows_of(large: Path, small: Path, size: int, rounds: int) -> list[Row]:
    """Measure in turns, and return the rows."""
    ours, limit, ready, ready_small = list[Any](), list[Any](), list[float](), list[float]()
    for _ in range(rounds):
        ours.append(in_a_process("load", large))
        limit.append(in_a_process("bare", large))
        ready.append(in_a_process("start", large)["ready"])
        ready_small.append(in_a_process("start", small)["ready"])
    rate, raw = ([one["rows"] / one["whole"] for one in runs] for runs in (ours, limit))
    a_row = Spread.of([one["bytes"] / one["rows"] for one in ours])
    late = Spread.of([one["late"] for one in ours])
    hour = Spread.of([one["hour"] for one in ours])
    speed = Spread.of(rate)
    shared = Spread.of([o / r for o, r in zip(rate, raw, strict=True)])
    return [
        Row(
            f"rows read into memory per second, of the last day's {ours[0]['rows']:,.0f}",
            speed.text(0),
            f"{Spread.of(raw).text(0)} by sqlite3 and one dictionary",
            shared.text(),
            f"at least {ROWS_A_SECOND:,}",
            speed.median >= ROWS_A_SECOND,
        ),
        Row("until the last hour is loaded and answers are right", f"{hour.text()} s"),
        Row(
            "bytes per report in memory, including all counts",
            a_row.text(0),
            aim=f"at most {BYTES_A_ROW:.0f}",
            met=a_row.median <= BYTES_A_ROW,
        ),
        at_most(
            "longest stall of the event loop while the rest of the day is read",
            f"{late.text(1)} ms",
            f"{LIMIT:.0f} ms ({Spread.of([one['alone'] for one in ours]).text(1)} ms with nothing to do)",
            Spread.of([one["late"] / LIMIT for one in ours]),
            1.0,
        ),
        Row(
            "most CPU time of the loop between two wake-ups meanwhile",
            f"{Spread.of([one['held'] for one in ours]).text(1)} ms",
        ),
        Row(
            f"seconds until the bot can answer, with {size:,} reports (including all checks of the file)",
            Spread.of(ready).text(),
            f"{Spread.of(ready_small).text()} with {SIZES[0]:,}",
        ),
    ]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller database, fewer rounds")
    parser.add_argument("--part", choices=("load", "bare", "start"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        measured = bare(given.folder) if given.part == "bare" else as_the_bot(globals()[given.part](given.folder))
        print(json.dumps(measured))
        return
    with tempfile.TemporaryDirectory(prefix="notjustyou-bench-") as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        few, many = QUICK_SIZES if given.quick else SIZES
        for place, size in ((small, few), (large, many)):
            place.mkdir()
            asyncio.run(fill(place, size))
        rows = rows_of(large, small, many, rounds=2 if given.quick else 3)
    note = "The day is a seventh of the stored week, all of one service; 95 of 100 reports are by different people."
    keep("f-start", "(f) Start to ready", rows, note=note)


if __name__ == "__main__":
    main()
