"""INSERT .. ON CONFLICT for both databases: SQLAlchemy only has it per dialect."""

from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An insert that can handle existing rows; at most one row per key in a statement."""
    # Each dialect is a module with its name. Only the one in use is loaded; the other would waste memory.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
