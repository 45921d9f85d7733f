"""Remove deleted data from the files as well, not only from query results.

SQLite overwrites deleted data (`secure_delete` in `engine.py`), but its write-ahead log still has the old pages. A bot
with few writes would not overwrite those for days.
"""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import StoreError
from bot.storage.engine import SqliteWriteEngine


async def checkpoint(writer: SqliteWriteEngine) -> None:
    """Copy the write-ahead log into the database and empty it, on the only connection that may write.

    A running query can prevent this; then the next call does it. Raises StoreError.
    """
    try:
        # Outside SQLAlchemy's transactions, because a checkpoint is not possible inside one.
        await writer.beside(lambda driver: driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"deleted data is still in the write-ahead log: {type(error).__name__}") from error
