"""Database faults under a real bot: it keeps answering, loses no acknowledged report, and recovers."""

import asyncio
import random
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from bot.storage import recovery
from bot.storage.backups import backups_of
from bot.storage.examine import companions, examine
from bot.storage.recovery import set_aside
from tests.conftest import Figure
from tests.e2e.conftest import ROOT, Town, found_town, preset, reporter
from tests.e2e.test_kill import counted
from tests.e2e.test_operator import operate
from tests.loopback import Interaction, User
from tests.patience import PATIENCE
from tests.storage.ruin import become_text, empty, overwrite_header, overwrite_pages, truncate

pytestmark = pytest.mark.asyncio(loop_scope="package")

REFUSED = "I couldn't save that just now, so nothing has changed. Please try again in a minute."
STOPPED_BY_DAMAGE = 74


@pytest_asyncio.fixture(loop_scope="package")
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose bot may speak of failed writes and jobs, but of nothing unexpected."""
    async with found_town(tmp_path) as one:
        yield one
        one.world.assert_clean()
        for bot in one.world.bots:
            said = bot.output()
            assert "unexpected failure" not in said and "never retrieved" not in said, said


def kept(town: Town) -> set[int]:
    """Everybody whose report is in the database."""
    return {row[0] for row in town.rows("SELECT reporter FROM report")}


async def seen(town: Town) -> float:
    """Ask `/500` in a fresh place; gives the seconds until it was answered."""
    began = time.monotonic()
    shown = await town.user().slash(town.channel(), "500")
    assert "Character.AI" in shown.text
    return time.monotonic() - began


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process holds the database; its lock is as foreign to the bot as any."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


class Crowd:
    """Members who report, and what they were told."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.presses: list[tuple[User, Interaction]] = []

    async def report(self) -> None:
        member = self.town.user()
        press = await member.slash(self.town.channel(), "report", symptom="chats", wait=False)
        self.presses.append((member, press))

    async def answers(self) -> tuple[set[int], set[int]]:
        """Wait until everybody has an answer; gives the acknowledged and the refused."""
        await self.town.world.until(lambda: all(p.text for _, p in self.presses), what="an answer to each", poll=0.02)
        acknowledged = {reporter(user) for user in counted(self.presses)}
        refused = {reporter(user) for user, press in self.presses if press.text == REFUSED}
        assert len(acknowledged) + len(refused) == len(self.presses), [p.text for _, p in self.presses]
        return acknowledged, refused

    async def settle(self) -> str:
        """Compare what they were told with what is kept; gives the figures."""
        acknowledged, refused = await self.answers()
        now = kept(self.town)
        assert acknowledged <= now, "acknowledged and lost"
        assert not refused & now, "refused and kept"
        return f"{len(acknowledged)} acknowledged, {len(refused)} refused, 0 lost, 0 kept though refused"


async def working(town: Town) -> None:
    """A report is counted and kept."""
    crowd = Crowd(town)
    await crowd.report()
    acknowledged, _ = await crowd.answers()
    assert len(acknowledged) == 1 and acknowledged <= kept(town)


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=[pytest.mark.faults])])
async def test_a_database_that_another_process_locks_for_ten_seconds(town: Town, figure: Figure, rounds: int) -> None:
    await town.start()
    crowd, slowest = Crowd(town), 0.0
    for _ in range(rounds):
        with locked(town.folder / "bot.db"):
            end = time.monotonic() + 10
            while time.monotonic() < end:
                for _ in range(4):
                    await crowd.report()
                slowest = max(slowest, await seen(town))  # though nothing can be written
                await asyncio.sleep(0.2)
        _, refused = await crowd.answers()
        assert refused, "nobody waits for ten seconds"
        await working(town)
    figure(f"locked {rounds} x 10 s: {await crowd.settle()}; slowest /500 {slowest * 1e3:.0f} ms")
    await town.stop()
    assert town.rows("PRAGMA integrity_check") == [("ok",)]


async def test_behind_a_lock_menus_are_taken_in_time_and_changed_or_refused(town: Town) -> None:
    await town.start()
    channel = town.channel()
    owner, ann = channel.guild.owner, town.user()
    assert owner is not None
    counted = await ann.slash(channel, "report")
    panel = await owner.slash(channel, "setup")
    with locked(town.folder / "bot.db"):
        chosen = await asyncio.gather(
            ann.select(counted, None, ["login"]), town.choose(owner, panel, "language", ["de"])
        )
        assert all(one.acked for one in chosen)
        refusal = "couldn't save that just now"
        await town.world.until(
            lambda: all(any(refusal in m.text for m in one.messages) for one in chosen), what="refusals"
        )
    await working(town)
    await town.choose(owner, panel, "language", ["de"])
    await town.world.until(lambda: preset(panel, "language") == ["de"], what="the change")
    await town.stop()


async def test_a_disk_that_is_full(town: Town, figure: Figure) -> None:
    bot = await town.start()
    crowd, slowest = Crowd(town), 0.0
    for _ in range(20):
        await crowd.report()
    await crowd.answers()
    # Files cannot grow beyond this: the log of the database is at it soon, what the bot says is far below.
    wal = companions(town.folder / "bot.db")[0]
    limit = wal.stat().st_size + 20_000
    assert bot.log.stat().st_size < limit / 2
    process = psutil.Process(bot.process.pid)
    _, hard = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (limit, hard))
    refused = set[int]()
    while len(refused) <= 20:  # a log that was copied into the database meanwhile is written anew from its beginning
        for _ in range(40):
            await crowd.report()
            slowest = max(slowest, await seen(town))
        _, refused = await crowd.answers()
    process.rlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await working(town)
    figure(f"disk full: {await crowd.settle()}; slowest /500 {slowest * 1e3:.0f} ms")
    await town.stop()
    assert town.rows("PRAGMA integrity_check") == [("ok",)]


