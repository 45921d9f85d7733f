"""`db copy`: copies everything or nothing, and the copy can be used afterwards."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Integer, SmallInteger, String, Table, create_engine, insert, select

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.privacy import ReporterKey
from bot.exits import Exit
from bot.settings import Settings
from bot.storage.database import database
from bot.storage.keys import FILE_NAME
from bot.storage.lock import held
from bot.storage.revisions import head_revision
from bot.storage.tables import metadata
from bot.stores import open_stores
from bot.usecases.outages.ports import WatchStep
from tests.cli.test_cli import environment, run
from tests.postgres import Server

__all__ = ["environment"]

KEY, OTHER = "ab" * 32, "cd" * 32
ROWS = 25
"""In each table; some of them with the widest values that fit."""


def value(column: Column[Any], number: int) -> object:
    if column.primary_key or column.foreign_keys:
        return f"key {number}" if isinstance(column.type, String) else number
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, String):
        return f'"{number} ü🔥"'  # a document, too
    if isinstance(column.type, Integer | SmallInteger) and type(column.type).__name__ != "BigInteger":
        return number
    return {1: 2**63 - 1, 2: -(2**63), 4: 0}.get(number, number)


def rows_of(table: Table) -> list[dict[str, object]]:
    return [{c.name: value(c, number) for c in table.columns} for number in range(1, ROWS + 1)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite database with something in every table, and its key beside it."""
    assert run("db", "upgrade").exit_code == 0
    path = tmp_path / "data" / "notjustyou.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(insert(table), rows_of(table))
        # An id that was given once is not given again, though its row is gone.
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = 1000 WHERE name = 'post'")
    engine.dispose()
    (path.parent / FILE_NAME).write_text(KEY)
    return path


@pytest.fixture
def target(postgres: Server, monkeypatch: pytest.MonkeyPatch, file: Path) -> Iterator[str]:
    assert file.exists(), "made first, with the DATABASE_URL of SQLite"
    url = postgres.empty()
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    postgres.drop(url)


def everything(url: str) -> dict[str, Sequence[Any]]:
    """All rows but the fingerprint of the key."""

    def read(connection: Any) -> dict[str, Sequence[Any]]:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table)) if row[0] != "reporter_key"]
            for table in metadata.sorted_tables
        }

    return database(url).transaction(read)


def test_every_row_arrives_as_it_was_and_the_file_stays_as_it_is(file: Path, target: str) -> None:
    before = file.read_bytes()
    result = run("db", "copy", str(file))
    assert result.exit_code == 0, result.output
    here, there = everything(f"sqlite+aiosqlite:///{file}"), everything(target)
    assert all(len(here[name]) == len(there[name]) == ROWS for name in here)
    for name in here:
        assert (
            sorted(here[name]) == sorted(there[name]) if name in {"meta", "rule_score"} else here[name] == there[name]
        )
        assert f"{name}: 25 rows" in result.output
    assert file.read_bytes() == before
    assert f"set REPORTER_KEY to the content of {file.parent / FILE_NAME}" in result.output and KEY not in result.output


def test_new_ids_go_on_after_those_that_were_ever_given(file: Path, target: str) -> None:
    assert run("db", "copy", str(file)).exit_code == 0

    async def go_on() -> tuple[int, int]:
        settings = Settings(database_url=target)
        async with open_stores(settings, ["new"]) as stores:
            outage = Outage("new", Phase.OVER, 5, detected=5, ended=6)
            step = await stores.outages.write(WatchStep("new", "[]", outage, (Post(0, PostKind.ANNOUNCEMENT, 5, 6),)))
            assert step.outage is not None
            return step.outage.id, step.posts[0].id

    assert asyncio.run(go_on()) == (ROWS + 1, 1001)


def test_the_bot_then_starts_with_the_files_key_and_with_no_other(
    file: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTER_KEY", OTHER)
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.CONFIGURATION and "REPORTER_KEY is another key than" in result.output
    monkeypatch.setenv("REPORTER_KEY", KEY)
    assert run("db", "copy", str(file)).exit_code == 0
    assert ReporterKey(bytes.fromhex(KEY)).fingerprint() == database(target).transaction(
        lambda c: c.exec_driver_sql("SELECT value FROM meta WHERE key = 'reporter_key'").scalar()
    )


@pytest.mark.usefixtures("target")
def test_without_any_key_it_is_refused(file: Path) -> None:
    (file.parent / FILE_NAME).unlink()
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.CONFIGURATION and "REPORTER_KEY is not set, and there is no" in result.output


def test_a_database_in_which_something_is_is_refused_and_left_alone(file: Path, target: str, postgres: Server) -> None:
    name = target.rpartition("/")[2]
    run("db", "upgrade")
    postgres.sql("INSERT INTO meta VALUES ('k', 'theirs')", name)
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.STORE
    assert f"the database {name} on 127.0.0.1:{postgres.port} is not empty (there are rows in meta)" in result.output
    assert postgres.sql("SELECT value FROM meta", name) == "theirs"


def test_a_copy_that_fails_leaves_nothing_and_may_begin_again(file: Path, target: str, postgres: Server) -> None:
    run("db", "upgrade")
    name = target.rpartition("/")[2]
    postgres.sql("ALTER TABLE subscriber ADD CONSTRAINT no CHECK (scope < 20)", name)
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.STORE and "nothing was copied into" in result.output
    assert postgres.sql("SELECT count(*) FROM report", name) == "0"
    postgres.sql("ALTER TABLE subscriber DROP CONSTRAINT no", name)
    assert run("db", "copy", str(file)).exit_code == 0


def test_a_row_that_does_not_arrive_is_noticed(file: Path, target: str, postgres: Server) -> None:
    run("db", "upgrade")
    name = target.rpartition("/")[2]
    postgres.sql("CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", name)
    trigger = (
        "CREATE TRIGGER lose BEFORE INSERT ON opt_out FOR EACH ROW WHEN (NEW.reporter = 7) EXECUTE FUNCTION lose()"
    )
    postgres.sql(trigger, name)
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.STORE and "opt_out: only 24 of 25 rows arrived; nothing was copied" in result.output
    assert postgres.sql("SELECT count(*) FROM report", name) == "0"


@pytest.mark.usefixtures("target")
def test_what_cannot_be_copied_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(file):
        result = run("db", "copy", str(file))
    assert result.exit_code == Exit.STORE and "another bot is running on" in result.output
    assert "there is no file nothing.db" in run("db", "copy", "nothing.db").output
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '0004'")
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.SCHEMA and f"has schema 0004, and {head_revision()} is needed" in result.output
    monkeypatch.delenv("DATABASE_URL")
    result = run("db", "copy", str(file))
    assert result.exit_code == Exit.USAGE and "should be the PostgreSQL database to copy into" in result.output
