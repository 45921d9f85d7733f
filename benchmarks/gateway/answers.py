"""(b) The cost of an answer, and how soon it arrives: `python -m benchmarks.gateway.answers`.

Different people in many servers use `/500`, *I have this too* and a reaction on an auto-reply, 1, 50 and 200 times a
second. Our bot and a bare bot that sends constant answers take turns, window by window. A press is acknowledged once it
is on the disk, so it is also compared with the constant answer plus the same commits by sqlite3 alone. The milliseconds
are counted from the sending of the event to the arrival of the answer; other work of the machine is included.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import store
from benchmarks.figures import Row, Spread, at_most, keep
from benchmarks.gateway.towns import OURS, Town, at, steady, town
from tests.loopback import Interaction, Message, User

GUILDS = 20
RATES = {1: 10, 50: 200, 200: 600}
"""Answers a second -> number of answers in a window."""
PRESS, REACTION = "*I have this too*", "a reaction"
MENTION = "is cai down for anyone else?"
LATEST = 25.0
"""Aim for the 99th percentile at the highest rate, in milliseconds."""
MOST, MOST_WITH_COMMIT, MOST_OF_REACTION = 1.25, 1.3, 2.5
"""Aims, as multiples of the bare bot's CPU time: an answer; a press, compared with a commit as well; a reaction."""


@dataclass
class Windows:
    """CPU seconds per answer, and the sorted milliseconds, for each window."""

    cpu: list[float] = field(default_factory=list[float])
    took: list[list[float]] = field(default_factory=list[list[float]])

    def text(self) -> str:
        """The median CPU-ms per answer, and percentiles of the latency."""
        cpu = f"{Spread.of([1000 * each for each in self.cpu]).median:.2f} CPU-ms"
        return f"{cpu}, p50 {self.quantile(0.5):.1f} p99 {self.quantile(0.99):.1f} ms" if self.took[0] else cpu

    def quantile(self, share: float) -> float:
        """The median of this quantile over all windows."""
        return Spread.of([at(window, share) for window in self.took]).median


Deed = Callable[[Town, int], Awaitable[Interaction | None]]


