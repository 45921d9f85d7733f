"""Migrations: one way in, a backup first, clear refusals."""

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bot.core.errors import ConfigurationError, SchemaError, StoreError
from bot.settings import Settings
from bot.storage import keys, migrate
from bot.storage.backups import copy_database
from bot.storage.revisions import head_revision, known_revisions, migrations_folder
from bot.storage.run_migrations import alembic_config
from bot.storage.tables import metadata
from tests.storage.older import make_older


def file_of(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite+aiosqlite:///"))


def run_sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_migrations_make_the_schema_that_the_stores_use(settings: Settings) -> None:
    assert migrate.upgrade(settings.database_url).fits
    engine = create_engine(f"sqlite:///{file_of(settings)}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_names_of_the_files_say_which_revisions_there_are() -> None:
    alembic = ScriptDirectory.from_config(alembic_config())
    assert head_revision() == alembic.get_current_head()
    assert known_revisions() == {script.revision for script in alembic.walk_revisions()}


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(settings: Settings) -> None:
    start = f"from bot.storage.migrate import upgrade; assert upgrade({settings.database_url!r}).fits"
    start += "; import sys; print('alembic' in sys.modules)"
    for loaded in ("True", "False"):
        done = subprocess.run([sys.executable, "-c", start], check=True, capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == loaded


def test_the_file_is_nobody_elses_to_read(settings: Settings) -> None:
    migrate.upgrade(settings.database_url)
    assert stat.S_IMODE(file_of(settings).stat().st_mode) == 0o600


def test_an_older_schema_is_backed_up_and_then_migrated(settings: Settings) -> None:
    path = file_of(settings)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migrations_folder()))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    run_sql(
        path,
        "INSERT INTO meta VALUES ('k', 'kept')",
        "INSERT INTO service VALUES (1, 'character-ai')",
        "INSERT INTO auto_reply VALUES (10, 20, 30, 1, 40)",
    )
    assert migrate.upgrade(settings.database_url).fits
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM auto_reply").fetchall() == [(10, 20, 30, 1, 40, None, None)]
    [backup] = path.parent.glob("backups/bot.db.schema-0001.*.bak")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT value FROM meta").fetchall() == [("kept",)]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_it_is_told_before_each_step_and_of_a_new_database_nothing(settings: Settings) -> None:
    steps = list[tuple[int, int, str]]()
    path = file_of(settings)
    make_older(path, "0010")

    def begins(number: int, of: int, name: str) -> None:
        steps.append((number, of, name))

    assert migrate.upgrade(settings.database_url, begins=begins).fits
    of = len(known_revisions()) - 10
    assert steps[:3] == [(1, of, "step counts"), (2, of, "webhooks"), (3, of, "day counts")] and len(steps) == of
    steps.clear()
    assert migrate.upgrade(f"{settings.database_url}.new", begins=begins).fits
    assert steps == []


def test_scores_of_rules_are_kept_and_votes_begin_empty(settings: Settings) -> None:
    path = file_of(settings)
    make_older(path, "0008")
    run_sql(path, "INSERT INTO rule_score VALUES (30, 'question', 8, 3, 1)")
    assert migrate.upgrade(settings.database_url).fits
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM rule_score").fetchall() == [(30, "question", 8, 3, 1, 0)]
        assert connection.execute("SELECT * FROM rule_vote").fetchall() == []


def test_counts_of_unknown_trouble_are_kept_in_the_table_of_all_counts_by_day(settings: Settings) -> None:
    path, rows = file_of(settings), [(30, "message", 20_000, 4), (30, "typed", 20_001, 2)]
    engine = create_engine(f"sqlite:///{path}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
    run_sql(path, *(f"INSERT INTO unknown_count VALUES {row}" for row in rows))
    assert migrate.upgrade(settings.database_url).fits
    run_sql(path, "INSERT INTO day_count VALUES (30, 'reply', 20001, 9)")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM day_count WHERE what != 'reply' ORDER BY day").fetchall() == rows
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'unknown_count'").fetchall() == []
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0011")
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM unknown_count ORDER BY day").fetchall() == rows


def test_a_schema_of_a_newer_version_is_refused_and_left_alone(settings: Settings) -> None:
    migrate.upgrade(settings.database_url)
    run_sql(file_of(settings), "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="9999, which this version of the bot does not know"):
        migrate.upgrade(settings.database_url)
    assert migrate.schema_state(settings.database_url).current == "9999"


def test_a_file_that_is_no_database_is_refused_and_left_alone(settings: Settings) -> None:
    path = file_of(settings)
    path.write_bytes(b"not a database, but somebody's file" * 100)
    with pytest.raises(StoreError, match="not a database"):
        migrate.upgrade(settings.database_url)
    assert path.read_bytes().startswith(b"not a database")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"/file/data/bot.db should be a file in a folder"):
        migrate.upgrade(f"sqlite+aiosqlite:///{tmp_path}/file/data/bot.db")


def test_a_backup_needs_a_database(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        copy_database(file_of(settings), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_the_reporter_key_is_made_once_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    first = keys.reporter_key(None, tmp_path)
    path = tmp_path / keys.FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.reporter_key(None, tmp_path).reporter(1) == first.reporter(1)
    path.write_text("damaged")
    with pytest.raises(ConfigurationError, match="should hold 64 hex digits"):
        keys.reporter_key(None, tmp_path)
    assert path.read_text() == "damaged"


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "theirs.db"
    with closing(sqlite3.connect(file)) as theirs:
        theirs.execute("CREATE TABLE songs (name TEXT)")
    before = file.read_bytes()
    with pytest.raises(SchemaError, match="another program's database"):
        migrate.upgrade(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == before


def test_several_databases_can_be_migrated_at_once_in_one_process(tmp_path: Path) -> None:
    urls = [f"sqlite+aiosqlite:///{tmp_path / str(number)}.db" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        assert all(state.fits for state in threads.map(migrate.upgrade, urls))
