"""Deleted means gone from the files, too, not only from the answers to queries.

The database overwrites what is deleted (`secure_delete` in `engine.py`), but the write-ahead log beside it still holds
the pages as they were, and a quiet bot does not write over them for days.
"""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import StoreError


async def scrub(writer: AsyncEngine) -> None:
    """Bring the write-ahead log into the database and empty it, on the writing connection: only that one may.

    Somebody who is reading just now may be in the way; then the next time does it. Raises StoreError.
    """
    try:
        async with writer.connect() as connection:
            # Beside SQLAlchemy's transactions: inside of one there is no checkpoint.
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None, "connected"
            await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"what was deleted is still in the write-ahead log: {type(error).__name__}") from error