async def one_life(town: Town, reports: int) -> set[int]:
    """Start, take reports, stop; gives who is kept then."""
    await town.start()
    crowd = Crowd(town)
    for _ in range(reports):
        await crowd.report()
    acknowledged, refused = await crowd.answers()
    assert len(acknowledged) == reports and not refused
    await town.stop()
    return kept(town)


RUINS = [overwrite_header, overwrite_pages, truncate, empty, become_text]


@pytest.mark.parametrize(
    "ruins", [RUINS[:1], pytest.param(RUINS[1:], marks=pytest.mark.faults)], ids=["header", "others"]
)
async def test_a_file_that_was_damaged_while_the_bot_was_stopped_is_healed_by_its_start(
    town: Town, figure: Figure, ruins: list[Callable[[Path, random.Random], None]]
) -> None:
    file = town.folder / "bot.db"
    known = await one_life(town, 5)
    code, said = await operate(town, "db", "backup", str(town.folder / "backups" / "bot.db.daily.20990101T000000Z.bak"))
    assert code == 0, said
    for number, ruin in enumerate(ruins):
        lost = (await one_life(town, 3)) - known
        ruin(file, random.Random(number))
        code, said = await operate(town, "doctor", "--offline")
        assert code == 78 and "✗ damage" in said and "puts the newest sound backup" in said, said
        await town.start()
        assert kept(town) == known
        assert "the database was damaged and replaced with a backup" in town.bot.output()
        await working(town)
        await town.stop()
        code, said = await operate(town, "doctor", "--offline")
        assert code == 0 and "! recovered: the database was damaged and replaced at" in said
        assert len(set_aside(file)) == number + 1
        figure(f"{ruin.__name__}: recovered, {len(known)} reports back, {len(lost)} newer ones lost and said so")


async def test_damage_while_the_bot_runs_ends_it_and_the_next_start_heals(town: Town) -> None:
    file = town.folder / "bot.db"
    known = await one_life(town, 5)
    shutil.rmtree(town.folder / "backups")
    bot = await town.start()
    await town.world.until(lambda: backups_of(file), what="the backup of the day", poll=0.05)
    for data in (file, companions(file)[0]):
        if data.exists():
            content = bytearray(data.read_bytes())
            content[4096:] = random.Random(1).randbytes(max(0, len(content) - 4096))
            data.write_bytes(content)
    # What it has in memory still does; this may be the write that makes it look, or one of its own soon after.
    await town.user().slash(town.channel(), "report", symptom="chats", wait=False)
    assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == STOPPED_BY_DAMAGE, bot.tail()
    assert "the database is damaged, so the bot ended; the next start replaces it with a backup" in bot.output()
    await town.start()
    assert kept(town) == known
    await working(town)
    await town.stop()


async def test_one_bot_a_data_folder_and_commands_beside_it(town: Town) -> None:
    bot = await town.start()
    code, said = await operate(town, "run")
    assert code == STOPPED_BY_DAMAGE and "another bot is running on" in said and "Traceback" not in said
    copy = town.folder / "copy.db"
    assert (await operate(town, "db", "backup", str(copy)))[0] == 0
    code, said = await operate(town, "db", "check")
    assert code == 0 and "is sound: pages, indexes, values and references" in said
    assert (await operate(town, "db", "current"))[0] == 0
    code, said = await operate(town, "db", "restore", str(copy))
    assert code == STOPPED_BY_DAMAGE and "another bot is running on" in said
    # A killed bot leaves nothing that must be cleared away.
    bot.process.kill()
    await bot.process.wait()
    code, said = await operate(town, "db", "restore", str(copy))
    assert code == 0 and "is kept as" in said, said
    await town.start()
    await working(town)
    await town.stop()


async def kill_workers(rounds: int, rng: random.Random, *args: str, check: Callable[[], None]) -> None:
    """Let a worker work, kill it somewhere in the midst, and look at what it left."""
    for _ in range(rounds):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.e2e.store_worker", *args), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        await process.stdout.readline()
        await asyncio.sleep(rng.uniform(0, 0.15))
        assert process.returncode is None
        process.kill()
        await process.wait()
        check()


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=[pytest.mark.faults, pytest.mark.timeout(900)])])
async def test_a_kill_during_a_backup_or_a_restore_leaves_the_old_or_the_new(
    town: Town, figure: Figure, rounds: int
) -> None:
    file, first, second, to = (town.folder / name for name in ("bot.db", "first.db", "second.db", "to.db"))
    for backup in (first, second):
        await one_life(town, 2)
        assert (await operate(town, "db", "backup", str(backup)))[0] == 0
    held = [reports_in(first), reports_in(second)]
    assert held == [2, 4]
    shutil.copy(first, to)
    found = [0, 0]

    def copied() -> None:
        assert examine(to).sound and reports_in(to) in held

    def restored() -> None:
        assert file.stat().st_size
        assert recovery.recover(file, time.time()) is None, "there was nothing to recover"
        assert examine(file, live=True).sound
        found[held.index(reports_in(file))] += 1

    await kill_workers(rounds, random.Random(1), "backup", str(file), str(to), check=copied)
    await kill_workers(rounds, random.Random(2), "restore", str(file), str(first), str(second), check=restored)
    await town.start()
    await working(town)
    await town.stop()
    figure(f"killed {rounds} backups and {rounds} restores: {found[0]} times one database, {found[1]} times the "
        "other, 0 times none")  # fmt: skip


def reports_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute("SELECT count(*) FROM report").fetchone()[0]
