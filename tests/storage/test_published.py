"""The database publishes every change of data that a process holds in memory, whoever makes it."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, String, Table, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.storage.cluster import ORIGIN, SILENT
from bot.storage.tables import change_event, metadata, outage, post, service
from tests.postgres import Server

NOT_HELD = {
    "service": "read at the start; what a later process adds is watched by processes that start later",
    "hour_count": "read when a chart is drawn",
    "settings_change": "read when somebody asks for the log",
    "rule_vote": "asked for each time",
    "subscriber": "read when somebody asks, and when they are called",
    "change_event": "these are the events",
    "lease": "asked for each time",
    "meta": "read at the start",
    "step_count": "only the order of steps depends on it, so each process reads it anew every hour",
    "webhook": "read by the process that decides, for each round of sending",
    "day_count": "read when moderators ask, and for their weekly card",
}
"""Tables that no process holds in memory, or not for longer than an answer takes."""

ONLY_DELETED = {
    "auto_reply": "used by the process that has the server, and read anew when it takes the server over",
    "rule_score": "likewise",
    "closed_channel": "likewise",
    "opt_out": "a row says that there is one",
}
"""Held tables whose rows are never changed, or not for others."""

LEFT_OUT = {
    ("watch", "document"): "long: it is read from the table",
    ("removed_server", "at"): "only the process that purges the server asks for it",
}
TABLES = {table.name: table for table in metadata.sorted_tables}


@pytest.fixture
async def database(postgres_url: str) -> AsyncGenerator[AsyncConnection]:
    """A connection that is nobody's, as an operator's is, with two rows in each table."""
    engine = create_async_engine(postgres_url)
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table is not change_event:
                for number in (1, 2):
                    await connection.execute(insert(table).values(row(table, number)))
        yield connection
    await engine.dispose()


def row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: value(column, number) for column in table.columns}


def value(column: Column[Any], number: int) -> Any:
    if isinstance(column.type, Boolean):
        return number == 2
    return str(number) if isinstance(column.type, String) else number


async def events(connection: AsyncConnection) -> list[tuple[str, list[Any]]]:
    """What was published since the last call."""
    rows = (await connection.execute(select(change_event.c.document).order_by(change_event.c.id))).scalars().all()
    await connection.execute(delete(change_event))
    return [(kind, changes) for kind, changes in map(json.loads, rows)]


def test_every_table_is_published_or_held_by_nobody(postgres: Server, postgres_url: str) -> None:
    asked = "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE 'publish%'"
    published = set(postgres.sql(asked, postgres_url.rpartition("/")[2]).splitlines())
    assert not published & NOT_HELD.keys()
    assert published | NOT_HELD.keys() == TABLES.keys(), "a new table needs triggers, or a reason to need none"


@pytest.mark.parametrize("name", sorted(TABLES.keys() - NOT_HELD.keys() - ONLY_DELETED.keys()))
async def test_every_column_that_changes_is_published(database: AsyncConnection, name: str) -> None:
    table = TABLES[name]
    [key] = table.primary_key.columns
    await events(database)
    for column in table.columns:
        if column is key or (name, column.name) in LEFT_OUT:
            continue
        await database.execute(update(table).where(key == 1).values({column.name: value(column, 2)}))
        [(kind, [changed])] = await events(database)
        assert kind == f"{name} UPDATE"
        assert column.name in changed, column


@pytest.mark.parametrize("name", sorted(ONLY_DELETED))
async def test_what_is_deleted_is_published(database: AsyncConnection, name: str) -> None:
    later = text("UPDATE auto_reply SET at = extract(epoch FROM now())")
    await database.execute(later)
    await events(database)
    await database.execute(delete(TABLES[name]))
    assert [(kind, sorted(keys)) for kind, keys in await events(database)] == [(f"{name} DELETE", [1, 2])]


async def test_of_many_posts_only_the_first_and_the_last_are_named(database: AsyncConnection) -> None:
    await events(database)
    many = [row(post, number) | {"outage_id": 1} for number in range(10, 200)]
    await database.execute(insert(post).values(many))
    assert await events(database) == [("post INSERT", [{"first": 10, "last": 199}])]


async def test_a_statement_that_changes_nothing_publishes_nothing(database: AsyncConnection) -> None:
    await events(database)
    for table in (post, outage):
        await database.execute(update(table).where(table.c.id == 99).values(guild_id=5))
        await database.execute(delete(table).where(table.c.id == 99))
    await database.execute(update(service).values(slug=service.c.slug + "!"))
    assert await events(database) == []


async def test_who_writes_is_told_unless_nothing_is_to_be_published(database: AsyncConnection) -> None:
    await events(database)
    await database.execute(text(f"SET LOCAL {ORIGIN} = '77'"))
    await database.execute(delete(post).where(post.c.id == 1))
    await database.execute(text(SILENT))
    await database.execute(delete(post).where(post.c.id == 2))
    origins = (await database.execute(select(change_event.c.origin))).scalars().all()
    assert origins == [77]
