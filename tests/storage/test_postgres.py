"""PostgreSQL: faults, several processes at once, and another program's database. The bot refuses or continues."""

import asyncio
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from bot.core.errors import SchemaError, StoreError
from bot.core.reports import Report
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.database import database
from bot.storage.run_migrations import alembic_config
from bot.storage.tables import metadata
from bot.stores import Stores, open_stores
from bot.usecases.outages.ports import Subscriber
from tests.canaries import POSTGRES_PASSWORD
from tests.postgres import Server
from tests.storage.ruin import reports_of
from tests.storage.test_writer_faults import press


@pytest.fixture
def settings(postgres_settings: Settings) -> Settings:
    return postgres_settings


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    url = postgres.empty()
    yield url
    postgres.drop(url)


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


async def test_a_connection_cut_in_the_midst_refuses_its_batch_and_the_next_one_works(
    stores: Stores, postgres: Server
) -> None:
    def cut(connection: Connection) -> None:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgres.sql(f"SELECT pg_terminate_backend({mine})")
        connection.exec_driver_sql("SELECT 1")

    outcomes = await asyncio.gather(press(stores, range(1, 5)), stores.writer.run(cut), return_exceptions=True)
    assert isinstance(outcomes[1], StoreError)
    assert await press(stores, range(10, 12)) == ({10, 11}, set())
    assert await reports_of(stores) >= {10, 11}


async def test_a_bad_row_takes_only_itself_down_and_its_values_stand_in_no_traceback(stores: Stores) -> None:
    await stores.reports.append(Report(123_456_789, "one", 5, 1, None, 1))
    for wrong in (Report(123_456_789, "one", 5, 2, None, 1), Report(2, "one", 5, 2**63 + 123_456_789, None, 1)):
        asked = [stores.reports.append(one) for one in (Report(wrong.id + 1, "one", 5, 3, None, 1), wrong)]
        right, failed = await asyncio.gather(*asked, return_exceptions=True)
        assert right is None and isinstance(failed, StoreError)
        text = "".join(traceback.format_exception(failed))
        assert "123456789" not in text and str(2**63 + 123_456_789) not in text
    assert await reports_of(stores) == {1, 3}


async def test_processes_that_wait_for_each_other_both_get_their_way(settings: Settings) -> None:
    def put(first: str, second: str) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            for key in (first, second):
                connection.exec_driver_sql(f"UPDATE meta SET value = value || '{first}' WHERE key = '{key}'")
                connection.exec_driver_sql("SELECT pg_sleep(0.2)")

        return work

    async with open_stores(settings, ["one"]) as here, open_stores(settings, ["one"]) as there:
        for key in "ab":
            await here.meta.put(key, "")
        await asyncio.gather(here.writer.run(put("a", "b")), there.writer.run(put("b", "a")))
        for key in "ab":
            assert sorted(await here.meta.get(key) or "") == ["a", "b"]


async def test_readers_cannot_write(settings: Settings) -> None:
    engines = database(settings.database_url).engines()
    async with engines.reader.engine.connect() as connection:
        with pytest.raises(Exception, match="read-only transaction"):
            await connection.exec_driver_sql("DELETE FROM report")
    await engines.dispose()


async def test_starts_do_not_use_up_the_numbers_of_services(settings: Settings) -> None:
    for _ in range(5):
        async with open_stores(settings, ["one", "two"]):
            pass
    async with open_stores(settings, ["one", "two", "three"]) as stores:
        await stores.reports.append(Report(1, "three", 5, 1, None, 1))
        [row] = await stores.writer.run(lambda c: c.exec_driver_sql("SELECT service_id FROM report").all())
        assert row.service_id == 3


async def test_bots_share_it(settings: Settings) -> None:
    async with open_stores(settings, ["one"], alone=True) as first, open_stores(settings, ["one"], alone=True) as other:
        await first.subscribers.add(Subscriber("one", 7, 1, 2, 3))
        assert [one.user_id for one in await other.subscribers.of(7)] == [7]


def test_migrations_make_the_schema_that_the_stores_use(empty: str) -> None:
    assert migrate.schema_state(empty).current is None
    assert migrate.upgrade(empty).fits
    different = database(empty).transaction(lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    assert different == []


def test_an_older_schema_is_migrated_with_what_is_in_it(empty: str, postgres: Server) -> None:
    def begin(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    database(empty).transaction(begin)
    postgres.sql("INSERT INTO service (slug) VALUES ('one')", name_of(empty))
    postgres.sql("INSERT INTO report VALUES (1, 1, 2, 3, NULL, 4)", name_of(empty))
    assert migrate.upgrade(empty).fits
    assert postgres.sql("SELECT id, reporter, young FROM report", name_of(empty)) == "1|3|f"


def test_several_may_start_at_once_on_an_empty_database(empty: str) -> None:
    with ThreadPoolExecutor(4) as starts:
        assert all(state.fits for state in starts.map(migrate.upgrade, [empty] * 4))


def test_another_programs_database_is_refused_and_left_alone(empty: str, postgres: Server) -> None:
    postgres.sql("CREATE TABLE songs (name text)", name_of(empty))
    with pytest.raises(SchemaError, match=r"another program's database \(it has a table 'songs'"):
        migrate.upgrade(empty)
    assert postgres.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name_of(empty)) == "songs"


def test_a_schema_of_a_newer_version_is_refused(postgres_url: str, postgres: Server) -> None:
    postgres.sql("UPDATE alembic_version SET version_num = '9999'", name_of(postgres_url))
    with pytest.raises(SchemaError, match="9999, which this version of the bot does not know"):
        migrate.upgrade(postgres_url)


def test_what_keeps_it_from_being_used_is_said_without_the_password(postgres: Server, postgres_url: str) -> None:
    for url, reason in (
        (postgres_url.replace(POSTGRES_PASSWORD, f"{POSTGRES_PASSWORD}-not"), "password authentication failed"),
        (postgres.url("nowhere"), 'database "nowhere" does not exist'),
        (postgres_url.replace(f":{postgres.port}", ":1"), "Connect"),
    ):
        with pytest.raises(
            StoreError, match=rf"the database \w+ on 127\.0\.0\.1:\d+ cannot be used: .*{reason}"
        ) as failed:
            migrate.upgrade(url)
        assert POSTGRES_PASSWORD not in "".join(traceback.format_exception(failed.value))
