"""A small database with rows in every table, a backup of it, and ways to damage the file."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from bot.core.guild_settings import GuildSettings, changes
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import HOUR, Report
from bot.settings import Settings
from bot.storage.backups import copy_database
from bot.storage.examine import companions
from bot.stores import Stores, open_stores
from bot.usecases.outages.ports import Subscriber, WatchStep
from bot.usecases.replies.ports import PostedReply

NOW = 1_800_000_000
DAILY = "bot.db.daily.20270115T080000Z.bak"
"""The name of the backup that was made at `NOW`."""
SERVICE = "character-ai"


def report(number: int) -> Report:
    """A report from some time ago. Everybody reports once."""
    return Report(number, SERVICE, 5, 1000 + number, ("login", "chats", None)[number % 3], NOW - 20_000 + number)


async def reports_of(stores: Stores) -> set[int]:
    """Everybody with a stored report."""
    return {r.reporter async for chunk in stores.reports.back_to(0) for r in chunk}


async def fill(stores: Stores, first: int, last: int) -> None:
    """Write the reports of this range, and at least one row in every other table."""
    for number in range(first, last):
        await stores.reports.append(report(number))
    for guild in range(first, last, 10):
        after = GuildSettings(frozenset({guild, guild + 1}), cooldown=60, reactions=("🔥",))
        await stores.settings.save(guild, after, 99, NOW, changes(GuildSettings(), after))
        await stores.opt_outs.add(guild, NOW)
        await stores.replies.add(PostedReply(guild, 2, 3, SERVICE, NOW, "rule"))
        await stores.subscribers.add(Subscriber(SERVICE, guild, 0, 0, NOW))
    outage = Outage(SERVICE, Phase.OVER, NOW - HOUR, detected=NOW - HOUR, ended=NOW)
    post = Post(0, PostKind.ANNOUNCEMENT, 5, 6, people=(1, 2, 3), attempted=NOW)
    await stores.outages.write(WatchStep(SERVICE, "[1, 2]", outage, (post,)))
    await stores.meta.put("commands", "of this version")


async def make(folder: Path, *, before: int, after: int) -> tuple[Path, Path]:
    """A data folder with `before` reports that are in its backup of `NOW`, and `after` later ones.

    Returns it as a stopped bot leaves it, and as a killed one does: with many changes still in the write-ahead log.
    """
    stopped, killed = folder / "stopped", folder / "killed"
    async with open_stores(settings_of(stopped), [SERVICE]) as stores:
        await fill(stores, 0, before)
        (stopped / "backups").mkdir()
        copy_database(stopped / "bot.db", stopped / "backups" / DAILY, live=True)
        await fill(stores, before, before + after)
        shutil.copytree(stopped, killed)
    return stopped, killed


def settings_of(folder: Path) -> Settings:
    """The settings of a bot with this data folder."""
    url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    return Settings(reporter_key="ab" * 32, database_url=url)


def flip(file: Path, rng: random.Random) -> None:
    """Change some bytes."""
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 3, 10, 100, 1000))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    file.write_bytes(content)


def overwrite_pages(file: Path, rng: random.Random) -> None:
    """Replace whole pages with random bytes."""
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 2, 5))):
        start = rng.randrange(len(content)) // 4096 * 4096
        content[start : start + 4096] = rng.randbytes(4096)
    file.write_bytes(content)


def overwrite_header(file: Path, rng: random.Random) -> None:
    """Replace some or all of the first hundred bytes with random ones."""
    content = bytearray(file.read_bytes())
    many = rng.choice((1, 4, 100))
    start = rng.randrange(101 - many)
    content[start : start + many] = rng.randbytes(many)
    file.write_bytes(content)


def truncate(file: Path, rng: random.Random) -> None:
    """Cut off the end."""
    with file.open("r+b") as opened:
        opened.truncate(rng.randrange(file.stat().st_size))


def empty(file: Path, _rng: random.Random) -> None:
    """Empty the file."""
    file.write_bytes(b"")


def become_text(file: Path, _rng: random.Random) -> None:
    """Replace the file with something else."""
    file.write_text("Dear diary,\n" * 500)


def zero_pages(file: Path, rng: random.Random) -> None:
    """Replace whole pages with zeros, as after a power cut on a disk that did not sync."""
    content = bytearray(file.read_bytes())
    start = rng.randrange(len(content)) // 4096 * 4096
    content[start : start + 4096 * rng.choice((1, 2, 8))] = bytes(4096)
    file.write_bytes(content)


def ruin_the_log(file: Path, rng: random.Random) -> None:
    """Replace the write-ahead log with random bytes."""
    wal = companions(file)[0]
    overwrite_pages(wal if wal.exists() and wal.stat().st_size else file, rng)


RUINS: Sequence[Callable[[Path, random.Random], None]] = (
    flip,
    flip,
    flip,
    overwrite_pages,
    overwrite_header,
    truncate,
    zero_pages,
    ruin_the_log,
    empty,
    become_text,
)


def count_reports(file: Path) -> int:
    """The number of reports in a file."""
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute("SELECT count(*) FROM report").fetchone()[0]
