"""`db check`, `db restore`, and what `doctor` says about the database."""

import random
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import StoreError
from bot.exits import Exit
from bot.storage.backups import copy_database
from bot.storage.keys import FILE_NAME
from bot.storage.lock import held
from bot.storage.mounts import network_file_system
from tests.cli.test_cli import environment, run
from tests.storage.ruin import become_text, truncate

__all__ = ["environment"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    assert run("db", "upgrade").exit_code == 0
    return tmp_path / "data" / "notjustyou.db"


@pytest.mark.usefixtures("file")
def test_a_sound_database_and_a_sound_backup_are_called_so() -> None:
    result = run("db", "check")
    assert result.exit_code == 0
    assert "notjustyou.db is sound: pages, indexes, values and references" in result.output
    assert "schema: 0013, as this version needs" in result.output
    assert run("db", "backup", "copy.db").exit_code == 0
    assert "copy.db is sound" in run("db", "check", "copy.db").output
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600


def test_check_says_what_is_damaged_and_that_there_is_none(file: Path) -> None:
    truncate(file, random.Random(1))
    result = run("db", "check")
    assert result.exit_code == Exit.STORE and "notjustyou.db is damaged:\n" in result.output
    file.unlink()
    result = run("db", "check")
    assert result.exit_code == Exit.STORE and "there is no database at data/notjustyou.db" in result.output


def test_a_broken_reference_and_an_index_that_does_not_fit_are_damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("INSERT INTO report VALUES (1, 77, 0, 0, NULL, 5, 0)")
    assert "rows belong to others that are not there" in run("db", "check").output
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("DELETE FROM report")
        opened.execute("INSERT INTO service VALUES (77, 'examplia')")
    index = "UPDATE sqlite_schema SET sql = 'CREATE INDEX ix_report_at ON report (at)' || ? WHERE name = 'ix_report_at'"
    for number, entry in enumerate((" WHERE at > 1000", "")):
        with closing(sqlite3.connect(file)) as opened, opened:
            opened.execute("PRAGMA writable_schema=ON")
            opened.execute(index, (entry,))
        with closing(sqlite3.connect(file)) as opened, opened:
            opened.execute("INSERT INTO report VALUES (?, 77, 0, 0, NULL, 5, 0)", (number,))
    result = run("db", "check")
    assert result.exit_code == Exit.STORE and "missing from index ix_report_at" in result.output


def test_restore_says_where_the_old_one_is(file: Path) -> None:
    assert run("db", "backup", "copy.db").exit_code == 0
    result = run("db", "restore", "copy.db")
    assert result.exit_code == 0 and "Restored: copy.db is now the database data/notjustyou.db." in result.output
    assert "The old database is kept as" in result.output
    [kept] = file.parent.glob("notjustyou.db.replaced-*")
    assert f"! set aside: {kept.name}: kept beside the database" in run("doctor", "--offline").output


def test_restore_and_upgrade_wait_for_the_bot_to_stop(file: Path) -> None:
    assert run("db", "backup", "copy.db").exit_code == 0
    with held(file):
        for command in (("db", "restore", "copy.db"), ("db", "upgrade")):
            result = run(*command)
            assert result.exit_code == Exit.STORE and "another bot is running on" in result.output
        assert run("db", "check").exit_code == run("db", "current").exit_code == 0
    with pytest.raises(StoreError), held(file), held(file):
        pass


def test_restore_refuses_a_damaged_file_and_one_of_a_newer_version(file: Path) -> None:
    before = file.read_bytes()
    become_text(Path("diary.db"), random.Random(0))
    result = run("db", "restore", "diary.db")
    assert result.exit_code == Exit.STORE and "diary.db is damaged" in result.output
    shutil.copy(file, "newer.db")
    with closing(sqlite3.connect("newer.db")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '0099'")
    assert run("db", "restore", "newer.db").exit_code == Exit.SCHEMA
    assert file.read_bytes() == before


def test_doctor_calls_a_damaged_database_a_fault_and_says_what_run_would_do(file: Path) -> None:
    become_text(file, random.Random(0))
    spoilt = file.read_bytes()
    result = run("doctor", "--offline")
    assert result.exit_code == Exit.CONFIGURATION
    assert "✗ damage: data/notjustyou.db is damaged (file is not a database)" in result.output
    assert "`run` sets it aside and puts an empty one in its place" in result.output
    (file.parent / "backups").mkdir()
    (file.parent / "backups" / "notjustyou.db.daily.20261101T120000Z.bak").touch()
    result = run("doctor", "--offline")
    assert "puts the newest sound backup, from 2026-11-01 12:00 UTC or before in its place" in result.output
    assert file.read_bytes() == spoilt


def test_files_that_others_could_read_are_narrowed(file: Path) -> None:
    key = file.parent / FILE_NAME
    key.write_text("ab" * 32)
    wal = file.with_name(f"{file.name}-wal")
    wal.touch()
    for data in (file, key, wal):
        data.chmod(0o644)
    assert run("forget", "1").exit_code == 0
    assert {stat.S_IMODE(data.stat().st_mode) for data in (file, key)} == {0o600}
    assert not wal.exists() or stat.S_IMODE(wal.stat().st_mode) == 0o600


MOUNTS = r"""
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/local ext4 rw 0 0
me@host:/ /mnt/with\040space fuse.sshfs rw 0 0
C: /mnt/c 9p rw 0 0
tmpfs /mnt/covered tmpfs rw 0 0
//nas/share /mnt/covered cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/var/lib/bot", None),
        ("/home/me/data", "nfs4"),
        ("/homes/data", None),
        ("/home/local/data", None),
        ("/mnt/with space/data", "fuse.sshfs"),
        ("/mnt/c/Users", "9p"),
        ("/mnt/covered", "cifs"),
    ],
)
def test_network_file_systems_are_told_from_local_ones(tmp_path: Path, folder: str, expected: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.lstrip())
    assert network_file_system(Path(folder), mounts) == expected
    assert network_file_system(Path(folder), tmp_path / "no such file") is None


@pytest.mark.usefixtures("file")
def test_doctor_warns_of_a_network_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [line for line in run("doctor", "--offline").output.splitlines() if line.startswith("! file system")]
    monkeypatch.setattr("bot.doctor.network_file_system", lambda _folder: "nfs4")
    assert "! file system: data is on a network file system (nfs4), where SQLite" in run("doctor", "--offline").output


def test_forget_finds_nobody_where_there_is_no_database_or_no_key_and_says_so(tmp_path: Path) -> None:
    result = run("forget", "123")
    assert result.exit_code == Exit.STORE and "there is no database at" in result.output
    assert not (tmp_path / "data").exists(), "and it makes none"
    run("db", "upgrade")
    (tmp_path / "data" / "reporter.key").unlink()
    result = run("forget", "123")
    assert (
        result.exit_code == Exit.STORE
        and "without the reporter key, no stored data can be matched to a person" in result.output
    )


@pytest.mark.parametrize("command", [("forget", "5"), ("db", "upgrade")])
def test_beside_a_backup_an_empty_database_is_not_taken_for_a_new_one(tmp_path: Path, command: tuple[str, ...]) -> None:
    run("db", "upgrade")
    file = tmp_path / "data" / "notjustyou.db"
    (tmp_path / "data" / "reporter.key").write_text("ab" * 32)
    (tmp_path / "data" / "backups").mkdir()
    copy_database(file, tmp_path / "data" / "backups" / "notjustyou.db.daily.20270115T080000Z.bak")
    for companion in file.parent.glob("notjustyou.db-*"):
        companion.unlink()
    file.write_bytes(b"")
    result = run(*command)
    assert result.exit_code == Exit.STORE and "`notjustyou run` recovers it" in result.output
    assert file.read_bytes() == b""


def test_an_empty_file_is_no_sound_backup(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    result = run("db", "check", str(tmp_path / "empty.db"))
    assert result.exit_code == Exit.STORE and "is no database of this bot, or an empty one" in result.output
