"""Which file a database address names, and which addresses name none."""

from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.storage.engine import database_file


def test_a_file_is_the_one_that_a_link_points_to(tmp_path: Path) -> None:
    file, link = tmp_path / "bot.db", tmp_path / "link.db"
    link.symlink_to(file)
    for named in (file, link):
        assert database_file(f"sqlite+aiosqlite:///{named}") == file


@pytest.mark.parametrize(
    "url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "postgresql+asyncpg://bot@localhost/bot"]
)
def test_a_database_that_is_no_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="this is for a SQLite file"):
        database_file(url)
