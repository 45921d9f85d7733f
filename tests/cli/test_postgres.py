"""The command line on PostgreSQL: what works there, what to use instead, and one key for all processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.privacy import ReporterKey
from bot.exits import Exit
from tests.canaries import POSTGRES_PASSWORD
from tests.cli.test_cli import environment, run
from tests.postgres import Server

__all__ = ["environment"]

KEY, OTHER = "ab" * 32, "cd" * 32
USER = 1_456_074_443_980_800_011


@pytest.fixture
def empty(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The bot's database, new; gives its name on the server."""
    url = postgres.empty()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REPORTER_KEY", KEY)
    yield url.rpartition("/")[2]
    postgres.drop(url)


@pytest.mark.usefixtures("empty")
def test_upgrade_and_current() -> None:
    result = run("db", "current")
    assert result.exit_code == 0 and "database: none yet; this version: 0013" in result.output
    assert "The database is at 0013." in run("db", "upgrade").output
    assert "database: 0013; this version: 0013" in run("db", "current").output


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(
    ("command", "instead"),
    [("db backup copy.db", "pg_dump"), ("db check", "pg_amcheck"), ("db restore copy.db", "pg_restore")],
)
def test_what_is_about_a_file_says_what_to_use_instead(command: str, instead: str) -> None:
    result = run(*command.split())
    assert result.exit_code == Exit.USAGE
    assert (
        "DATABASE_URL: should be a SQLite file for this command; " in result.output and f"`{instead} " in result.output
    )


def test_forget_deletes_what_is_kept(empty: str, postgres: Server) -> None:
    result = run("forget", str(USER))
    assert result.exit_code == Exit.STORE and f"there is no database at {empty} on 127.0.0.1" in result.output
    run("db", "upgrade")
    reporter = ReporterKey(bytes.fromhex(KEY)).reporter(USER)
    postgres.sql("INSERT INTO service (slug) VALUES ('character-ai')", empty)
    postgres.sql(f"INSERT INTO report VALUES (1, 1, 5, {reporter}, NULL, 9), (2, 1, 5, 77, NULL, 9)", empty)
    assert "Deleted 1 reports." in run("forget", str(USER)).output
    assert postgres.sql("SELECT reporter FROM report", empty) == "77"


@pytest.mark.usefixtures("empty")
def test_without_a_key_there_is_a_sentence_why_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    run("db", "upgrade")
    monkeypatch.delenv("REPORTER_KEY")
    result = run("forget", str(USER))
    assert result.exit_code == Exit.CONFIGURATION
    assert "REPORTER_KEY is not set" in result.output and "hash a person to the same reporter" in result.output
    assert "✗ reporter key: REPORTER_KEY is not set" in run("doctor", "--offline").output


def test_another_key_than_the_first_is_refused(empty: str, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    run("db", "upgrade")
    assert run("forget", str(USER)).exit_code == run("forget", str(USER)).exit_code == 0
    assert "✓ reporter key: the database's" in run("doctor", "--offline").output
    monkeypatch.setenv("REPORTER_KEY", OTHER)
    result = run("forget", str(USER))
    assert result.exit_code == Exit.CONFIGURATION
    assert "REPORTER_KEY is not the key that the reporters in this database are made with" in result.output
    assert "✗ reporter key: REPORTER_KEY is not the key" in run("doctor", "--offline").output
    kept = postgres.sql("SELECT value FROM meta WHERE key = 'reporter_key'", empty)
    assert len(kept) == 16 and kept not in KEY
    monkeypatch.setenv("REPORTER_KEY", KEY)
    assert run("forget", str(USER)).exit_code == 0


def test_doctor_says_how_the_server_is(empty: str, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run("doctor", "--offline").output
    assert f"✓ database: {empty} on 127.0.0.1:{postgres.port} answers (PostgreSQL 18" in report
    assert "✓ schema: made on the first run" in report and "disk" not in report
    run("db", "upgrade")
    assert "✓ schema: at 0013" in run("doctor", "--offline").output
    monkeypatch.setenv("DATABASE_URL", postgres.url(empty).replace(POSTGRES_PASSWORD, "wrong-password"))
    report = run("doctor", "--offline").output
    assert "✗ database: " in report and "password authentication failed" in report and "wrong-password" not in report
    assert "are user and password in DATABASE_URL right?" in report
    monkeypatch.setenv("DATABASE_URL", postgres.url("elsewhere"))
    assert "make it first, or name another one in DATABASE_URL" in run("doctor", "--offline").output


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("127.0.0.1:1/bot", "nothing answers there; does PostgreSQL run"),
        ("localhost:1/bot", "nothing answers there; does PostgreSQL run"),
        ("no-such-host.invalid/bot", "there is no host of that name"),
        ("/bot?host=/nowhere", "is the file there that PGSSLROOTCERT names, or the server's socket?"),
        ("127.0.0.1:1/bot?ssl=verify-full", "PGSSLROOTCERT should name the file of the CAs"),
    ],
)
def test_a_server_out_of_reach_is_told_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str, fault: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    monkeypatch.setenv("DATABASE_URL", f"postgresql+asyncpg://bot:{POSTGRES_PASSWORD}@{where}")
    for command in ("doctor --offline", "db upgrade"):
        said = run(*command.split()).output
        assert fault in said and POSTGRES_PASSWORD not in said
