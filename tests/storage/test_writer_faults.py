"""Database faults: refused writes fail soon and are not stored, and the writer continues after the fault."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.core.errors import StoreError
from bot.core.reports import Report
from bot.settings import Settings
from bot.storage import engine, migrate
from bot.storage.examine import companions
from bot.stores import Stores, open_stores
from tests.patience import PATIENCE
from tests.storage.ruin import reports_of

BUSY = 0.4


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in life, but shorter, so that the test is."""
    pragmas = [p for p in engine.PRAGMAS if not p.startswith("busy_timeout")]
    monkeypatch.setattr(engine, "PRAGMAS", (*pragmas, f"busy_timeout={BUSY * 1000:.0f}"))


def file_of(settings: Settings) -> Path:
    return engine.database_file(settings.database_url)


def report(number: int) -> Report:
    return Report(number, "one", 5, number, None, 1000)


async def press(stores: Stores, numbers: range) -> tuple[set[int], set[int]]:
    """Reports of so many people at once; gives the acknowledged and the refused."""
    asked = [stores.reports.append(report(n)) for n in numbers]
    outcomes = dict(zip(numbers, await asyncio.gather(*asked, return_exceptions=True), strict=True))
    assert all(outcome is None or isinstance(outcome, StoreError) for outcome in outcomes.values()), outcomes
    acknowledged = {n for n, outcome in outcomes.items() if outcome is None}
    return acknowledged, set(numbers) - acknowledged


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes, and takes its time."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


async def pragma(stores: Stores, what: str) -> int:
    def work(connection: Connection) -> int:
        return connection.exec_driver_sql(f"PRAGMA {what}").scalar_one()

    return await stores.writer.run(work)


@asynccontextmanager
async def read_only(stores: Stores) -> AsyncIterator[None]:
    """SQLite refuses to write, as on a disk that is mounted so."""
    writer = stores.writer._engine

    def refuse(connection: Any, _record: object) -> None:
        connection.cursor().execute("PRAGMA query_only=ON")

    assert isinstance(writer, engine.SqliteWriteEngine)
    event.listen(writer.engine, "connect", refuse)
    await writer.dispose()
    yield
    event.remove(writer.engine, "connect", refuse)
    await writer.dispose()


@pytest.mark.usefixtures("short_patience")
async def test_a_hundred_who_wait_for_a_locked_database_are_refused_together(settings: Settings) -> None:
    async with open_stores(settings, ["one"]) as stores:
        with locked(file_of(settings)):
            began = time.monotonic()
            first = asyncio.create_task(press(stores, range(1, 101)))
            await asyncio.sleep(BUSY / 2)
            later = asyncio.create_task(press(stores, range(101, 201)))
            assert await first == (set(), set(range(1, 101)))
            assert await later == (set(), set(range(101, 201)))
            # Each on its own would wait for the lock: two hundred times as long.
            assert time.monotonic() - began < 100 * BUSY
        assert await press(stores, range(201, 203)) == ({201, 202}, set())
        assert await reports_of(stores) == {201, 202}


async def test_a_lock_that_ends_in_time_is_waited_for(settings: Settings) -> None:
    async with open_stores(settings, ["one"]) as stores:
        with locked(file_of(settings)):
            waiting = asyncio.create_task(press(stores, range(1, 11)))
            await asyncio.sleep(BUSY / 4)
        assert await waiting == (set(range(1, 11)), set())


async def test_a_bad_row_among_many_while_the_lock_comes_and_goes_takes_only_itself_down(stores: Stores) -> None:
    await stores.reports.append(report(50))
    assert await press(stores, range(1, 101)) == (set(range(1, 101)) - {50}, {50})
    assert await reports_of(stores) == set(range(1, 101))


async def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_once_there_is_room(stores: Stores) -> None:
    pages = await pragma(stores, "page_count")
    assert await pragma(stores, f"max_page_count={pages + 3}") == pages + 3
    acknowledged, refused = set[int](), set[int]()
    for start in range(1, 2001, 100):
        took, lost = await press(stores, range(start, start + 100))
        acknowledged |= took
        refused |= lost
    assert acknowledged and refused
    assert await reports_of(stores) == acknowledged
    await pragma(stores, "max_page_count=1000000")
    assert await press(stores, range(5000, 5100)) == (set(range(5000, 5100)), set())
    assert await reports_of(stores) == acknowledged | set(range(5000, 5100))


async def test_a_read_only_database_refuses_and_goes_on_when_it_can_be_written_again(stores: Stores) -> None:
    await press(stores, range(1, 3))
    async with read_only(stores):
        assert await press(stores, range(3, 100)) == (set(), set(range(3, 100)))
        assert await reports_of(stores) == {1, 2}, "what is there can be read"
    assert await press(stores, range(100, 103)) == ({100, 101, 102}, set())
    assert not stores.damaged.is_set()


async def test_damage_while_it_is_open_is_noticed(settings: Settings) -> None:
    async with open_stores(settings, ["one"]) as stores:
        await press(stores, range(1, 500))
        assert not stores.damaged.is_set()
        for file in (file_of(settings), companions(file_of(settings))[0]):
            content = bytearray(file.read_bytes())
            content[4096:] = b"\xa5" * (len(content) - 4096)
            file.write_bytes(content)
        with pytest.raises(StoreError):
            await reports_of(stores)
        await asyncio.wait_for(stores.damaged.wait(), PATIENCE)


async def test_a_lock_at_the_start_ends_it_with_a_sentence(settings: Settings) -> None:
    async with open_stores(settings, ["one"]):
        pass
    with locked(file_of(settings)), pytest.raises(StoreError, match=r"bot\.db cannot be .*database is locked"):
        async with open_stores(settings, ["one"], alone=True):
            pass
    async with open_stores(settings, ["one"], alone=True) as stores:
        assert await press(stores, range(1, 3)) == ({1, 2}, set())


def test_a_process_that_closes_nothing_ends_all_the_same(settings: Settings) -> None:
    migrate.upgrade(settings.database_url)
    program = f"""
import asyncio
from bot.storage.engine import open_engines

async def main():
    engines = open_engines({settings.database_url!r})
    print(await engines.writer.transaction(lambda c: c.exec_driver_sql("SELECT 42").scalar_one()))

asyncio.run(main())
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert ran.stdout == "42\n"
