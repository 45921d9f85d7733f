"""(j) The effect of an attack on others: `python -m benchmarks.gateway.attacks`.

Members use `/500` in all servers, in turns without and with an attack, window by window. The ratio of the milliseconds
shows how much longer the others wait. The cost of the attack is the additional processor time. The attackers press,
write and react through the same Discord, in one server.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from benchmarks.figures import Row, Spread, at_most, keep
from benchmarks.gateway.towns import OURS, Town, at, per_second, steady, town
from tests.loopback import Channel, Interaction, Message, User
from tests.loopback.people import NotPossible

GUILDS = 8
CHANNELS = 10
ASKED, ASKED_RATE = 160, 40
"""Uses of `/500` in a window, and per second."""
SECONDS = ASKED / ASKED_RATE
NEVER = 3000.0
"""Milliseconds that are counted if there was no answer in time."""
MOST = 2.0
"""Aim: the 99th percentile is at most this many times that without an attack."""
MENTION = "is cai down for anyone else?"
DAYS_OLD = 30
FORM = "n1:setform:phrases:what"

Deed = Callable[[int], Awaitable[Any]]


class Window(NamedTuple):
    """99th percentiles for `/500`: the milliseconds until the answer, and the bot's CPU-ms in that time.

    The CPU time does not depend on other work of the machine.
    """

    late: float
    work: float


@dataclass
class Attack:
    """A deed of an attacker, and how often it is done per second."""

    name: str
    rate: int
    deed: Deed
    costs: list[float] = field(default_factory=list[float])
    """CPU seconds per deed, window by window."""
    quiet: list["Window"] = field(default_factory=list["Window"])
    beside: list["Window"] = field(default_factory=list["Window"])
    """Windows without and with the attack."""


class Attacker:
    """The attackers' accounts and cards in the first server, where auto-reply is on."""

    def __init__(self, place: Town) -> None:
        self.place, self.guild = place, next(iter(place.world.guilds.values()))
        self.channels = list(self.guild.channels.values())
        self.accounts: list[User] = []
        self.card: Message | None = None
        self.answers: dict[int, Interaction] = {}
        self.reply: Message | None = None
        self.privacy: list[Message] = []
        self.panel: Any = None
        self._people = 0

    def account(self) -> User:
        """A new account whose age on Discord is more than a week."""
        self._people += 1
        return self.place.world.user(f"Attacker {self._people}", days_old=DAYS_OLD)

    async def prepare(self) -> None:
        """Make the accounts, the cards that they press, a reply for their reactions, and slow patterns."""
        channel, owner = self.channels[0], self._owner()
        self.accounts = [self.account() for _ in range(20)]
        self.card = await (await self.account().slash(channel, "500")).wait_response()
        self.privacy = [await (await one.slash(channel, "privacy")).wait_response() for one in self.accounts]
        said = await self.account().say(self.channels[1], MENTION)
        self.reply = await self.place.world.next_message(self.channels[1], after=said)
        self.panel = await owner.slash(channel, "setup")
        for pressed in ("More", "Simulate an outage"):
            await owner.click(self.panel, pressed)

    async def save_slow_patterns(self) -> str:
        """Save twenty of the slowest patterns that the form accepts. Returns one of them."""
        owner = self._owner()
        panel = await owner.slash(self.channels[0], "setup")
        await owner.select(panel, "n1:setgo", ["What it answers"])
        for repeated in (40, 30, 20, 15, 10, 7, 5, 3):
            patterns = [f"/(.?){{{repeated}}}z{number}/" for number in range(20)]
            answer = await owner.submit_modal(await owner.click(panel, FORM), {"phrases": "\n".join(patterns)})
            if "too slow" not in answer.text and "too complex" not in answer.text:
                return patterns[0]
        raise AssertionError("the form accepted no slow pattern")

    async def report(self, who: User) -> Interaction:
        """Press *Broken for me* on the card of `/500`."""
        assert self.card is not None
        return await who.click(self.card, "Broken for me")

    async def cycle(self, number: int) -> None:
        """Report and take it back in turn."""
        account = number % len(self.accounts)
        who = self.accounts[account]
        if (answered := self.answers.pop(account, None)) is not None:
            await who.click(answered, "Works for me again")
        else:
            self.answers[account] = await self.report(who)

    async def ask(self, number: int) -> None:
        """Use `/500`, as many people do in an outage: no attack."""
        who, channels = self.account(), self.place.channels[CHANNELS:]
        await who.slash(channels[number * 7 % len(channels)], "500")

    async def raid(self, _number: int) -> None:
        """Report with an account that has not reported yet."""
        await self.report(self.account())

    async def react(self, number: int) -> None:
        """Add a reaction that counts, and take it away again in the next round."""
        round_, account = divmod(number, len(self.accounts))
        who, reply = self.accounts[account], self.reply
        assert reply is not None
        await (who.unreact if round_ % 2 else who.react)(reply, "👍")

    async def write_long(self, number: int) -> None:
        """Write a long message, which all patterns search."""
        text = "ab cd " * 300 + str(number)
        await self.accounts[number % 20].say(self._spoken(number), text)

    async def mention(self, number: int) -> None:
        """Write that the service is down, in one channel after another."""
        await self.accounts[number % 20].say(self._spoken(number), MENTION)

    async def simulate(self, _number: int) -> None:
        """Simulate an outage, even if a simulation is running."""
        await self._owner().select(self.panel, "n1:setsimplay", [self.channels[0]])

    async def look(self, _number: int) -> None:
        """Simulate an outage that only this person sees."""
        await self._owner().click(self.panel, "Show it only to me")

    async def delete(self, number: int) -> None:
        """Report and delete everything in turn."""
        round_, account = divmod(number, len(self.accounts))
        if round_ % 2:
            with suppress(NotPossible):
                who, card = self.accounts[account], self.privacy[account]
                await who.click(await who.click(card, "Delete mine"), "Delete it")
        else:
            await self.report(self.accounts[account])

    def _owner(self) -> Any:
        return self.guild.owner

    def _spoken(self, number: int) -> Channel:
        return self.channels[2 + number % (len(self.channels) - 2)]

    def attacks(self) -> list[Attack]:
        """All attacks with their rate per second, and harmless questions for comparison."""
        return [
            Attack("for comparison, no attack: more people ask", 100, self.ask),
            Attack("20 accounts report and take it back", 100, self.cycle),
            Attack("a raid: each report by a different account", 100, self.raid),
            Attack("20 accounts add and remove reactions", 200, self.react),
            Attack("mentions in eight channels", 300, self.mention),
            Attack("*Simulate an outage*", 10, self.simulate),
            Attack("*Simulate an outage*, *Show it only to me*", 10, self.look),
            Attack("20 accounts report and *Delete mine*", 60, self.delete),
            Attack("long messages, with 20 slow patterns", 50, self.write_long),
        ]


