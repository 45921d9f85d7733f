"""Recovery: at start a damaged database is set aside and replaced with the newest intact backup, as with `db restore`.

Nothing is deleted: the old file and its companion files are renamed, with the time in their names. The new file is
first completed under another name. Renaming it to `*.restoring` is the commit: if the process is killed after that, the
next start finishes the change.
"""

import json
import logging
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import SchemaError, StoreError
from bot.storage.backups import Backup, backups_of, copy_database, stamp, sync
from bot.storage.examine import companions, examine, open_reading
from bot.storage.faults import is_corruption
from bot.storage.revisions import known_revisions

RECOVERED = "recovered"
"""The key in `meta` of the last recovery."""

_SLOW = 1.0
_LARGE = 50_000_000
"""Size in bytes from which the log announces the check, because it may take a while."""
_NEW_POSTS_FROM = 1_000_000
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """The time when a damaged database was replaced, and the time of its backup (None without a backup)."""

    at: int
    backup_at: int | None

    def document(self) -> str:
        """The recovery as it is stored in `meta`."""
        return json.dumps([self.at, self.backup_at])


def recover(path: Path, now: float) -> Recovery | None:
    """Check the file before it is opened, and replace it if it is damaged. Returns the recovery, or None.

    Only for the bot that has locked the database. Raises StoreError if the file cannot be read or replaced.
    """
    path = path.resolve()
    _finish(path)
    damage = damage_of(path)
    if damage is None:
        return None
    new = path.with_name(f"{path.name}.new")
    backup = _newest_sound(path, new)
    if backup is None:
        new.touch(mode=0o600)
    aside = _set_aside(path, "corrupt", now) if path.exists() else None
    _put_in_place(new, path)
    if backup is None:
        _logger.critical(
            "the database was damaged, and there is no intact backup: the bot starts with an empty database",
            extra={"damage": damage, "kept_as": str(aside)},
        )
        return Recovery(int(now), None)
    _logger.critical(
        "the database was damaged and replaced with a backup; later changes are lost",
        extra={
            "damage": damage,
            "kept_as": str(aside),
            "backup": str(backup.path),
            "lost_since": backup.at.isoformat(),
            "lost_hours": round((now - backup.at.timestamp()) / 3600, 1),
        },
    )
    return Recovery(int(now), int(backup.at.timestamp()))


def damage_of(path: Path) -> str | None:
    """The damage of a database; None if it is intact or was never created. Changes nothing.

    Raises StoreError if it cannot be read.
    """
    if not path.exists():
        return "it is not there" if backups_of(path) else None
    if (size := path.stat().st_size) >= _LARGE:
        _logger.info("checking the database", extra={"bytes": size})
    health = examine(path, live=True)
    if health.seconds > _SLOW:
        _logger.info("database checked", extra={"seconds": round(health.seconds, 1)})
    if health.blank:
        # A killed first start leaves an empty file. But if there is a backup, data was lost.
        return "it is empty" if backups_of(path) else None
    return "; ".join(health.damage) or None


def must_be_sound(path: Path) -> None:
    """Check a database that this process must not repair; opening a missing one would create an empty one.

    Raises StoreError.
    """
    damage = damage_of(path)
    if damage is not None:
        raise StoreError(f"the database {path} is damaged ({damage}); `notjustyou run` recovers it at its start")


def restore(path: Path, file: Path, now: float) -> Path | None:
    """Replace the database with a backup. Returns the new path of the old database, None if there was none.

    Only while no bot has locked it. Raises SchemaError if this version of the bot does not know the backup's schema,
    StoreError if the backup is damaged, not a database of ours, or cannot be put in place. Then nothing was changed.
    """
    path = path.resolve()
    if not file.is_file():
        raise StoreError(f"there is no file {file}")
    if path.exists() and file.samefile(path):
        raise StoreError(f"{file} is the database itself; give a backup of it")
    _finish(path)
    health = examine(file)
    if health.damage:
        raise StoreError(f"{file} is damaged ({health.damage[0]}); nothing was changed")
    if health.revision is None:
        raise StoreError(f"{file} is no database of this bot; nothing was changed")
    if health.revision not in known_revisions():
        raise SchemaError(
            f"{file} has schema {health.revision}, which this version of the bot does not know; nothing was changed"
        )
    _nobody_else_on(path)
    new = path.with_name(f"{path.name}.new")
    copy_database(file, new, change=_leave_a_gap)
    aside = _set_aside(path, "replaced", now) if path.exists() else None
    _put_in_place(new, path)
    return aside


