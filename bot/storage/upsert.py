"""INSERT .. ON CONFLICT as both databases know it: SQLAlchemy has it a dialect, not in general."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what happens if the row is there already; one row a key and statement."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
