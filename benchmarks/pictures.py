"""(h) The effect of drawing pictures on the rest of the bot: `python -m benchmarks.pictures`.

A heartbeat sleeps 1 ms repeatedly and records how late it wakes: alone, while pictures are drawn in a thread (as the
bot does), and while they are drawn on the event loop. The three alternate in one run, so that other load affects all.
The first picture is measured separately, as libraries load things on first use.
"""

import argparse
import asyncio
import math
import os
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.figures import Row, Spread, at_most, keep
from bot.core.chart import Chart, Most, Span, Theme
from bot.core.reports import DAY, HOUR, MINUTE
from bot.pictures.draw import draw
from bot.pictures.gallery import Gallery
from bot.run import spare_collections

LIMIT = 20.0
"""Milliseconds for which a picture may stall the event loop."""
HEARTBEAT = 0.001
START = 20_000 * DAY


def charts() -> dict[str, Chart]:
    """Charts of a calm day, an outage now, a month, and the day with the most to draw."""
    rng, quarter = random.Random(1), 15 * MINUTE  # noqa: S311 - the same picture every time
    usual = tuple(3 + 2 * math.sin(i // 4 / 24 * math.tau) for i in range(96))
    calm = tuple(max(0, round(rng.gauss(u, 1.5))) for u in usual)
    now = (*calm[:-8], *(20 + rng.randrange(40) for _ in range(8)))
    month = tuple(60 + rng.randrange(40) for _ in range(120))
    spans = tuple(Span(START + i * 2 * HOUR, START + i * 2 * HOUR + HOUR) for i in range(12))
    return {
        "calm": Chart(START, quarter, calm, usual),
        "outage now": Chart(START, quarter, now, usual, outages=(Span(START + 22 * HOUR, None),)),
        "month": Chart(START, 6 * HOUR, month, tuple(float(m) for m in month), gaps=(Span(START, START + 3 * DAY),)),
        "most": Chart(START, quarter, now, tuple(float(n) for n in now), spans, spans, spans),
    }


async def lags(work: Callable[[], Awaitable[None]]) -> list[float]:
    """Sorted milliseconds by which the heartbeat was late during `work`."""
    late = list[float]()
    task = asyncio.ensure_future(work())
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(HEARTBEAT)
        late.append((time.perf_counter() - began - HEARTBEAT) * 1000)
    await task
    return sorted(late)


@dataclass(slots=True)
class Late:
    """Sorted milliseconds by which the heartbeat was late: with the very first picture, and in each round."""

    first: list[float]
    alone: list[list[float]] = field(default_factory=list[list[float]])
    beside: list[list[float]] = field(default_factory=list[list[float]])
    is_environmental: list[list[float]] = field(default_factory=list[list[float]])


async def measure(pictures: int, rounds: int) -> Late:
    """Measure the lateness with the very first picture and with many."""
    every = list(charts().values())
    gallery = Gallery()

    async def beside(first: int) -> None:
        for number in range(first, first + pictures):
            # A different `most` makes a different chart at the same cost.
            chart = replace(every[number % len(every)], most=Most(number, START))
            await gallery.picture(chart, list(Theme)[number % 2])

    async def is_environmental() -> None:
        for number in range(pictures):
            draw(every[number % len(every)], list(Theme)[number % 2])
            await asyncio.sleep(HEARTBEAT)

    late = Late(await lags(lambda: gallery.picture(every[0], Theme.DARK)))
    for turn in range(rounds):
        began = time.perf_counter()
        late.beside.append(await lags(lambda turn=turn: beside(turn * pictures)))
        took = time.perf_counter() - began
        late.alone.append(await lags(lambda took=took: asyncio.sleep(took)))
        late.is_environmental.append(await lags(is_environmental))
    return late


def stall(what: str, ours: Sequence[Sequence[float]], alone: Sequence[Sequence[float]]) -> Row:
    """The longest stall, compared with that of an idle loop."""
    most = Spread.of([late[-1] for late in ours])
    idle = Spread.of([late[-1] for late in alone])
    ratio = Spread.of([late[-1] / LIMIT for late in ours])
    return at_most(what, f"{most.text(1)} ms", f"{LIMIT:.0f} ms ({idle.text(1)} ms with nothing to do)", ratio, 1.0)


def rows_of(late: Late) -> list[Row]:
    """Rows with the stalls and the costs."""
    rows = [
        stall("longest stall with the very first picture", [late.first], late.alone),
        stall("longest stall while pictures are drawn in a thread", late.beside, late.alone),
    ]
    percent = [[one[int(len(one) * 0.99)] for one in runs] for runs in (late.beside, late.alone)]
    rows.append(
        Row(
            "p99 of the lateness of wake-ups meanwhile",
            f"{Spread.of(percent[0]).text()} ms",
            f"{Spread.of(percent[1]).text()} ms with nothing to do",
        )
    )
    blocking = Spread.of([one[-1] for one in late.is_environmental])
    rows.append(Row("for comparison: longest stall if pictures are drawn on the loop", f"{blocking.text(1)} ms"))
    rows += [Row(f"a picture, {name}", f"{took.text(1)} CPU-ms, {size / 1024:.1f} kB") for name, took, size in costs()]
    return rows


def costs() -> Iterator[tuple[str, Spread, int]]:
    """Processor time (ms) and size (bytes) of each picture."""
    for name, chart in charts().items():
        took = list[float]()
        for _ in range(5):
            began = time.process_time()
            for _ in range(10):
                picture = draw(chart, Theme.DARK)
            took.append((time.process_time() - began) / 10 * 1000)
        yield name, Spread.of(took), len(picture)


def resident() -> float:
    """Memory of this process in MB; 0 where there is no /proc."""
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if file.exists() else 0.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=200, help="pictures per round (200)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="fifty pictures per round, two rounds")
    given = parser.parse_args()
    if given.quick:
        given.pictures, given.rounds = 50, 2
    spare_collections()
    before = resident()
    rows = rows_of(asyncio.run(measure(given.pictures, given.rounds)))
    drawn = given.pictures * given.rounds
    rows.append(Row(f"memory before and after {drawn:,} pictures", f"{before:.1f}, {resident():.1f} MB"))
    keep("h", "(h) Pictures", rows)


if __name__ == "__main__":
    main()
