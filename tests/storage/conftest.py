"""A real SQLite file, migrated as at start."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.app import Stores, open_stores
from bot.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, discord_token=None, database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")


@pytest.fixture
async def stores(settings: Settings) -> AsyncGenerator[Stores]:
    async with open_stores(settings, ["one", "two"]) as opened:
        yield opened
