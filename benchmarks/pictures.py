"""What drawing pictures costs the rest of the bot: `python -m benchmarks.pictures`.

A heartbeat sleeps 1 ms again and again and notes how late it wakes: alone, while pictures are drawn beside it (as the
bot does), and while they are drawn in its way. The three take turns in one run, so another program's work falls on all.
The very first picture stands apart, as libraries like to load things when they are first used.
"""

import argparse
import asyncio
import math
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.core.chart import Chart, Span, Theme
from bot.core.reports import DAY, HOUR, MINUTE
from bot.pictures.draw import draw
from bot.pictures.gallery import Gallery

LIMIT = 20.0
"""Milliseconds the event loop may stand still because of a picture."""
BEAT = 0.001
START = 20_000 * DAY


def charts() -> dict[str, Chart]:
    """A calm day, an outage now, a month, and the day with the most to draw."""
    chance, quarter = random.Random(1), 15 * MINUTE  # noqa: S311 - the same picture every time
    usual = tuple(3 + 2 * math.sin(i // 4 / 24 * math.tau) for i in range(96))
    calm = tuple(max(0, round(chance.gauss(u, 1.5))) for u in usual)
    now = (*calm[:-8], *(20 + chance.randrange(40) for _ in range(8)))
    month = tuple(60 + chance.randrange(40) for _ in range(120))
    spans = tuple(Span(START + i * 2 * HOUR, START + i * 2 * HOUR + HOUR) for i in range(12))
    return {
        "calm": Chart(START, quarter, calm, usual),
        "outage now": Chart(START, quarter, now, usual, outages=(Span(START + 22 * HOUR, None),)),
        "month": Chart(START, 6 * HOUR, month, tuple(float(m) for m in month), gaps=(Span(START, START + 3 * DAY),)),
        "most": Chart(START, quarter, now, tuple(float(n) for n in now), spans, spans, spans),
    }


async def lags(work: Callable[[], Awaitable[None]]) -> list[float]:
    """Milliseconds the heartbeat woke too late while `work` went on, sorted."""
    late = list[float]()
    task = asyncio.ensure_future(work())
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(BEAT)
        late.append((time.perf_counter() - began - BEAT) * 1000)
    await task
    return sorted(late)


async def measure(pictures: int, rounds: int) -> None:
    """Print how late the loop was, with the very first picture and over many."""
    every = list(charts().values())
    gallery = Gallery(time.time)

    async def beside(first: int) -> None:
        for number in range(first, first + pictures):
            await gallery.picture(f"{number}", every[number % len(every)], list(Theme)[number % 2])

    async def in_the_way() -> None:
        for number in range(pictures):
            draw(every[number % len(every)], list(Theme)[number % 2])
            await asyncio.sleep(BEAT)

    first = await lags(lambda: gallery.picture("first", every[0], Theme.DARK))
    alone, drawing, blocking = list[float](), list[float](), list[float]()
    for turn in range(rounds):
        began = time.perf_counter()
        drawing += await lags(lambda turn=turn: beside(turn * pictures))
        took = time.perf_counter() - began
        alone += await lags(lambda took=took: asyncio.sleep(took))
        blocking += await lags(in_the_way)
    show("first picture", first)
    show("alone", sorted(alone))
    show("drawn beside", sorted(drawing))
    show("drawn in the way", sorted(blocking))
    most = max(*first, *drawing)
    print(f"most {most:.1f} ms, {most / LIMIT:.2f} of the limit of {LIMIT:.0f} ms: {verdict(most)}")


def verdict(most: float) -> str:
    """Whether the limit holds."""
    return "holds" if most <= LIMIT else "BROKEN"


def show(name: str, late: Sequence[float]) -> None:
    """One line: half, 99 of 100, 999 of 1000 and all of the wakings were no later than this."""
    marks = (late[int(len(late) * share)] for share in (0.5, 0.99, 0.999))
    print(f"{name:18}" + "".join(f"{mark:8.2f}" for mark in (*marks, late[-1])) + f"   {len(late)} beats")


def costs() -> None:
    """Print processor time and size of each picture."""
    for name, chart in charts().items():
        began = time.process_time()
        for _ in range(50):
            picture = draw(chart, Theme.DARK)
        print(f"{name:18}{(time.process_time() - began) / 50 * 1000:8.2f} ms{len(picture) / 1024:8.1f} kB")


def resident() -> float:
    """Memory of this process in MB; 0 where there is no /proc."""
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if file.exists() else 0.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=200, help="how many a round (200)")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    before = resident()
    print("milliseconds late     half     99%   99.9%    most")
    asyncio.run(measure(given.pictures, given.rounds))
    print(f"\nmemory {before:.1f} MB before, {resident():.1f} MB after {given.pictures * given.rounds} pictures\n")
    costs()


if __name__ == "__main__":
    main()