def set_aside(path: Path) -> list[Path]:
    """The files that were set aside and still exist, oldest first."""
    path = path.resolve()
    kinds = ("corrupt", "replaced")
    ends = tuple(end.name.removeprefix(path.name) for end in companions(path))
    files = [f for kind in kinds for f in path.parent.glob(f"{path.name}.{kind}-*") if not f.name.endswith(ends)]
    return sorted(files, key=lambda file: file.name.rpartition("-")[2])


def last_recovery(path: Path) -> Recovery | None:
    """The last recovery, from `meta`; None if there is none or it cannot be read."""
    try:
        with closing(open_reading(path, live=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (RECOVERED,)).fetchone()
            return Recovery(*json.loads(row[0])) if row else None
    except (sqlite3.Error, OSError, ValueError, TypeError):
        return None


def _newest_sound(path: Path, new: Path) -> Backup | None:
    """The newest intact backup. Raises StoreError if one cannot be read or copied, because it may still be intact."""
    known = known_revisions()
    for backup in backups_of(path):
        health = examine(backup.path)
        if health.sound and health.revision in known:
            copy_database(backup.path, new, change=_leave_a_gap)
            return backup
        why = "; ".join(health.damage) or f"its schema is {health.revision}"
        _logger.error("a backup cannot be used", extra={"file": str(backup.path), "why": why})
    return None


def _leave_a_gap(connection: sqlite3.Connection) -> None:
    # A post's id is its nonce, so an id used after the backup was made must not be used again.
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone():
        connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'post'", (_NEW_POSTS_FROM,))


def _nobody_else_on(path: Path) -> None:
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
            # Leaving WAL mode requires that there is no other connection. It moves the log's content into the database.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if not is_corruption(error):
            raise StoreError(f"another program has {path} open ({error}); nothing was changed") from error


def _set_aside(path: Path, kind: str, now: float) -> Path:
    """Give the database and its companion files a second name (hard link), which stays when the first is removed."""
    aside = path.with_name(f"{path.name}.{kind}-{stamp(now)}")
    again = 1
    while aside.exists():
        again += 1
        aside = path.with_name(f"{path.name}.{kind}-{stamp(now)}.{again}")
    try:
        for file, name in zip((path, *companions(path)), (aside, *companions(aside)), strict=True):
            if file.exists():
                try:
                    name.hardlink_to(file)
                except OSError:  # a file system without hard links
                    shutil.copy2(file, name)
                name.chmod(0o600)
    except OSError as error:
        raise StoreError(f"the database cannot be kept as {aside}: {error.strerror}; nothing was changed") from error
    return aside


def _put_in_place(new: Path, path: Path) -> None:
    try:
        sync(new)
        new.replace(_restoring(path))
        sync(path.parent)
        _finish(path)
    except OSError as error:
        raise StoreError(f"the database {path} cannot be replaced: {error.strerror}") from error


def _finish(path: Path) -> None:
    """Finish a killed process's replacement if it had reached `*.restoring`; otherwise delete its unfinished files."""
    for part in (path.with_name(f"{path.name}.new"), *path.parent.glob(f".{path.name}.new.*")):
        part.unlink(missing_ok=True)
    restoring = _restoring(path)
    if restoring.exists():
        # The old file's log must not be used with the new file.
        for file in companions(path):
            file.unlink(missing_ok=True)
        restoring.replace(path)
        sync(path.parent)


def _restoring(path: Path) -> Path:
    return path.with_name(f"{path.name}.restoring")
