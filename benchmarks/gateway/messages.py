"""(a) Messages a CPU second over a real socket: `python -m benchmarks.gateway.messages`.

Our bot, with auto-reply on, and bare clients are flooded in turns, round after round, with the same lines, of which 1 %
are mentions. Ratios are taken within a round. Before the rounds a mention was answered in every channel, so the pauses
between replies apply as in a busy hour. The cost of a reply is shown separately.
"""

import argparse
import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from benchmarks.figures import Row, Spread, at_least, keep
from benchmarks.gateway.towns import OURS, OURS_BOTH, Town, per_second, town
from benchmarks.mentions.data import chat
from benchmarks.mentions.lines import HELD_OUT, read_lines
from tests.loopback import Channel

GUILDS, PEOPLE = 20, 200
MENTION = "is cai down for anyone else?"
SHARES = (0.01, 0.0, 0.1)
ANSWERS_A_SECOND = 40


@dataclass
class Flood:
    """CPU seconds per message, run by run, and the number of replies sent meanwhile."""

    runs: list[float] = field(default_factory=list[float])
    replies: int = 0

    @property
    def rate(self) -> Spread:
        """Messages a CPU second."""
        return Spread.of([1 / seconds for seconds in self.runs])

    def over(self, other: "Flood") -> Spread:
        """The ratio of messages per CPU second to the other, within each round."""
        return Spread.of([theirs / own for own, theirs in zip(self.runs, other.runs, strict=True)])


class Lines:
    """Ordinary chat with a share of mentions in it; the same for all bots.

    Half of the chat is sent before the measurement, because a running bot has seen most words that people use.
    """

    def __init__(self) -> None:
        rng = random.Random(6)  # noqa: S311 - the same lines every time
        self._chat = [line.text for line in chat(held_back=True) if "@" not in line.text]
        rng.shuffle(self._chat)
        half = len(self._chat) // 2
        self.before, self._chat = self._chat[:half], self._chat[half:]
        self._mentions = [line.text for line in read_lines(HELD_OUT) if line.mention]

    def some(self, count: int, share: float, turn: int) -> list[str]:
        """`count` lines with this share of mentions, different ones in each turn."""
        rng = random.Random(turn)  # noqa: S311 - the same
        return [rng.choice(self._mentions if rng.random() < share else self._chat) for _ in range(count)]


async def flood(
    place: Town, channels: list[Channel], lines: list[str], into: Flood | None, rate: float | None = None
) -> None:
    """Send all lines by many people in all channels, as fast as the bot reads them, and record the cost."""
    people = list(place.world.users.values())[-PEOPLE:]
    await place.bot.settle(0.1)
    before, said = place.cpu(), len(place.world.requests)
    await place.world.flood(channels, [(people[i % PEOPLE], line) for i, line in enumerate(lines)], rate)
    await place.bot.settle(0.1)
    if into is not None:
        into.runs.append((place.cpu() - before) / len(lines))
        into.replies += len(place.world.requests) - said


async def measure(count: int, rounds: int, kinds: tuple[str, ...]) -> None:
    """Flood all bots, round after round, and store the rows."""
    lines, floods = Lines(), {name: Flood() for name in (*kinds, *map(str, SHARES), "off", "answered")}
    async with AsyncExitStack() as stack:
        towns = {kind: await stack.enter_async_context(town(kind, GUILDS)) for kind in kinds}
        for place in towns.values():
            for number in range(PEOPLE):
                person = place.world.user(f"Person {number}")
                for guild in place.world.guilds.values():
                    guild._join(person)  # noqa: SLF001 - before the first message, without events
        ours = towns[OURS]
        half = len(ours.channels) // 2
        on, off = ours.channels[:half], ours.channels[half:]
        for place in towns.values():
            await flood(place, place.channels[:half], lines.before, None)
        # Discord accepts 50 requests a second. More would measure how the library waits.
        await flood(ours, on, [MENTION] * half, floods["answered"], ANSWERS_A_SECOND)
        if OURS_BOTH in towns:
            await flood(towns[OURS_BOTH], towns[OURS_BOTH].channels[:half], [MENTION] * half, None, ANSWERS_A_SECOND)
        for turn in range(rounds):
            for kind in kinds[1:]:
                place = towns[kind]
                await flood(place, place.channels[:half], lines.some(count, SHARES[0], turn), floods[kind])
            for share in SHARES:
                await flood(ours, on, lines.some(count, share, turn), floods[str(share)])
            await flood(ours, off, lines.some(count, SHARES[0], turn), floods["off"])
    keep(
        "gateway-messages", "Messages a CPU second", rows(floods, kinds), note=f"{rounds} rounds of {count:,} messages."
    )


def rows(floods: dict[str, Flood], kinds: tuple[str, ...]) -> list[Row]:
    """The table."""
    ours, table = floods[str(SHARES[0])], []

    def against(what: str, kind: str, aim: float | None) -> None:
        mine, limit, ratio = per_second(ours.rate.median), per_second(floods[kind].rate.median), ours.over(floods[kind])
        table.append(at_least(what, mine, limit, ratio, aim) if aim else Row(what, mine, limit, ratio.text()))

    for kind, what, aim in (
        ("same", "1 % mentions ÷ a bare client with our settings", 0.95),
        ("pip", "1 % mentions ÷ a bare client as pip installs it", 1.3),
        ("deaf", "1 % mentions ÷ a bare client with our settings and no handler for messages", None),
        (OURS_BOTH, "1 % mentions ÷ the same with both stages of the mention detector, including its process", None),
    ):
        if kind in kinds:
            against(what, kind, aim)
    for share in SHARES[1:]:
        each = floods[str(share)]
        table.append(Row(f"{share:.0%} mentions ÷ 1 %", per_second(each.rate.median), ratio=each.over(ours).text()))
    if {"same", OURS_BOTH} <= set(kinds):
        both, same = floods[OURS_BOTH], floods["same"]
        ratio = both.over(same)
        table.append(
            Row(
                "both stages, 1 % mentions ÷ a bare client with our settings",
                per_second(both.rate.median),
                per_second(same.rate.median),
                ratio.text(),
            )
        )
    off = floods["off"]
    table.append(Row("with auto-reply off ÷ on", per_second(off.rate.median), ratio=off.over(ours).text()))
    answered = floods["answered"]
    table.append(Row("an answered mention", f"{1000 * answered.runs[0]:.1f} CPU-ms"))
    table.append(Row("replies sent during the rounds", f"{ours.replies}"))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=6000, help="messages per flood (6000)")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument(
        "--kinds", default="same,pip,deaf,both stages", help="what to compare with (same,pip,deaf,both stages)"
    )
    given = parser.parse_args()
    asyncio.run(measure(given.count, given.rounds, (OURS, *given.kinds.split(","))))


if __name__ == "__main__":
    main()
