"""A real, migrated database: a SQLite file, or one on a local PostgreSQL server."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.stores import Stores, open_stores


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")


@pytest.fixture
def postgres_settings(postgres_url: str) -> Settings:
    return Settings(database_url=postgres_url)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """A SQLite file, unless a module has `parametrize("settings", ["sqlite", "postgres"], indirect=True)`."""
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_settings")


@pytest.fixture
async def stores(settings: Settings) -> AsyncGenerator[Stores]:
    async with open_stores(settings, ["one", "two"]) as opened:
        yield opened