class Others:
    """Members of the other servers, each of whom uses `/500` once."""

    def __init__(self, place: Town) -> None:
        self._place, self._people = place, 0
        guilds = list(place.world.guilds.values())[1:]
        self._channels = [channel for guild in guilds for channel in guild.channels.values()]

    async def ask(self, number: int) -> tuple[float, float]:
        """Use `/500`. Returns the milliseconds until the answer, and the bot's CPU-ms in that time."""
        self._people += 1
        who, before = self._place.world.user(f"Member {self._people}"), self._place.cpu()
        asked = await who.slash(self._channels[number * 7 % len(self._channels)], "500")
        return asked.ack_ms or NEVER, 1000 * (self._place.cpu() - before)

    async def window(self) -> Window:
        """Use `/500` for some seconds."""
        asked: Any = await self._place.world.hammer(self.ask, ASKED, ASKED_RATE)
        late, work = zip(*asked, strict=True)
        return Window(at(late, 0.99), at(work, 0.99))


async def rest(place: Town) -> float:
    """Wait until the bot has nothing to do. Returns its processor seconds."""
    await place.world.gateway.roundtrip()
    await place.bot.settle(0.2)
    return place.cpu()


async def windows(place: Town, others: Others, attack: Attack) -> None:
    """Measure a window without the attack, and one with it."""
    begun = await rest(place)
    attack.quiet.append(await others.window())
    quiet = await rest(place)
    count = int(attack.rate * SECONDS)
    attacking = asyncio.create_task(place.world.hammer(attack.deed, count, attack.rate))
    attack.beside.append(await others.window())
    await attacking
    cost = (await rest(place) - quiet) - (quiet - begun)
    attack.costs.append(max(cost, 1e-6) / count)


def rows(attack: Attack, asked: Spread) -> list[Row]:
    """The cost of an attack, and how much longer others wait. `asked` is the cost of a `/500`, in CPU seconds."""
    cost = Spread.of(attack.costs)
    ratio = Spread.of([each / asked.median for each in attack.costs])
    name = f"{attack.name}, {attack.rate} a second"
    limit, work = f"{per_second(1 / asked.median)} of `/500`", f"{ratio.text()} times the work of a `/500`"
    found = [Row(f"{name}: events a CPU second", per_second(1 / cost.median), limit, work)]
    for what, unit, of in (
        ("p99 of `/500` in other servers", "ms", "late"),
        ("the bot's CPU time for it", "CPU-ms", "work"),
    ):
        beside, quiet = ([getattr(window, of) for window in windows] for windows in (attack.beside, attack.quiet))
        longer = Spread.of([b / q for b, q in zip(beside, quiet, strict=True)])
        ours, limit = (f"{Spread.of(values).text(1)} {unit}" for values in (beside, quiet))
        row = at_most(f"{name}: {what}", ours, f"{limit} without the attack", longer, MOST)
        found.append(row if of == "late" else replace(row, aim="", met=None))
    return found


async def measure(rounds: int, only: Sequence[str]) -> None:
    """Measure all attacks, window by window, and store the rows."""
    async with town(OURS, GUILDS, CHANNELS) as place:
        attacker, others = Attacker(place), Others(place)
        await attacker.prepare()
        await others.window()
        costs, table = list[float](), list[Row]()
        attacks = [one for one in attacker.attacks() if not only or any(word in one.name for word in only)]
        for _ in range(rounds):
            before = await rest(place)
            await others.window()
            costs.append((await rest(place) - before) / ASKED)
        for attack in attacks:
            if attack.deed == attacker.write_long:
                attack.name += f" such as `{await attacker.save_slow_patterns()}`"
            for _ in range(rounds):
                await windows(place, others, attack)
                print(f"{attack.name}: {attack.quiet[-1]} {attack.beside[-1]}", flush=True)
            table += rows(attack, Spread.of(costs))
    note = f"{rounds} windows of {SECONDS:g} s, in turns with windows without the attack; others use "
    note += f"`/500` {ASKED_RATE} times a second. On a busy machine, windows with more "
    note += "events are slower: compare with the first rows."
    keep("j-attacks", "(j) Under attack", table, note=note)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("only", nargs="*", help="measure only attacks whose name contains one of these words")
    given = parser.parse_args()
    with steady():
        asyncio.run(measure(given.rounds, given.only))


if __name__ == "__main__":
    main()
