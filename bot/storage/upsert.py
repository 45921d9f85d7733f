"""INSERT .. ON CONFLICT as both databases know it: SQLAlchemy has it a dialect, not in general."""

from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An insert that can say what happens if the row is there already; one row a key and statement."""
    # Each dialect is a module of its name. The one in use is loaded; the other would only take memory.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
