"""Move a SQLite file to PostgreSQL: all tables in one transaction, so either everything is copied or nothing.

The file is only read. An interrupted copy leaves the target empty; just start it again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import StaticPool

from bot.core.errors import NotJustYouError, SchemaError, StoreError
from bot.storage import migrate
from bot.storage import tables as t
from bot.storage.cluster import SILENT
from bot.storage.examine import examine, open_reading
from bot.storage.faults import describe, without_values
from bot.storage.keys import FINGERPRINT
from bot.storage.postgres import open_engine, place
from bot.storage.revisions import head_revision

_BATCH = 10_000


def copy_to_postgres(
    file: Path, url: str, fingerprint: str, advance: Callable[[int, int], None] = lambda _done, _of: None
) -> Mapping[str, int]:
    """Copy a SQLite database into an empty PostgreSQL one, migrated first if it is new. Returns the rows of each table.

    `fingerprint` is the fingerprint of the key that hashed the file's reporters. `advance` is called with the number of
    copied rows and the total. Do not call this on an event loop's thread. Raises SchemaError if the file has another
    schema version; StoreError if it is damaged, the target is not empty or cannot be used, or rows are missing
    afterwards. Then the target stays empty.
    """
    health = examine(file, live=True)
    if health.damage:
        raise StoreError(f"{file} is damaged ({health.damage[0]}); nothing was copied")
    if health.revision != head_revision():
        raise SchemaError(
            f"{file} has schema {health.revision or 'none'}, and {head_revision()} is needed; bring it up to date "
            f"first, with DATABASE_URL=sqlite+aiosqlite:///{file} and `db upgrade`"
        )
    migrate.upgrade(url)
    with closing(open_reading(file, live=True)) as driver:
        engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
        with engine.connect() as source:
            # A consistent snapshot of the file, even if another process writes to it meanwhile.
            source.exec_driver_sql("BEGIN")
            try:
                return asyncio.run(_copy(source, url, fingerprint, advance))
            except NotJustYouError:
                raise
            except Exception as error:
                raise StoreError(f"nothing was copied into {place(url)}: {describe(error)}") from without_values(error)


async def _copy(
    source: Connection, url: str, fingerprint: str, advance: Callable[[int, int], None]
) -> Mapping[str, int]:
    tables = t.metadata.sorted_tables
    rows, copied = sum(_count(source, table) for table in tables), 0
    engine = open_engine(url, patient=True)
    try:
        async with engine.begin() as target:
            await target.execute(text(SILENT))
            # A bot that is started too early must not write during the copy.
            names = ", ".join(table.name for table in tables)
            await target.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
            await target.run_sync(_must_be_empty, place(url))
            for table in tables:
                async for added in _copy_table(source, target, table):
                    copied += added
                    advance(copied, rows)
            counts = await target.run_sync(_same_counts, source)
            await target.execute(insert(t.meta).values(key=FINGERPRINT, value=fingerprint))
            await target.execute(text("ANALYZE"))
            return counts
    finally:
        await engine.dispose()


def _must_be_empty(target: Connection, name: str) -> None:
    used = [table.name for table in t.metadata.sorted_tables if target.execute(select(table).limit(1)).first()]
    if used:
        raise StoreError(
            f"the database {name} is not empty (there are rows in {', '.join(used)}); nothing was copied. "
            "Copy into a new one"
        )


async def _copy_table(source: Connection, target: AsyncConnection, table: Table) -> AsyncIterator[int]:
    """Copy a table; yields the number of rows of each batch."""
    driver = (await target.get_raw_connection()).driver_connection
    assert driver is not None, "connected"
    rows = source.execution_options(yield_per=_BATCH).execute(select(table))
    columns = [column.name for column in table.columns]
    for batch in rows.partitions():
        await driver.copy_records_to_table(table.name, records=batch, columns=columns)
        yield len(batch)
    if table.autoincrement_column is not None:
        await target.run_sync(_set_sequence, table, _highest_id(source, table))


def _highest_id(source: Connection, table: Table) -> int:
    """The highest id ever assigned. The id of a post is also its nonce, so it must not be assigned again."""
    column = table.autoincrement_column
    assert column is not None, "only called for tables that have one"
    highest = source.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
    assigned = source.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}).scalar()
    return max(highest, assigned or 0)


def _set_sequence(target: Connection, table: Table, last: int) -> None:
    column = table.autoincrement_column
    assert column is not None, "only called for tables that have one"
    if last:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        target.execute(select(func.setval(sequence, last)))


def _same_counts(target: Connection, source: Connection) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for table in t.metadata.sorted_tables:
        expected, copied = _count(source, table), _count(target, table)
        if expected != copied:
            raise StoreError(f"{table.name}: only {copied} of {expected} rows arrived; nothing was copied")
        counts[table.name] = copied
    return counts


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
