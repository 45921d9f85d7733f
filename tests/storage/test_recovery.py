"""A damaged database at start: it is set aside, replaced with the newest intact backup, and reported."""

import asyncio
import random
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app import open_app, open_stores
from bot.core.errors import SchemaError, StoreError
from bot.core.reports import DAY, HOUR
from bot.core.service import Source
from bot.storage import recovery
from bot.storage.backups import DailyBackup, backups_of, copy_database
from bot.storage.examine import companions, examine
from bot.storage.lock import held
from bot.storage.recovery import RECOVERED, Recovery, last_recovery, restore, set_aside
from tests.conftest import Figure
from tests.resources import resources
from tests.storage.ruin import (
    NOW,
    RUINS,
    SERVICE,
    become_text,
    count_reports,
    empty,
    make,
    overwrite_header,
    overwrite_pages,
    report,
    reports_of,
    settings_of,
    truncate,
)

BEFORE, AFTER = 150, 150
IN_THE_BACKUP = {report(n).reporter for n in range(BEFORE)}
LATER = NOW + 5 * HOUR


class Blind:
    """No network."""

    async def look(self, source: Source, *args: Any) -> Any:
        raise TimeoutError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return asyncio.run(make(tmp_path_factory.mktemp("made"), before=BEFORE, after=AFTER))


@pytest.fixture
def folder(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "data"))


def rights(folder: Path, files: str) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.rglob(files)}


def lose(folder: Path) -> None:
    for file in folder.glob("bot.db*"):
        file.unlink()


@pytest.mark.parametrize("ruin", [overwrite_header, truncate, empty, become_text])
async def test_the_newest_backup_takes_the_place_of_a_damaged_database(
    folder: Path, ruin: Callable[[Path, random.Random], None], caplog: pytest.LogCaptureFixture
) -> None:
    file = folder / "bot.db"
    ruin(file, random.Random(2))
    spoilt = file.read_bytes()
    async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: LATER) as stores:
        assert await reports_of(stores) == IN_THE_BACKUP
        await stores.reports.append(report(999))
        assert await stores.meta.get(RECOVERED) == Recovery(LATER, NOW).document()
    [record] = [vars(line) for line in caplog.records if line.levelname == "CRITICAL"]
    assert (record["lost_since"], record["lost_hours"]) == ("2027-01-15T08:00:00+00:00", 5.0)
    [aside] = set_aside(file)
    assert aside.name == "bot.db.corrupt-20270115T130000Z" and aside.read_bytes() == spoilt
    assert rights(folder, "bot.db*") == {0o600}
    assert last_recovery(file) == Recovery(LATER, NOW)
    async with open_stores(settings_of(folder), [SERVICE], alone=True) as stores:
        assert len(await reports_of(stores)) == BEFORE + 1
    assert len(set_aside(file)) == 1, "once is enough"


async def test_without_a_backup_it_begins_anew_and_says_so(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.rmtree(folder / "backups")
    become_text(folder / "bot.db", random.Random(0))
    async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: LATER) as stores:
        assert await reports_of(stores) == set()
    assert [line.message for line in caplog.records if line.levelname == "CRITICAL"] == [
        "the database was damaged, and there is no intact backup: the bot starts with an empty database"
    ]
    assert last_recovery(folder / "bot.db") == Recovery(LATER, None)
    assert set_aside(folder / "bot.db")[0].read_text().startswith("Dear diary")


async def test_a_blank_file_is_a_loss_where_there_are_backups_and_a_beginning_where_there_are_none(
    folder: Path,
) -> None:
    file = folder / "bot.db"
    for backups, kept in ((True, IN_THE_BACKUP), (False, set[int]())):
        file.unlink()
        with closing(sqlite3.connect(file, isolation_level=None)) as opened:
            opened.execute("BEGIN IMMEDIATE")
            opened.execute("COMMIT")
        assert file.stat().st_size > 0, "SQLite writes a first page"
        if not backups:
            shutil.rmtree(folder / "backups")
        async with open_stores(settings_of(folder), [SERVICE], alone=True) as stores:
            assert await reports_of(stores) == kept
    assert len(set_aside(file)) == 1


async def test_a_file_that_is_gone_is_brought_back_from_its_backup(folder: Path) -> None:
    lose(folder)
    async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: LATER) as stores:
        assert await reports_of(stores) == IN_THE_BACKUP


async def test_a_backup_that_has_no_room_is_not_taken_for_a_bad_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite_header(folder / "bot.db", random.Random(2))
    spoilt = (folder / "bot.db").read_bytes()
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=10**9, used=10**9 - 10**6, free=10**6))
        with pytest.raises(StoreError, match="MiB are needed"):
            async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: LATER):
                pass
    assert (folder / "bot.db").read_bytes() == spoilt, "nothing was changed"
    async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: LATER) as stores:
        assert await reports_of(stores) == IN_THE_BACKUP


