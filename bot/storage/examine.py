"""What a database file is like inside: whole or damaged, and of which schema. Looks only.

SQLite's own check walks every page and compares each index with its table (the quick one does not, and lets pass what
fails a query later). It says nothing of what stands in the rows, so those are read once, too: a text that is none, or a
number that became something else, would otherwise stop the bot in the middle of its start. What became another valid
value by rng cannot be told from a right one. A million reports take a second or two.
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
from bot.storage.faults import in_the_way
from bot.storage.revisions import head_revision

_MOST_TOLD = 5
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
    """`damage` says what is wrong with the file, in words without anybody's data; empty if it is sound.

    `blank` is a database without any table, such as SQLite makes of an empty file.
    """

    damage: tuple[str, ...]
    revision: str | None = None
    blank: bool = False
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.damage


def companions(path: Path) -> list[Path]:
    """The files that belong to a database beside it: what is not yet in it, or not yet out of it."""
    return [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]


def open_reading(path: Path, *, live: bool) -> sqlite3.Connection:
    """A connection that only reads. `live` if somebody may be writing; a file at rest gets no companions."""
    wal, _, journal = companions(path)
    # What a killed process left half done is undone by whoever reads first; that takes the right to write.
    how = "mode=rw" if journal.exists() else "mode=ro" if live or wal.exists() else "mode=ro&immutable=1"
    uri = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def examine(path: Path, *, live: bool = False, stop: threading.Event | None = None) -> Health:
    """Look at a database; `live` if somebody may be writing to it.

    Raises StoreError if it cannot be looked at (locked, no right to read), or once `stop` is set.
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
        if isinstance(error, OSError) or in_the_way(error):
            raise StoreError(f"the database {path} cannot be looked at: {error}") from error
        damage.append(str(error))
    return Health(tuple(damage), revision, blank, time.monotonic() - began)


def _pages(connection: sqlite3.Connection) -> list[str]:
    told = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST_TOLD})")]
    return [] if told == ["ok"] else told


def _header(path: Path) -> list[str]:
    # A number that SQLite does not know here makes the database one that can be read and never written.
    with path.open("rb") as file:
        versions = file.read(20)[18:]
    return [] if all(version in (1, 2) for version in versions) else ["its header names an unknown file format"]


def _revision(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None or not re.fullmatch(r"\d{4}", str(row[0])):
        raise ValueError("it does not say of which schema it is")
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
    found = connection.execute(f'SELECT DISTINCT {kinds} FROM "{table.name}"').fetchall()  # noqa: S608 - our own names
    for column, seen in zip(table.columns, zip(*found, strict=True), strict=False):
        if not set(seen) <= _kinds(column):
            yield f"{table.name}.{column.name} holds something else than it should"
        elif isinstance(column.type, String):
            _texts(connection, table, column)


def _kinds(column: Column[object]) -> set[str]:
    kind = "text" if isinstance(column.type, String) else "integer"
    return {kind, "null"} if column.nullable else {kind}


def _texts(connection: sqlite3.Connection, table: Table, column: Column[object]) -> None:
    # The driver refuses what is not UTF-8; each text once is enough.
    is_json = any(column is one for one in _JSON)
    for (text,) in connection.execute(f'SELECT DISTINCT "{column.name}" FROM "{table.name}"'):  # noqa: S608 - our own names
        if is_json:
            json.loads(text)
