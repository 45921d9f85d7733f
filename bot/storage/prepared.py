"""A statement for many rows, compiled once, because SQLAlchemy's overhead per row exceeds the time of SQLite itself."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Insert
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


class Prepared:
    """The compiled statement, and the order of its values.

    `statement` is an insert, update or delete without results. `example` has the values of one row; all rows have the
    same keys. Lists for IN are not allowed, because their length would change the statement.
    """

    def __init__(self, connection: Connection, statement: Executable, example: Mapping[str, Any]) -> None:
        assert isinstance(statement, ClauseElement), "there is nothing else to execute"
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(example))
        assert isinstance(compiled, SQLCompiler), "of a statement"
        assert "POSTCOMPILE" not in str(compiled), "always the same text"
        self._text = str(compiled)
        self._at_once = isinstance(statement, Insert) and connection.dialect.name == "postgresql"
        self._directly = connection.dialect.name == "sqlite"
        if self._at_once:
            self._text = _of_columns(self._text)
        names = compiled.positiontup or ()
        self._constants = {name: compiled.params[name] for name in names if name not in example}
        self._order: list[tuple[str, Callable[[Any], Any] | None]] = []
        for name in names:
            kind = compiled.binds[name].type.dialect_impl(connection.dialect)
            self._order.append((name, kind.bind_processor(connection.dialect)))

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement for all rows."""
        order = self._order
        if self._constants:
            rows = [self._constants | dict(row) for row in rows]
        values = [tuple([put(row[name]) if put else row[name] for name, put in order]) for row in rows]
        if self._at_once:
            connection.exec_driver_sql(self._text, tuple(map(list, zip(*values, strict=True))))
        elif self._directly:
            driver_of(connection).executemany(self._text, values)
        else:
            connection.exec_driver_sql(self._text, values)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection, which costs half as much as SQLAlchemy's for a small statement."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection), "a synchronous connection to SQLite"
    return driver


def _of_columns(insert: str) -> str:
    """An insert that takes each column's values as a list: in PostgreSQL one statement is far faster than many."""
    head, _, values = insert.partition(" VALUES (")
    return head + " SELECT * FROM unnest(" + re.sub(r"(::[A-Z]+)", r"\1[]", values)  # noqa: S608 - SQLAlchemy wrote it
