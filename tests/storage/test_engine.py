"""The file of a database address, and who may read it."""

import stat
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.storage.engine import database_file, prepare_file


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


def test_a_database_is_for_its_owner_alone_with_all_that_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bot.db"
    prepare_file(path)
    others = [path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for file in others:
        file.touch()
        file.chmod(0o644)
    prepare_file(path)
    assert {stat.S_IMODE(file.stat().st_mode) for file in others} == {0o600}
