"""Counts by server and day: implements the port `DayCounts` in `usecases/ports.py`."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, select

from bot.storage import tables as t
from bot.storage.stores import Reader
from bot.storage.upsert import upsert
from bot.storage.writer import Writer


class SqlDayCounts:
    """How often something happened in a server on a day."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, guild_id: int, what: str, day: int) -> None:
        """Add one to this server's count on this day."""
        counts = t.day_count

        def work(connection: Connection) -> None:
            keep = upsert(connection, counts).values(guild_id=guild_id, what=what, day=day, times=1)
            connection.execute(
                keep.on_conflict_do_update(
                    index_elements=["guild_id", "what", "day"], set_={"times": counts.c.times + 1}
                )
            )

        await self._writer.run(work)

    async def add_first(self, guild_id: int, what: str, day: int) -> bool:
        """Count it unless it is already counted on this day; returns whether this call was the first."""

        def work(connection: Connection) -> bool:
            keep = upsert(connection, t.day_count).values(guild_id=guild_id, what=what, day=day, times=1)
            return bool(connection.execute(keep.on_conflict_do_nothing()).rowcount)

        return await self._writer.run(work)

    async def between(self, guild_id: int, first_day: int, last_day: int) -> Mapping[str, int]:
        """What -> count in this server on these days, both included."""
        counts = t.day_count
        query = select(counts.c.what, func.sum(counts.c.times).label("times")).group_by(counts.c.what)
        query = query.where(counts.c.guild_id == guild_id, counts.c.day.between(first_day, last_day))
        return {row.what: int(row.times) for row in await self._reader.rows(query)}

    async def purge(self, before_day: int) -> int:
        """Delete older counts; returns the number of rows."""

        def work(connection: Connection) -> int:
            return connection.execute(delete(t.day_count).where(t.day_count.c.day < before_day)).rowcount

        return await self._writer.run(work)