class Crowd:
    """People in all servers, each of whom does one thing."""

    def __init__(self) -> None:
        self._people = 0
        self.cards: dict[Town, list[Message]] = {}
        self.replies: dict[Town, list[Message]] = {}
        self.counted: dict[Town, User] = {}

    def somebody(self, place: Town) -> User:
        """A new person who has done nothing yet."""
        self._people += 1
        return place.world.user(f"Person {self._people}")

    async def prepare(self, place: Town) -> None:
        """Get a card in a channel of each server, and an auto-reply in another channel if auto-reply is on."""
        channels = [list(guild.channels.values()) for guild in place.world.guilds.values()]
        cards = [await self.somebody(place).slash(several[0], "500") for several in channels]
        self.cards[place] = [await card.wait_response() for card in cards]
        self.replies[place] = self.cards[place]
        if place.kind == OURS:
            said = [await self.somebody(place).say(several[1], MENTION) for several in channels[: GUILDS // 2]]
            self.replies[place] = [await place.world.next_message(one.channel, after=one) for one in said]

    async def command(self, place: Town, number: int) -> Interaction:
        """Use `/500`."""
        return await self.somebody(place).slash(place.channels[number * 7 % len(place.channels)], "500")

    async def press(self, place: Town, number: int) -> Interaction:
        """Press *I have this too*."""
        cards = self.cards[place]
        return await self.somebody(place).click(cards[number % len(cards)], "Broken for me")

    async def press_again(self, place: Town, number: int) -> Interaction:
        """Press *I have this too* as a person who is already counted, so that nothing is written."""
        cards, person = self.cards[place], self.counted.get(place)
        if person is None:
            person = self.counted[place] = self.somebody(place)
            await person.click(cards[0], "Broken for me")
        return await person.click(cards[number % len(cards)], "Broken for me")

    async def react(self, place: Town, number: int) -> None:
        """Add a reaction that counts."""
        replies = self.replies[place]
        await self.somebody(place).react(replies[number % len(replies)], "👍")


async def window(place: Town, deed: Deed, rate: int, into: Windows | None) -> None:
    """Do a deed many times at a rate; the CPU time is counted until the bot is idle."""
    await place.bot.settle(0.1)
    before = place.cpu()
    done: Sequence[Any] = await place.world.hammer(lambda number: deed(place, number), RATES[rate], rate)
    await place.world.gateway.roundtrip()
    await place.bot.settle(0.1)
    if into is not None:
        into.cpu.append((place.cpu() - before) / RATES[rate])
        into.took.append([each.ack_ms for each in done if each is not None and each.acked])
        lost = [each for each in done if each is not None and not each.acked]
        assert not lost, f"{len(lost)} were not answered"


async def measure(rounds: int, rates: Sequence[int]) -> None:
    """Measure all deeds at all rates, window by window, and store the rows."""
    crowd = Crowd()
    deeds: dict[str, Deed] = {
        "`/500`": crowd.command,
        PRESS: crowd.press,
        "*I have this too* by a person already counted": crowd.press_again,
        REACTION: crowd.react,
    }
    table: list[Row] = []
    async with AsyncExitStack() as stack:
        towns = [await stack.enter_async_context(town(kind, GUILDS)) for kind in (OURS, "same")]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = await asyncio.to_thread(store.make, folder / "raw.db", store.SMALL)
        for place in towns:
            await crowd.prepare(place)
        for what, deed in deeds.items():
            for place in towns:
                await window(place, deed, 50, None)
            for rate in rates:
                ours, bare, kept = Windows(), Windows(), list[float]()
                for _ in range(rounds):
                    for place, into in zip(towns, (ours, bare), strict=True):
                        await window(place, deed, rate, into)
                    if deed == crowd.press and rate > 1:
                        kept.append(await asyncio.to_thread(store.commits, file, RATES[rate], rate))
                table += rows(what, rate, ours, bare)
                if kept:
                    table.append(beside_commits(what, rate, ours, bare, kept))
        ours, bare = (len(json.dumps(crowd.cards[place][0].components)) for place in towns)
        table.append(Row("the components of the answer to `/500`", f"{ours:,} bytes", f"{bare:,} bytes"))
    keep("gateway-answers", "Answers", table, note=f"{rounds} windows each; percentiles are the median of the windows.")


def rows(what: str, rate: int, ours: Windows, bare: Windows) -> list[Row]:
    """The rows of a deed at a rate."""
    ratio = Spread.of([own / other for own, other in zip(ours.cpu, bare.cpu, strict=True)])
    name = f"{what}, {rate} a second"
    if rate == 1:
        found = [Row(f"{name}: CPU", ours.text(), bare.text(), ratio.text())]
    else:
        most = MOST_OF_REACTION if what == REACTION else MOST
        found = [at_most(f"{name}: CPU", ours.text(), bare.text(), ratio, most)]
    if rate == max(RATES) and what != REACTION:
        late = ours.quantile(0.99)
        found.append(Row(f"{name}: p99", f"{late:.1f} ms", aim=f"{LATEST:g} ms", met=late <= LATEST))
    return found


def beside_commits(what: str, rate: int, ours: Windows, bare: Windows, kept: Sequence[float]) -> Row:
    """A press compared with its least possible cost: the constant answer and one durable commit."""
    least = [answer + commit for answer, commit in zip(bare.cpu, kept, strict=True)]
    ratio = Spread.of([own / each for own, each in zip(ours.cpu, least, strict=True)])
    limit = f"{1000 * Spread.of(least).median:.2f} CPU-ms, of which {1000 * Spread.of(kept).median:.2f} for the commit"
    name = f"{what}, {rate} a second: CPU ÷ constant answer and commit"
    return at_most(name, ours.text(), limit, ratio, MOST_WITH_COMMIT)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rates", default="1,50,200", help="answers a second (1,50,200)")
    given = parser.parse_args()
    with steady():
        asyncio.run(measure(given.rounds, [int(rate) for rate in given.rates.split(",")]))


if __name__ == "__main__":
    main()
