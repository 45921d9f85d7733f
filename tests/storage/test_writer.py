"""The writer on both databases: each write waits only for itself, and cancelling does not affect others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from bot.core.errors import StoreError
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.database import database
from bot.storage.stores import Reader
from bot.storage.writer import Writer

pytestmark = pytest.mark.parametrize("settings", ["sqlite", "postgres"], indirect=True)
_TABLES = MetaData()
THING = Table("thing", _TABLES, Column("id", Integer, primary_key=True, autoincrement=False))
KIND = Table(
    "kind",
    _TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("yes", Boolean, nullable=False),
    Column("told", String),
)
_INSERT = insert(THING)


@asynccontextmanager
async def written(settings: Settings) -> AsyncIterator[tuple[Writer, Reader]]:
    await asyncio.to_thread(migrate.upgrade, settings.database_url)
    engines = database(settings.database_url).engines()
    await engines.writer.transaction(_TABLES.create_all)
    async with Writer(engines.writer) as writer:
        yield writer, Reader(engines.reader)
    await engines.dispose()


async def things(reader: Reader) -> set[int]:
    return {r.id for r in await reader.rows(select(THING))}


async def test_work_and_statements_of_one_batch_are_written_together(settings: Settings) -> None:
    def work(connection: Connection) -> int:
        connection.execute(_INSERT, [{"id": 10}, {"id": 11}])
        return 11

    async with written(settings) as (writer, reader):
        done = await asyncio.gather(
            writer.execute(_INSERT, {"id": 1}),
            writer.execute(_INSERT, {"id": 2}),
            writer.run(work),
            writer.run(lambda _: None),
        )
        assert done == [None, None, 11, None]
        assert await things(reader) == {1, 2, 10, 11}


async def test_what_cannot_be_written_takes_no_neighbour_with_it(settings: Settings) -> None:
    async with written(settings) as (writer, reader):
        await writer.execute(_INSERT, {"id": 1})
        outcomes = await asyncio.gather(
            *(writer.execute(_INSERT, {"id": n}) for n in (2, 1, 3)), return_exceptions=True
        )
        assert [type(one) for one in outcomes] == [type(None), StoreError, type(None)]
        assert await things(reader) == {1, 2, 3}


async def test_who_gives_up_waiting_takes_nobody_with_them(settings: Settings) -> None:
    async with written(settings) as (writer, reader):
        waiting = [asyncio.create_task(writer.execute(_INSERT, {"id": n})) for n in range(100)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert outcomes[1::2] == [None] * 50
        await writer.execute(_INSERT, {"id": 1000})
        assert await things(reader) >= {*range(1, 100, 2), 1000}


async def test_values_arrive_as_their_kind_and_what_the_statement_itself_says_too(settings: Settings) -> None:
    add_kind = insert(KIND)
    change = update(KIND).where(KIND.c.id == bindparam("which")).values(yes=True, told="told")
    async with written(settings) as (writer, reader):
        rows = [{"id": 1, "yes": True, "told": "ü🔥"}, {"id": 2, "yes": False, "told": None}]
        await asyncio.gather(*(writer.execute(add_kind, row) for row in rows))
        assert [dict(row._mapping) for row in await reader.rows(select(KIND).order_by(KIND.c.id))] == rows
        await asyncio.gather(*(writer.execute(change, {"which": n}) for n in (2, 7)))
        found = await reader.rows(select(KIND.c.id, KIND.c.yes, KIND.c.told).order_by(KIND.c.id))
        assert [tuple(row) for row in found] == [(1, True, "ü🔥"), (2, True, "told")]


async def test_what_may_wait_is_written_with_the_next_that_may_not(settings: Settings) -> None:
    async with written(settings) as (writer, reader):
        patient = asyncio.create_task(writer.execute(_INSERT, {"id": 1}, within=3600))
        await asyncio.sleep(0)
        assert writer.waiting == 1 and await things(reader) == set()
        await writer.execute(_INSERT, {"id": 2})
        await patient
        assert await things(reader) == {1, 2}


async def test_what_may_wait_is_written_when_its_time_is_over_or_enough_wait(settings: Settings) -> None:
    async with written(settings) as (writer, reader):
        late = asyncio.create_task(writer.execute(_INSERT, {"id": 1}, within=3600))
        await asyncio.gather(late, writer.execute(_INSERT, {"id": 2}, within=0.01))
        await asyncio.gather(*(writer.execute(_INSERT, {"id": n}, within=3600) for n in range(100, 200)))
        assert await things(reader) == {1, 2, *range(100, 200)}


async def test_what_may_wait_is_written_before_the_end(settings: Settings) -> None:
    async with written(settings) as (writer, _):
        patient = asyncio.create_task(writer.execute(_INSERT, {"id": 1}, within=3600))
        await asyncio.sleep(0)
    await patient


async def test_commits_and_refused_writes_are_counted_for_monitoring(settings: Settings) -> None:
    async with written(settings) as (writer, _):
        await writer.execute(_INSERT, {"id": 1})
        with pytest.raises(StoreError):
            await writer.execute(_INSERT, {"id": 1})
        [*_, (_, commits)] = writer.commits.within
        assert (commits, writer.refused) == (1, 1) and writer.commits.total > 0
