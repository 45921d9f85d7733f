"""(c) Memory with many servers: `python -m benchmarks.gateway.memory`.

The resident memory of a process that has received all its servers, with 20 channels each. Our bot and two bare clients
take turns: one with the same settings, and one that has also loaded the other libraries that we use. Then the memory
that each library adds.
"""

import argparse
import asyncio
import json
import subprocess
import sys

from benchmarks.figures import Row, Spread, at_most, keep
from benchmarks.gateway.towns import CHANNELS, OURS, town

CHOSEN = 2
"""Channels with auto-reply, in every other server."""
AIMS = {10: 1.8}
AIM = 1.15
"""Aims, as multiples of a bare client's memory. With few servers most of it is for libraries."""
KINDS = (OURS, "same", "libraries")


async def resident(kind: str, guilds: int) -> float:
    """The MB of a new process with this number of servers, when idle."""
    async with town(kind, guilds, CHOSEN) as place:
        await asyncio.sleep(1)
        await place.bot.settle(0.5)
        return place.bot.rss_mb()


async def measure(sizes: list[int], rounds: int) -> None:
    """Measure all sizes, ours and bare in turns, and store the rows."""
    table: list[Row] = []
    medians: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for guilds in sizes:
        held: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(rounds):
            for kind in KINDS:
                held[kind].append(await resident(kind, guilds))
        for kind in KINDS:
            medians[kind].append(Spread.of(held[kind]).median)
        what = f"{guilds:,} servers of {CHANNELS} channels"
        for kind, limit in (("same", "a bare client"), ("libraries", "a bare client with our libraries loaded")):
            ratio = Spread.of([own / other for own, other in zip(held[OURS], held[kind], strict=True)])
            ours, bare = f"{medians[OURS][-1]:.0f} MB", f"{medians[kind][-1]:.0f} MB"
            name = f"{what} ÷ {limit}"
            table.append(
                at_most(name, ours, bare, ratio, AIMS.get(guilds, AIM))
                if kind == "same"
                else Row(name, ours, bare, ratio.text())
            )
    if len(sizes) > 1:
        more = sizes[-1] - sizes[0]
        ours, bare = (1024 * (medians[kind][-1] - medians[kind][0]) / more for kind in (OURS, "same"))
        table.append(Row("each further server", f"{ours:.1f} KB", f"{bare:.1f} KB", f"{ours / bare:.2f}"))
    keep("gateway-memory", "Memory", table, note=f"{rounds} processes each.")


def libraries(rounds: int) -> None:
    """Rows with the memory that each library adds."""
    command = [sys.executable, "-m", "benchmarks.gateway.libraries"]
    runs = [json.loads(subprocess.check_output(command)) for _ in range(rounds)]  # noqa: S603 - ourselves
    rows = [Row(name, f"{Spread.of([run[name] for run in runs]).text(1)} MB") for name in runs[0]]
    note = (
        "Loaded one after another in a new process; what two of them share counts for the first. The last six are only "
        "loaded when they are used, and stay loaded."
    )
    keep("gateway-memory-libraries", "Memory, by library", rows, note=note)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--servers", default="10,1000,2500")
    given = parser.parse_args()
    asyncio.run(measure([int(size) for size in given.servers.split(",")], given.rounds))
    libraries(given.rounds)


if __name__ == "__main__":
    main()
