"""(k) The cost of following several services: `python -m benchmarks.gateway.services`.

Two of our bots watch the same twelve services. In the first one every server follows one service, in the other one all
twelve. Both are flooded in turns with the same lines, of which 1 % are mentions of a service that the server follows.
The memory of each process is measured when it is idle, after its start and after the rounds.
"""

import argparse
import asyncio
import random
from contextlib import AsyncExitStack

from benchmarks.figures import Row, Spread, at_least, at_most, keep
from benchmarks.gateway.messages import GUILDS, PEOPLE, Flood, Lines, flood
from benchmarks.gateway.towns import OURS, Town, per_second, town

MORE = tuple(
    f"{name}ia"
    for name in ["exampl", "zetal", "quorv", "mistw", "plandr", "ubert", "vextr", "wondr", "yarrow", "tundr", "krypt"]
)
"""Invented services, whose names are not words."""
SHARE = 0.01
MENTIONS = ("is {name} down for anyone else?", "{name} won't load", "{name} is down again, 502 bad gateway")
RATE, MEMORY = 0.8, 1.25
"""Aims: messages a CPU second with twelve, at least this share of those with one; memory, at most this multiple."""


def said(lines: Lines, count: int, turn: int, names: list[str]) -> list[str]:
    """Chat with mentions of these services; apart from the names the messages are always the same."""
    rng = random.Random(turn)  # noqa: S311 - the same lines every time
    chat = lines.some(count, 0.0, turn)
    for number in range(count):
        mention, name = rng.choice(MENTIONS), rng.random()
        if rng.random() < SHARE:
            chat[number] = mention.format(name=names[int(name * len(names))])
    return chat


async def measure(count: int, rounds: int) -> None:
    """Flood both, round after round, and store the rows."""
    lines, floods = Lines(), {1: Flood(), 12: Flood()}
    async with AsyncExitStack() as stack:
        places: dict[int, Town] = {}
        for followed in floods:
            more = MORE[: followed - 1]
            places[followed] = await stack.enter_async_context(town(OURS, GUILDS, more=MORE, followed=more))
        began = {followed: place.bot.rss_mb() for followed, place in places.items()}
        for place in places.values():
            for number in range(PEOPLE):
                person = place.world.user(f"Person {number}")
                for guild in place.world.guilds.values():
                    guild._join(person)  # noqa: SLF001 - before the first message, without events
        for turn in range(-1, rounds):
            for followed, place in places.items():
                names = ["character.ai", *MORE[: followed - 1]]
                half = place.channels[: len(place.channels) // 2]
                await flood(place, half, said(lines, count, turn, names), floods[followed] if turn >= 0 else None)
        ended = {followed: place.bot.rss_mb() for followed, place in places.items()}
    keep(
        "gateway-services",
        "(k) Services followed",
        rows(floods, began, ended),
        note=f"{rounds} rounds of {count:,} messages; both watch twelve services.",
    )


def rows(floods: dict[int, Flood], began: dict[int, float], ended: dict[int, float]) -> list[Row]:
    """The rows: twelve services compared with one."""
    rates = {followed: per_second(each.rate.median) for followed, each in floods.items()}
    table = [at_least("messages a CPU second, 12 followed ÷ 1", rates[12], rates[1], floods[12].over(floods[1]), RATE)]
    for what, held in (("at rest after the start", began), ("after the rounds", ended)):
        ratio = Spread.of([held[12] / held[1]])
        table.append(at_most(f"memory {what}, 12 ÷ 1", f"{held[12]:.0f} MB", f"{held[1]:.0f} MB", ratio, MEMORY))
    table.append(Row("memory for each further service", f"{1024 * (ended[12] - ended[1]) / 11:,.0f} KB"))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=6000, help="messages per flood (6000)")
    parser.add_argument("--rounds", type=int, default=8)
    given = parser.parse_args()
    asyncio.run(measure(given.count, given.rounds))


if __name__ == "__main__":
    main()
