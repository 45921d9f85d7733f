"""Deleted data is gone from a SQLite file and from all files beside it."""

from pathlib import Path

from sqlalchemy import Connection

from bot.settings import Settings
from bot.stores import Stores
from bot.usecases.outages.ports import Subscriber


async def test_deleted_rows_leave_the_write_ahead_log_too(stores: Stores, settings: Settings) -> None:
    path = Path(settings.database_url.removeprefix("sqlite+aiosqlite:///"))
    who = [1_456_074_443_980_800_011 + n * 7919 for n in range(300)]
    for user in who:
        await stores.subscribers.add(Subscriber("one", user, 1, 2, 3))

    def traces() -> int:
        data = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
        return sum(user.to_bytes(8, "big") in data for user in who)

    assert traces() == 300
    for user in who[:299]:
        await stores.subscribers.delete(user)
    await stores.checkpoint()
    assert traces() == 1
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0


async def test_what_is_deleted_is_overwritten_whatever_way_sqlite_was_built(stores: Stores) -> None:
    def asked(connection: Connection) -> int | None:
        return connection.exec_driver_sql("PRAGMA secure_delete").scalar()

    assert await stores.writer.run(asked) == 1
