"""Checks a database file: whether it is damaged, and its schema. Changes nothing.

SQLite's own check reads every page and compares each index with its table (the quick check does not, and misses damage
that makes a query fail later). It does not check the values in the rows, so these are also read once: an invalid text,
or a number of another type, would otherwise stop the bot during its start. A value that was changed to another valid
one cannot be detected. A million reports take a second or two.
"""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, String, Table

from bot.core.errors import StoreError
from bot.storage import tables as t
from bot.storage.faults import is_environmental
from bot.storage.revisions import head_revision

_MOST_MESSAGES = 5
_BUSY_SECONDS = 5.0
_STEPS_BETWEEN_LOOKS = 100_000
_JSON = (
    t.guild_settings.c.document,
    t.settings_change.c.document,
    t.watch.c.document,
    t.outage.c.document,
    t.post.c.people,
)


@dataclass(frozen=True, slots=True)
class Health:
    """The result of a check. `damage` describes the faults, without people's data; it is empty if the file is intact.

    `blank` is a database without any table, which SQLite makes from an empty file.
    """

    damage: tuple[str, ...]
    revision: str | None = None
    blank: bool = False
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether the file is intact."""
        return not self.damage


def companions(path: Path) -> list[Path]:
    """The companion files of a database: its write-ahead log or rollback journal, and shared memory."""
    return [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]


def open_reading(path: Path, *, live: bool) -> sqlite3.Connection:
    """A read-only connection. `live` if another process may be writing; otherwise no companion files are created."""
    wal, _, journal = companions(path)
    # The first reader rolls back the unfinished transaction of a killed process; that needs write access.
    how = "mode=rw" if journal.exists() else "mode=ro" if live or wal.exists() else "mode=ro&immutable=1"
    uri = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def examine(path: Path, *, live: bool = False, stop: threading.Event | None = None) -> Health:
    """Check a database; `live` if another process may be writing to it.

    Raises StoreError if it cannot be read (locked, no permission), or when `stop` is set.
    """
    began = time.monotonic()
    revision, blank, damage = None, False, list[str]()
    try:
        with closing(open_reading(path, live=live)) as connection:
            if stop is not None:
                connection.set_progress_handler(stop.is_set, _STEPS_BETWEEN_LOOKS)
            damage += _pages(connection)
            if not damage:
                blank = not connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
                damage += _header(path)
                revision = _revision(connection)
                damage += _rows(connection, revision)
    except (sqlite3.Error, OSError, ValueError) as error:
        if isinstance(error, OSError) or is_environmental(error):
            raise StoreError(f"the database {path} cannot be examined: {error}") from error
        damage.append(str(error))
    return Health(tuple(damage), revision, blank, time.monotonic() - began)


def _pages(connection: sqlite3.Connection) -> list[str]:
    messages = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST_MESSAGES})")]
    return [] if messages == ["ok"] else messages


def _header(path: Path) -> list[str]:
    # With a file-format number that SQLite does not know, the database can be read but not written.
    with path.open("rb") as file:
        versions = file.read(20)[18:]
    return [] if all(version in (1, 2) for version in versions) else ["its header names an unknown file format"]


def _revision(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None or not re.fullmatch(r"\d{4}", str(row[0])):
        raise ValueError("its schema version is missing or invalid")
    return str(row[0])


def _rows(connection: sqlite3.Connection, revision: str | None) -> Generator[str]:
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        yield "rows belong to others that are not there"
    if revision == head_revision():
        for table in t.metadata.sorted_tables:
            yield from _values(connection, table)


def _values(connection: sqlite3.Connection, table: Table) -> Generator[str]:
    columns = {str(row[1]) for row in connection.execute(f'PRAGMA table_info("{table.name}")')}
    if missing := [c.name for c in table.columns if c.name not in columns]:
        yield f"the table {table.name} lacks {', '.join(missing)}"
        return
    kinds = ", ".join(f'typeof("{c.name}")' for c in table.columns)
    stored_types = connection.execute(f'SELECT DISTINCT {kinds} FROM "{table.name}"').fetchall()  # noqa: S608 - our own names
    for column, types in zip(table.columns, zip(*stored_types, strict=True), strict=False):
        if not set(types) <= _kinds(column):
            yield f"{table.name}.{column.name} holds something else than it should"
        elif isinstance(column.type, String):
            _texts(connection, table, column)


def _kinds(column: Column[object]) -> set[str]:
    kind = "text" if isinstance(column.type, String) else "integer"
    return {kind, "null"} if column.nullable else {kind}


def _texts(connection: sqlite3.Connection, table: Table, column: Column[object]) -> None:
    # The driver refuses invalid UTF-8; reading each text once is enough.
    is_json = any(column is json_column for json_column in _JSON)
    for (text,) in connection.execute(f'SELECT DISTINCT "{column.name}" FROM "{table.name}"'):  # noqa: S608 - our own names
        if is_json:
            json.loads(text)
