"""A damaged database at start is set aside, and the newest sound backup takes its place; `db restore` does the same.

Nothing is ever destroyed: what is set aside keeps its name with a moment behind it, and its companions. The new file
is made whole under another name first. Renaming it to `*.restoring` is the moment from which it counts: the next start
finishes the change if the process was killed in the midst of it.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.core.errors import SchemaError, StoreError
from bot.storage.backups import Backup, backups_of, copy_database, stamp, sync
from bot.storage.examine import companions, examine, open_reading
from bot.storage.faults import means_damage
from bot.storage.revisions import known_revisions

RECOVERED = "recovered"
"""The name of the fact (`meta`) that tells of the last recovery."""

_SLOW = 1.0
_NEW_POSTS_FROM = 1_000_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """When a damaged database was replaced, and how old what took its place was; epoch seconds, None for nothing."""

    at: int
    backup_at: int | None

    def document(self) -> str:
        """As it is kept in `meta`."""
        return json.dumps([self.at, self.backup_at])


def recover(path: Path, now: float) -> Recovery | None:
    """Make sure that the file is sound, before it is opened; gives what was done if it was not.

    Only for the one bot that holds the database. Raises StoreError if it cannot be looked at or replaced.
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
        _log.critical(
            "the database was damaged, and there is no sound backup: the bot begins anew, all it knew is lost",
            damage=damage,
            kept_as=str(aside),
        )
        return Recovery(int(now), None)
    _log.critical(
        "the database was damaged: a backup took its place, what came after that is lost",
        damage=damage,
        kept_as=str(aside),
        backup=str(backup.path),
        lost_since=backup.at.isoformat(),
        lost_hours=round((now - backup.at.timestamp()) / 3600, 1),
    )
    return Recovery(int(now), int(backup.at.timestamp()))


def damage_of(path: Path) -> str | None:
    """What is wrong with a database that should be there; None if it is sound, or was never begun. Looks only.

    Raises StoreError if it cannot be looked at.
    """
    if not path.exists():
        return "it is not there" if backups_of(path) else None
    health = examine(path, live=True)
    if health.seconds > _SLOW:
        _log.info("database checked", seconds=round(health.seconds, 1))
    if health.blank:
        # A first start that was killed leaves it so; but where there is a backup, there was something to back up.
        return "it is empty" if backups_of(path) else None
    return "; ".join(health.damage) or None


def must_be_sound(path: Path) -> None:
    """For all but the one bot that heals: opening a damaged or missing database would make an empty one of it.

    Raises StoreError.
    """
    damage = damage_of(path)
    if damage is not None:
        raise StoreError(f"the database {path} is damaged ({damage}); `notjustyou run` heals it at its start")


def restore(path: Path, file: Path, now: float) -> Path | None:
    """Put a backup in the place of the database; gives where that is kept now, None if there was none.

    Only while no bot holds it. Raises SchemaError if this version of the bot does not know the backup's schema,
    StoreError if it is damaged, no database of ours, or cannot be put in place; nothing is changed then.
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
    """The files that were set aside and are still there, oldest first."""
    path = path.resolve()
    kinds = ("corrupt", "replaced")
    ends = tuple(end.name.removeprefix(path.name) for end in companions(path))
    found = [f for kind in kinds for f in path.parent.glob(f"{path.name}.{kind}-*") if not f.name.endswith(ends)]
    return sorted(found, key=lambda file: file.name.rpartition("-")[2])


def last_healing(path: Path) -> Recovery | None:
    """What `meta` tells of the last recovery; None also when it cannot be read."""
    try:
        with closing(open_reading(path, live=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (RECOVERED,)).fetchone()
            return Recovery(*json.loads(row[0])) if row else None
    except (sqlite3.Error, OSError, ValueError, TypeError):
        return None


def _newest_sound(path: Path, new: Path) -> Backup | None:
    """Raises StoreError if a backup cannot be looked at or copied (no room, no right): it may be sound all the same."""
    known = known_revisions()
    for backup in backups_of(path):
        health = examine(backup.path)
        if health.sound and health.revision in known:
            copy_database(backup.path, new, change=_leave_a_gap)
            return backup
        why = "; ".join(health.damage) or f"its schema is {health.revision}"
        _log.error("a backup cannot be used", file=str(backup.path), why=why)
    return None


def _leave_a_gap(connection: sqlite3.Connection) -> None:
    # A post's id is its nonce: one that was given after the backup must not be given again.
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone():
        connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'post'", (_NEW_POSTS_FROM,))


def _nobody_else_on(path: Path) -> None:
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
            # Leaving the log takes everybody else to be gone. What was in it is in the database then.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if not means_damage(error):
            raise StoreError(f"another program has {path} open ({error}); nothing was changed") from error


def _set_aside(path: Path, kind: str, now: float) -> Path:
    """Give the database and its companions a second name, which they keep when the first is taken away."""
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
                except OSError:  # a file system without such names
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
    """What a killed process had decided on is done; what it had only begun goes."""
    for part in (path.with_name(f"{path.name}.new"), *path.parent.glob(f".{path.name}.new.*")):
        part.unlink(missing_ok=True)
    restoring = _restoring(path)
    if restoring.exists():
        # A log of the old file must not be taken for one of the new.
        for file in companions(path):
            file.unlink(missing_ok=True)
        restoring.replace(path)
        sync(path.parent)


def _restoring(path: Path) -> Path:
    return path.with_name(f"{path.name}.restoring")
