"""Each subscriber is notified once, and nobody who unsubscribed, whatever two processes do at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.core.outage_life import Outage, Phase
from bot.settings import Settings
from bot.storage.postgres import PostgresWriteEngine
from bot.stores import Stores, open_stores
from bot.usecases.outages.ports import Subscriber, WatchStep
from tests.patience import PATIENCE
from tests.postgres import Server

ANN, BOB, CARL = 11, 22, 33


@pytest.fixture
async def two(postgres_settings: Settings) -> AsyncGenerator[tuple[Stores, Stores]]:
    """Two processes; the first decides."""
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(open_stores(postgres_settings, ["one"])) for _ in range(2)]
        yield first, second


@pytest.fixture
def hold_up(postgres: Server, postgres_url: str) -> "HoldUp":
    """Hold up whoever is about to write a post; all they locked before stays locked."""

    @asynccontextmanager
    async def held() -> AsyncGenerator[Callable[[int], Awaitable[None]]]:
        engine = create_async_engine(postgres_url)

        async def waiting(many: int) -> None:
            asked = f"SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN ({_OURS})"
            async with asyncio.timeout(PATIENCE):
                while int(await asyncio.to_thread(postgres.sql, asked, postgres_url.rpartition("/")[2])) < many:  # noqa: ASYNC110 - nobody else tells
                    await asyncio.sleep(0.02)

        async with engine.connect() as connection:
            await connection.execute(text("LOCK TABLE post IN SHARE MODE"))
            yield waiting
        await engine.dispose()

    return held


HoldUp = Callable[[], Any]
_OURS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"


async def outage_on(stores: Stores) -> Outage:
    written = await stores.outages.write(WatchStep("one", outage=Outage("one", Phase.ON, 1000, seen=1000)))
    assert written.outage is not None
    return written.outage


async def wait(stores: Stores, *people: int) -> None:
    for person in people:
        await stores.subscribers.add(Subscriber("one", person, 5, 6, 1000 + person))


async def called(stores: Stores) -> list[int]:
    return [person for post in await stores.posts.all() for person in post.people]


async def test_whoever_begins_to_wait_while_the_others_are_called_is_called_or_waits_on(
    two: tuple[Stores, Stores], postgres: Server, postgres_url: str
) -> None:
    first, second = two
    on = await outage_on(first)
    await wait(second, ANN)
    assert isinstance(first.writer._engine, PostgresWriteEngine)

    @event.listens_for(first.writer._engine.engine.sync_engine, "before_cursor_execute")
    def another_process_writes(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM subscriber"):
            row = f"SELECT id, 0, {BOB}, 5, 6, 1001 FROM service ON CONFLICT DO NOTHING"
            into = "INSERT INTO subscriber (service_id, scope, user_id, guild_id, channel_id, at)"
            postgres.sql(f"{into} {row}", postgres_url.rpartition("/")[2])

    await first.outages.write(WatchStep("one", outage=replace(on, phase=Phase.RECOVERING), call=True))
    wait_on = [one.user_id for person in (ANN, BOB) for one in await second.subscribers.of(person)]
    assert sorted(await called(second) + wait_on) == [ANN, BOB]


async def test_they_are_called_in_the_order_in_which_they_came(two: tuple[Stores, Stores]) -> None:
    first, second = two
    on = await outage_on(first)
    await wait(second, CARL, ANN, BOB)
    await first.outages.write(WatchStep("one", outage=replace(on, phase=Phase.RECOVERING), call=True))
    assert await called(second) == [ANN, BOB, CARL]


async def test_who_stops_while_the_waits_become_calls_is_not_called(
    two: tuple[Stores, Stores], hold_up: HoldUp
) -> None:
    first, second = two
    on = await outage_on(first)
    await wait(second, ANN, BOB)
    async with asyncio.TaskGroup() as group, hold_up() as waiting:
        group.create_task(first.outages.write(WatchStep("one", outage=replace(on, phase=Phase.RECOVERING), call=True)))
        await waiting(1)
        group.create_task(second.subscribers.delete(ANN))
        await waiting(2)
    assert await called(second) == [BOB]
    assert await second.subscribers.of(ANN) == []


async def test_two_who_stop_at_once_in_two_processes_are_both_not_called(
    two: tuple[Stores, Stores], hold_up: HoldUp
) -> None:
    first, second = two
    on = await outage_on(first)
    await wait(second, ANN, BOB, CARL)
    await first.outages.write(WatchStep("one", outage=replace(on, phase=Phase.RECOVERING), call=True))
    async with asyncio.TaskGroup() as group, hold_up() as waiting:
        group.create_task(first.subscribers.delete(ANN))
        await waiting(1)
        group.create_task(second.subscribers.delete(BOB))
        await waiting(2)
    assert await called(second) == [CARL]