async def test_a_database_behind_a_link_finds_its_backups(folder: Path, tmp_path: Path) -> None:
    (link := tmp_path / "linked").mkdir()
    (link / "bot.db").symlink_to(folder / "bot.db")
    overwrite_header(folder / "bot.db", random.Random(2))
    async with open_stores(settings_of(link), [SERVICE], alone=True, clock=lambda: LATER) as stores:
        assert await reports_of(stores) == IN_THE_BACKUP


async def test_what_was_set_aside_goes_after_a_month_and_old_copies_also_where_no_new_one_can_be_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "bot.db"
    overwrite_header(file, random.Random(2))
    async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: LATER):
        pass
    for days, kept in ((29, 1), (31, 0)):
        await DailyBackup(file, lambda days=days: LATER + days * DAY, lambda: None).back_up()
        assert len(set_aside(file)) == kept
    assert len(backups_of(file)) == 2, "and a copy older than a week is none to keep beside newer ones"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=10**9, used=10**9, free=0))
    with pytest.raises(StoreError):
        await DailyBackup(file, lambda: LATER + 60 * DAY, lambda: None).back_up()
    assert len(backups_of(file)) == 1, "the newest is all there is"


async def test_a_damaged_backup_is_passed_over_for_an_older_one(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = folder / "bot.db"
    newer = folder / "backups" / "bot.db.daily.20270116T080000Z.bak"
    copy_database(file, newer)
    overwrite_pages(newer, random.Random(1))
    truncate(file, random.Random(1))
    async with open_stores(settings_of(folder), [SERVICE], alone=True, clock=lambda: NOW + 2 * DAY) as stores:
        assert await reports_of(stores) == IN_THE_BACKUP
    unusable = [vars(line)["file"] for line in caplog.records if line.message == "a backup cannot be used"]
    assert unusable == [str(newer)]


async def test_what_was_in_the_log_of_the_old_file_is_set_aside_with_it_and_never_read_again(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(made[1], tmp_path / "data"))
    file = folder / "bot.db"
    log = companions(file)[0].read_bytes()
    become_text(file, random.Random(0))
    async with open_stores(settings_of(folder), [SERVICE], alone=True) as stores:
        assert await reports_of(stores) == IN_THE_BACKUP
    [aside] = set_aside(file)
    assert len(log) > 1_000_000 and companions(aside)[0].read_bytes() == log


async def test_numbers_of_messages_given_after_the_backup_are_not_given_again(folder: Path) -> None:
    file = folder / "bot.db"
    with closing(sqlite3.connect(file)) as opened:
        given = opened.execute("SELECT max(id) FROM post").fetchone()[0]
    empty(file, random.Random(0))
    async with open_stores(settings_of(folder), [SERVICE], alone=True):
        pass
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("INSERT INTO post SELECT NULL, outage_id, kind, guild_id, channel_id, people, attempted, "
                       "message_id, thread_id, pinged, reminded, lost FROM post LIMIT 1")  # fmt: skip
        assert opened.execute("SELECT max(id) FROM post").fetchone()[0] > given + 100_000


async def test_a_sound_database_is_left_alone_also_after_a_kill(made: tuple[Path, Path], tmp_path: Path) -> None:
    for number, one in enumerate(made):
        folder = Path(shutil.copytree(one, tmp_path / str(number)))
        async with open_stores(settings_of(folder), [SERVICE], alone=True) as stores:
            assert len(await reports_of(stores)) == BEFORE + AFTER
        assert set_aside(folder / "bot.db") == [] and last_recovery(folder / "bot.db") is None


async def test_only_the_one_bot_on_a_database_heals_it(folder: Path) -> None:
    truncate(folder / "bot.db", random.Random(1))
    spoilt = (folder / "bot.db").read_bytes()
    with pytest.raises(StoreError, match="malformed"):
        async with open_stores(settings_of(folder), [SERVICE]):
            pass
    assert (folder / "bot.db").read_bytes() == spoilt
    with (
        held(folder / "bot.db"),
        pytest.raises(StoreError, match=r"another bot is running on .*bot\.db; stop it first"),
    ):
        async with open_stores(settings_of(folder), [SERVICE], alone=True):
            pass


@pytest.mark.parametrize("step", ["decided", "half done"])
def test_a_change_that_was_decided_on_is_finished_by_the_next_start(folder: Path, step: str) -> None:
    """The states that a kill can leave, made by hand: `*.restoring` is there, the old log is or is not."""
    file = folder / "bot.db"
    shutil.copy(backups_of(file)[0].path, folder / "bot.db.restoring")
    wal = companions(file)[0]
    if step == "decided":
        wal.write_bytes(b"a log of the old file")
    assert recovery.recover(file, LATER) is None
    assert count_reports(file) == BEFORE and not wal.exists()
    assert not (folder / "bot.db.restoring").exists()


def test_restore_keeps_what_was_there(folder: Path) -> None:
    file = folder / "bot.db"
    aside = restore(file, backups_of(file)[0].path, LATER)
    assert aside is not None and count_reports(aside) == BEFORE + AFTER
    assert count_reports(file) == BEFORE and stat.S_IMODE(file.stat().st_mode) == 0o600
    back = restore(file, aside, LATER)
    assert back is not None and back != aside
    assert (count_reports(file), count_reports(aside), count_reports(back)) == (BEFORE + AFTER, BEFORE + AFTER, BEFORE)


def test_restore_takes_a_file_with_its_log_as_a_killed_bot_left_it(made: tuple[Path, Path], folder: Path) -> None:
    assert companions(made[1] / "bot.db")[0].stat().st_size > 1_000_000
    restore(folder / "bot.db", made[1] / "bot.db", LATER)
    assert count_reports(folder / "bot.db") == BEFORE + AFTER


def test_restore_refuses_what_is_no_sound_database_of_ours_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    file, given = folder / "bot.db", tmp_path / "given"
    before = file.read_bytes()

    def refused(match: str, kind: type[StoreError] = StoreError) -> None:
        with pytest.raises(kind, match=match):
            restore(file, given, LATER)
        assert file.read_bytes() == before and set_aside(file) == []
        assert sorted(f.name for f in folder.iterdir()) == ["backups", "bot.db"]

    refused("there is no file")
    given.write_text("Dear diary")
    refused("given is damaged .*; nothing was changed")
    shutil.copy(file, given)
    truncate(given, random.Random(1))
    refused("given is damaged .*; nothing was changed")
    given.unlink()
    with closing(sqlite3.connect(given)) as other:
        other.execute("CREATE TABLE cookies (name)")
    refused("is no database of this bot")
    shutil.copy(file, given)
    with closing(sqlite3.connect(given)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    refused("has schema 9999, which this version of the bot does not know", SchemaError)
    given.unlink()
    given.hardlink_to(file)
    refused("is the database itself")
    given.unlink()
    shutil.copy(file, given)
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT * FROM report").fetchall()
        with pytest.raises(StoreError, match=r"another program has .* open"):
            restore(file, given, LATER)
    assert count_reports(file) == BEFORE + AFTER and set_aside(file) == []


def test_restore_takes_the_place_of_a_damaged_or_missing_database_too(folder: Path) -> None:
    file, backup = folder / "bot.db", backups_of(folder / "bot.db")[0].path
    become_text(file, random.Random(0))
    aside = restore(file, backup, LATER)
    assert aside is not None and aside.read_text().startswith("Dear diary")
    file.unlink()
    assert restore(file, backup, LATER) is None
    assert count_reports(file) == BEFORE


@pytest.mark.parametrize("seeds", [20, pytest.param(400, marks=[pytest.mark.faults, pytest.mark.timeout(1200)])])
async def test_whatever_happened_to_the_file_the_bot_starts_and_keeps_what_the_backup_has(
    made: tuple[Path, Path], tmp_path: Path, figure: Figure, seeds: int
) -> None:
    count: Counter[str] = Counter()
    for seed in range(seeds):
        rng, ruin = random.Random(seed), RUINS[seed % len(RUINS)]
        folder = Path(shutil.copytree(made[seed // len(RUINS) % 2], tmp_path / str(seed)))
        ruin(folder / "bot.db", rng)
        async with open_app(settings_of(folder), clock=lambda: LATER, source=Blind(), resources=resources()) as app:
            kept = await reports_of(app.base.stores)
            recovered = bool(set_aside(folder / "bot.db"))
            assert not recovered or kept == IN_THE_BACKUP, (seed, ruin)
            await app.base.stores.reports.append(report(10**15 + seed))
            assert len(await reports_of(app.base.stores)) == len(kept) + 1
        assert examine(folder / "bot.db", live=True).sound
        count["recovered" if recovered else "sound as it was"] += 1
        shutil.rmtree(folder)
    figure(f"{seeds} ways to ruin the file: {dict(count)}, 0 starts failed")


def test_that_it_may_take_a_while_is_said_before_a_large_file_is_checked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for size, expected in ((1_000, []), (50_000_000, ["checking the database"])):
        caplog.clear()
        path = tmp_path / f"{size}.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TABLE filler (bytes BLOB)")
            connection.execute("INSERT INTO filler VALUES (zeroblob(?))", (size,))
        recovery.damage_of(path)
        assert [line for line in caplog.messages if line != "database checked"] == expected
