"""Backups of the database: one per day, and one before each migration.

They are in `backups/` beside the database, readable by this user only. They contain everything in the database,
including reports of the last week, so old ones are deleted: the newest three daily backups are kept, and those before a
migration for a week. Files set aside as damaged or replaced are deleted after a month.
"""

import asyncio
import logging
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.errors import StoreError
from bot.core.reports import DAY
from bot.storage.engine import narrow
from bot.storage.examine import Health, companions, examine, open_reading

FOLDER = "backups"
DAILY_KEPT = 3
BEFORE_MIGRATION_KEPT_FOR = DAILY_KEPT_FOR = timedelta(days=7)
SET_ASIDE_KEPT_FOR = timedelta(days=30)
EVERY = timedelta(seconds=DAY)

_STAMP = "%Y%m%dT%H%M%SZ"
_PAGES, _PAUSE = 256, 0.005
_LEFT_FREE = 50 * 2**20
_logger = logging.getLogger(__name__)


class DamagedError(StoreError):
    """The database to copy is damaged."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup and its time, according to its name."""

    path: Path
    at: datetime
    daily: bool


def stamp(now: float) -> str:
    """A time (epoch seconds) as written in file names."""
    return datetime.fromtimestamp(now, UTC).strftime(_STAMP)


def backups_of(path: Path) -> list[Backup]:
    """The backups of a database, newest first."""
    pattern = re.compile(rf"{re.escape(path.name)}\.(daily|schema-\w+)\.(\d{{8}}T\d{{6}}Z)\.bak")
    backups: list[Backup] = []
    for file in _folder(path).glob("*.bak"):
        if match := pattern.fullmatch(file.name):
            at = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
            backups.append(Backup(file, at, match[1] == "daily"))
    return sorted(backups, key=lambda backup: backup.at, reverse=True)


def back_up_before_migration(path: Path, revision: str, now: float) -> Path:
    """Copy the database before its schema changes. Raises StoreError."""
    return _copy_into_folder(path, f"schema-{revision}", now)


def copy_database(
    source: Path,
    to: Path,
    *,
    live: bool = False,
    change: Callable[[sqlite3.Connection], None] | None = None,
    stop: threading.Event | None = None,
) -> Health:
    """Make `to` an intact, durable copy of a database (mode 0600), after `change` was applied. Returns its health.

    It uses SQLite's online backup: a consistent copy in small steps; writers can continue because of the write-ahead
    log. `to` is either complete or unchanged. With `stop` it copies slowly, and ends when `stop` is set. Raises
    DamagedError if the source is damaged, StoreError if it could not be copied.
    """
    if not source.exists():
        raise StoreError(f"there is no database at {source}")
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        _leave_room(source, to.parent)
        _make_private(part)
        _copy(source, part, live=live, change=change, stop=stop)
        health = examine(part, stop=stop)
        if health.damage:
            raise DamagedError(f"no copy made: {source} is damaged ({health.damage[0]})")
        sync(part)
        part.replace(to)
        sync(to.parent)
    except sqlite3.Error as error:
        raise StoreError(f"no copy made of {source}: {error}") from error
    except OSError as error:
        raise StoreError(f"no copy made of {source}: {error.strerror or error}") from error
    finally:
        for file in (part, *companions(part)):
            file.unlink(missing_ok=True)
    return health


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class DailyBackup:
    """The job that makes a backup once a day and deletes old ones. `on_damage` is called for a damaged database."""

    def __init__(self, path: Path, clock: Callable[[], float], on_damage: Callable[[], None]) -> None:
        self._path = path
        self._clock = clock
        self._on_damage = on_damage

    async def back_up(self) -> None:
        """Make a backup if the newest one is a day old, in a thread; ends early when cancelled. Raises StoreError."""
        stop = threading.Event()
        work = asyncio.create_task(asyncio.to_thread(self._work, self._clock(), stop))
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            stop.set()
            await asyncio.gather(work, return_exceptions=True)
            raise
        try:
            work.result()
        except DamagedError:
            self._on_damage()
            raise

    def _work(self, now: float, stop: threading.Event) -> None:
        for part in _folder(self._path).glob(f".{self._path.name}.*.part"):
            part.unlink(missing_ok=True)  # left over from a killed process
        moment = datetime.fromtimestamp(now, UTC)
        # A backup from the future was made with a wrong clock: keep it, but it does not count as today's.
        for backup in backups_of(self._path):
            narrow(backup.path)
        made: list[Path] = []
        try:
            if not any(b.daily and moment - EVERY < b.at <= moment for b in backups_of(self._path)):
                made.append(self._back_up(now, stop))
        finally:  # even if the disk is too full for another one
            _drop(made, backups_of(self._path), moment)
            _drop_set_aside(self._path, moment)

    def _back_up(self, now: float, stop: threading.Event) -> Path:
        try:
            made = _copy_into_folder(self._path, "daily", now, stop)
        except DamagedError:
            # Only if the database itself is damaged; the copy may have been damaged during copying.
            if examine(self._path, live=True, stop=stop).sound:
                raise StoreError("no copy made: the copy was damaged, the database is not") from None
            raise
        _logger.info("database backed up", extra={"file": str(made)})
        return made


