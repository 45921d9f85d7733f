"""Deleted means gone from the files, too, not only from the answers to queries.

The database overwrites what is deleted (`secure_delete` in `engine.py`), but the write-ahead log beside it still holds
the pages as they were, and a quiet bot does not write over them for days.
"""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import StoreError
from bot.storage.engine import SqliteWriteEngine


async def checkpoint(writer: SqliteWriteEngine) -> None:
    """Bring the write-ahead log into the database and empty it, on the writing connection: only that one may.

    Somebody who is reading just now may be in the way; then the next time does it. Raises StoreError.
    """
    try:
        # Outside of SQLAlchemy's transactions: inside one there can be no checkpoint.
        await writer.beside(lambda driver: driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"what was deleted is still in the write-ahead log: {type(error).__name__}") from error
