"""Backups: complete or absent, unreadable for others, and no more of them than needed."""

import asyncio
import re
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import StoreError
from bot.core.reports import DAY, HOUR, Report
from bot.settings import Settings
from bot.storage import backups
from bot.storage.backups import DailyBackup, DamagedError, backups_of, copy_database
from bot.storage.engine import database_file
from bot.storage.examine import examine
from bot.stores import Stores, open_stores
from tests.patience import PATIENCE
from tests.storage.ruin import NOW, count_reports


class Clock:
    now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(settings: Settings) -> Path:
    return database_file(settings.database_url)


def report(number: int) -> Report:
    return Report(number, "one", 5, number, None, 1000)


async def test_one_a_day_and_the_newest_three_stay(stores: Stores, file: Path) -> None:
    clock = Clock()
    daily = DailyBackup(file, clock, stores.damaged.set)
    for hour in range(6 * 24):
        clock.now = NOW + hour * HOUR
        if hour % 24 == 5:
            await stores.reports.append(report(hour))
        await daily.back_up()
        if hour == 30:
            assert len(backups_of(file)) == 2
    kept = backups_of(file)
    assert [round((clock.now - b.at.timestamp()) / DAY) for b in kept] == [1, 2, 3]
    assert [count_reports(b.path) for b in kept] == [5, 4, 3]
    for backup in kept:
        assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
        assert examine(backup.path).sound
    assert sorted(f.name for f in (file.parent / "backups").iterdir()) == sorted(b.path.name for b in kept)
    assert stat.S_IMODE((file.parent / "backups").stat().st_mode) == 0o700


async def test_those_from_before_a_migration_stay_a_week(stores: Stores, file: Path) -> None:
    old = backups.back_up_before_migration(file, "0002", NOW)
    clock = Clock()
    daily = DailyBackup(file, clock, stores.damaged.set)
    for day, there in ((0, True), (6, True), (8, False)):
        clock.now = NOW + day * DAY
        await daily.back_up()
        assert old.exists() == there


async def test_a_clock_that_was_wrong_neither_stops_backups_nor_takes_the_newest_away(
    stores: Stores, file: Path
) -> None:
    clock = Clock()
    daily = DailyBackup(file, clock, stores.damaged.set)
    for wrong in (400 * DAY, 401 * DAY, 402 * DAY):
        clock.now = NOW + wrong
        await daily.back_up()
    clock.now = NOW
    await stores.reports.append(report(1))
    await daily.back_up()
    assert len(backups_of(file)) == 3
    assert [count_reports(b.path) for b in backups_of(file)] == [0, 0, 1]


async def test_writes_go_on_while_a_backup_is_made_and_it_is_of_one_moment(
    stores: Stores, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(stores.reports.append(report(n)) for n in range(5000)))
    monkeypatch.setattr(backups, "_PAGES", 1)
    monkeypatch.setattr(backups, "_PAUSE", 1.0)  # so it is being made until all is written
    done = asyncio.create_task(DailyBackup(file, Clock(), stores.damaged.set).back_up())
    for number in range(5000, 5200):
        await stores.reports.append(report(number))
    assert not done.done()
    monkeypatch.setattr(backups, "_PAUSE", 0.0)
    await done
    [backup] = backups_of(file)
    # Had a write begun it anew, it would hold all of them.
    assert 5000 <= count_reports(backup.path) < 5100
    assert examine(backup.path).sound


async def test_a_stop_does_not_wait_for_a_backup(stores: Stores, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.gather(*(stores.reports.append(report(n)) for n in range(5000)))
    monkeypatch.setattr(backups, "_PAGES", 1)
    monkeypatch.setattr(backups, "_PAUSE", 10.0)
    making = asyncio.create_task(DailyBackup(file, Clock(), stores.damaged.set).back_up())
    await asyncio.sleep(0.3)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(making, PATIENCE)  # a hundred pages would take a quarter of an hour
    assert list((file.parent / "backups").iterdir()) == []


def test_what_a_killed_process_left_of_a_backup_goes(settings: Settings, file: Path) -> None:
    async def live() -> None:
        async with open_stores(settings, ["one"]) as stores:
            await DailyBackup(file, Clock(), stores.damaged.set).back_up()

    (file.parent / "backups").mkdir()
    left = file.parent / "backups" / ".bot.db.daily.20270114T080000Z.bak.99.part"
    left.write_bytes(b"half of it")
    asyncio.run(live())
    assert not left.exists() and len(backups_of(file)) == 1


async def test_a_damaged_database_is_not_copied_over_sound_backups(stores: Stores, file: Path) -> None:
    clock = Clock()
    daily = DailyBackup(file, clock, stores.damaged.set)
    await stores.reports.append(report(1))
    await daily.back_up()
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA writable_schema=ON")
        opened.execute("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'ix_report_at'")
        opened.commit()
    for day in range(1, 6):
        clock.now = NOW + day * DAY
        with pytest.raises(DamagedError):
            await daily.back_up()
    assert stores.damaged.is_set()
    assert [b.at.timestamp() for b in backups_of(file)] == [NOW]


async def test_a_backup_that_would_fill_the_disk_is_not_made(
    stores: Stores, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_LEFT_FREE", 2**62)
    with pytest.raises(StoreError, match="MiB are needed so that the bot can go on writing") as refused:
        await DailyBackup(file, Clock(), stores.damaged.set).back_up()
    free, needed = map(int, re.findall(r"(\d+) MiB", str(refused.value)))
    assert needed == 2**42 and free == pytest.approx(shutil.disk_usage(file).free / 2**20, rel=0.2)
    assert backups_of(file) == []


@pytest.mark.usefixtures("stores")
def test_a_copy_that_cannot_be_made_leaves_what_was_there(file: Path, tmp_path: Path) -> None:
    to, stop = tmp_path / "copy.db", threading.Event()
    to.write_text("of before")
    stop.set()
    with pytest.raises(StoreError):
        copy_database(file, to, live=True, stop=stop)
    assert to.read_text() == "of before"
    assert [f.name for f in tmp_path.iterdir() if f.name.endswith(".part")] == []