def _drop(made: Sequence[Path], backups: Sequence[Backup], moment: datetime) -> None:
    daily = [b for b in backups if b.daily and b.path not in made]
    spent = daily[DAILY_KEPT - len(made) :]
    # The last one is always kept, in case the database is damaged next.
    spent += [b for b in (daily if made else daily[1:]) if moment - b.at > DAILY_KEPT_FOR]
    spent += [b for b in backups if not b.daily and moment - b.at > BEFORE_MIGRATION_KEPT_FOR]
    for backup in spent:
        backup.path.unlink(missing_ok=True)


def _drop_set_aside(path: Path, moment: datetime) -> None:
    pattern = re.compile(rf"{re.escape(path.name)}\.(?:corrupt|replaced)-(\d{{8}}T\d{{6}}Z).*")
    for file in path.parent.glob(f"{path.name}.*"):
        match = pattern.fullmatch(file.name)
        if match and moment - datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC) > SET_ASIDE_KEPT_FOR:
            file.unlink(missing_ok=True)


def _copy_into_folder(path: Path, why: str, now: float, stop: threading.Event | None = None) -> Path:
    folder = _folder(path)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}") from error
    to = folder / f"{path.name}.{why}.{stamp(now)}.bak"
    copy_database(path, to, live=True, stop=stop)
    return to


def _folder(path: Path) -> Path:
    return path.parent / FOLDER


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _leave_room(source: Path, folder: Path) -> None:
    size = sum(file.stat().st_size for file in (source, *companions(source)) if file.exists())
    nearest = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(nearest).free
    if free < size + _LEFT_FREE:
        raise StoreError(
            f"no copy made of {source}: {free // 2**20} MiB are free, "
            f"{(size + _LEFT_FREE) // 2**20} MiB are needed so that the bot can go on writing"
        )


def _copy(
    source: Path,
    part: Path,
    *,
    live: bool,
    change: Callable[[sqlite3.Connection], None] | None,
    stop: threading.Event | None,
) -> None:
    def go_on(_status: int, _left: int, _total: int) -> None:
        # A pause after each step leaves disk and CPU to the bot.
        if stop is not None and stop.wait(_PAUSE):
            raise StoreError("no copy made: the bot is stopping")

    with closing(open_reading(source, live=live)) as old, closing(sqlite3.connect(part, isolation_level=None)) as new:
        new.execute("PRAGMA journal_mode=OFF")
        new.execute("PRAGMA synchronous=OFF")  # it is synced once, at the end
        # An open read transaction fixes the state; otherwise each write would restart the copy.
        old.execute("BEGIN")
        old.execute("SELECT 1 FROM sqlite_schema").fetchone()
        old.backup(new, pages=_PAGES, progress=go_on)
        # The copy has the WAL mode of the source; without it the copy is a single file.
        new.execute("PRAGMA journal_mode=DELETE")
        if change is not None:
            change(new)
