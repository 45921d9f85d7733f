"""A PostgreSQL server that is stopped and comes back: clear refusals, and the bot continues afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.core.errors import StoreError
from bot.settings import Settings
from bot.stores import Stores
from tests.postgres import Server, server
from tests.storage.ruin import reports_of
from tests.storage.test_writer_faults import press


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """One of its own, since others would miss it."""
    with server() as one:
        yield one


@pytest.fixture
def settings(postgres_settings: Settings) -> Settings:
    return postgres_settings


@contextmanager
def stopped(postgres: Server) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


async def test_a_restarted_server_is_not_even_noticed(stores: Stores, postgres: Server) -> None:
    assert await press(stores, range(1, 3)) == ({1, 2}, set())
    with stopped(postgres):
        pass
    assert await press(stores, range(3, 5)) == ({3, 4}, set())
    assert await reports_of(stores) == {1, 2, 3, 4}


async def test_while_the_server_is_away_everybody_is_refused_and_served_when_it_is_back(
    stores: Stores, postgres: Server
) -> None:
    assert await press(stores, range(1, 3)) == ({1, 2}, set())
    with stopped(postgres):
        assert await press(stores, range(3, 203)) == (set(), set(range(3, 203)))
        with pytest.raises(StoreError, match="not read"):
            await reports_of(stores)
    assert await press(stores, range(300, 303)) == ({300, 301, 302}, set())
    assert await reports_of(stores) == {1, 2, 300, 301, 302}
    assert not stores.damaged.is_set()
