"""A report is never acknowledged and lost: the bot is killed at random moments, and then the reports are counted.

`kill -9` ends the process, not the machine. That a commit also survives a power cut is due to SQLite's
`synchronous=FULL`, which a test of a process cannot show.
"""

import asyncio
import os
import random
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.privacy import ReporterKey
from tests.conftest import Figure
from tests.e2e.conftest import KEY, ROOT, Town, override, reporter, settings
from tests.e2e.report_writer import TASKS
from tests.loopback import Interaction, Message, User

pytestmark = pytest.mark.asyncio(loop_scope="package")

_KEY = ReporterKey(bytes.fromhex(KEY))
_LONGEST_LIFE = 0.4
_LONGEST_START = 2.0
_ROUNDS_ON_A_DATABASE = 10
_MEMBERS = 40


@dataclass
class Count:
    """The results of the reports of some rounds."""

    rounds: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    unasked: int = 0
    """Kept without having been acknowledged: the answer was still on its way."""

    def add(self, other: "Count") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self) -> str:
        return (
            f"killed {self.rounds} times: {self.acknowledged} reports acknowledged, {self.lost} lost, "
            f"{self.twice} kept twice, {self.unasked} kept with the answer still on its way"
        )


def compare(database: Path, acknowledged: set[int]) -> Count:
    """The acknowledged reporters against what a killed process left behind."""
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = Counter(row[0] for row in opened.execute("SELECT reporter FROM report"))
    return Count(
        acknowledged=len(acknowledged),
        lost=len(acknowledged - kept.keys()),
        twice=sum(times > 1 for times in kept.values()),
        unasked=len(kept.keys() - acknowledged),
    )


async def write_until_killed(folder: Path, env: dict[str, str], first: int, moment: float, *, begun: bool) -> set[int]:
    """Let the writer write, kill it `moment` seconds after its start or first report; gives the acknowledged."""
    with (folder / "writer.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.e2e.report_writer",
            str(first),
            cwd=ROOT,
            env=os.environ | env,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    said = await process.stdout.readline() if begun else b""
    await asyncio.sleep(moment)
    died = process.returncode
    if died is None:
        process.kill()
    said += await process.stdout.read()
    await process.wait()
    assert died is None and process.returncode == -9, (folder / "writer.log").read_text()
    return {int(line) for line in said.splitlines()}


async def kill_writers(folder: Path, rounds: int, rng: random.Random) -> Count:
    """Several lives and deaths on one database."""
    env = settings(folder, override(folder, "http://127.0.0.1:9"))
    acknowledged: set[int] = set()
    for number in range(rounds):
        # Mostly amid the writing; every tenth anywhere in its life, also while the database is made or opened.
        begun = number % 10 != 3
        moment = rng.uniform(0, _LONGEST_LIFE if begun else _LONGEST_START)
        members = await write_until_killed(folder, env, 1 + number * 1_000_000, moment, begun=begun)
        assert members or not begun
        acknowledged |= {_KEY.reporter(member) for member in members}
        if (folder / "bot.db").exists():
            count = compare(folder / "bot.db", acknowledged)
            assert count.lost == count.twice == 0, count
            assert count.unasked <= TASKS * (number + 1), "no more than were being written"
    count = compare(folder / "bot.db", acknowledged)
    count.rounds = rounds
    return count


async def kill_many_writers(folder: Path, rounds: int, lanes: int) -> Count:
    """Rounds on several databases; as many at a time as there are lanes."""
    total, free = Count(), asyncio.Semaphore(lanes)

    async def some(name: int, size: int) -> None:
        async with free:
            total.add(await kill_writers(folder / str(name), size, random.Random(name)))

    sizes = [_ROUNDS_ON_A_DATABASE] * (rounds // _ROUNDS_ON_A_DATABASE) + [rounds % _ROUNDS_ON_A_DATABASE]
    async with asyncio.TaskGroup() as group:
        for name, size in enumerate(filter(None, sizes)):
            group.create_task(some(name, size))
    assert total.rounds == rounds
    return total


@pytest.mark.parametrize(
    ("rounds", "lanes"),
    [(4, 1), pytest.param(190, 2, marks=[pytest.mark.faults, pytest.mark.timeout(3600)])],
)
async def test_no_acknowledged_report_is_lost_when_the_writer_is_killed(
    tmp_path: Path, figure: Figure, rounds: int, lanes: int
) -> None:
    count = await kill_many_writers(tmp_path, rounds, lanes)
    figure(f"the writer alone, {count}")


def counted(presses: list[tuple[User, Interaction]]) -> list[User]:
    """Who was told that they count."""
    return [user for user, press in presses if press.text.startswith("Counted.")]


async def press_until_killed(town: Town, card: Message, enough: int) -> list[User]:
    """Forty members press and report at once; the bot is killed when `enough` were told that they count."""
    presses: list[tuple[User, Interaction]] = []
    for number in range(_MEMBERS):
        member = town.user()
        if number % 2:
            press = await member.click(card, "Broken for me", wait=False)
        else:
            press = await member.slash(card.channel, "report", symptom="chats", wait=False)
        presses.append((member, press))
    await town.world.until(lambda: len(counted(presses)) >= enough, what=f"{enough} answers", poll=0.01)
    town.bot.process.kill()
    assert await town.bot.process.wait() == -9
    # What it sent just before the end may still be on its way to us.
    await town.world.until(lambda: not town.world.gateway.connections, what="the connection's end", poll=0.01)
    return counted(presses)


async def kill_bots(town: Town, rounds: int) -> Count:
    """Several lives and deaths of the whole bot on one data folder."""
    rng = random.Random(rounds)
    acknowledged: list[User] = []
    count = Count()
    await town.start()
    card = (await town.user().slash(town.channel(), "500")).response
    for number in range(rounds):
        fresh = await press_until_killed(town, card, rng.randint(1, _MEMBERS - 5))
        acknowledged += fresh
        count = compare(town.folder / "bot.db", {reporter(user) for user in acknowledged})
        assert count.lost == count.twice == 0, count
        assert count.unasked <= _MEMBERS * (number + 1) - len(acknowledged)
        await town.start()
        # The next life knows them, too.
        assert (await fresh[-1].click(card, "Broken for me")).text.startswith("You're already counted")
    count.rounds = rounds
    return count


@pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=[pytest.mark.faults])])
async def test_no_report_that_a_member_was_told_of_is_lost_when_the_bot_is_killed(
    bare_town: Town, figure: Figure, rounds: int
) -> None:
    count = await kill_bots(bare_town, rounds)
    figure(f"the whole bot, {count}")
