"""The counts of steps that helped and of unknown trouble: the port `StepCounts` in `usecases/reports/ports.py`."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, insert, select

from bot.storage import tables as t
from bot.storage.stores import Reader, ServiceIds
from bot.storage.upsert import upsert
from bot.storage.writer import Writer


class SqlStepCounts:
    """How often each step of each guide helped, and how often each server asked for what no symptom covers."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def helped(self) -> Mapping[tuple[str, str], Mapping[int, int]]:
        """Service and symptom -> step -> how often it helped."""
        found: dict[tuple[str, str], dict[int, int]] = {}
        for row in await self._reader.rows(select(t.step_count)):
            if (slug := self._ids.find(row.service_id)) is not None:
                found.setdefault((slug, row.symptom), {})[row.step] = row.helped
        return found

    async def put(self, service: str, symptom: str, helped: Mapping[int, int]) -> None:
        """Replace the counts of a guide."""
        number, counts = self._ids.number(service), t.step_count

        def work(connection: Connection) -> None:
            connection.execute(delete(counts).where(counts.c.service_id == number, counts.c.symptom == symptom))
            rows = [{"service_id": number, "symptom": symptom, "step": s, "helped": n} for s, n in helped.items()]
            connection.execute(insert(counts), rows)

        await self._writer.run(work)

    async def add_unknown(self, guild_id: int, how: str, day: int) -> None:
        """Count one more in this server on this day."""
        counts = t.unknown_count

        def work(connection: Connection) -> None:
            keep = upsert(connection, counts).values(guild_id=guild_id, how=how, day=day, times=1)
            connection.execute(
                keep.on_conflict_do_update(
                    index_elements=["guild_id", "how", "day"], set_={"times": counts.c.times + 1}
                )
            )

        await self._writer.run(work)

    async def unknown(self, guild_id: int, since_day: int) -> Mapping[str, int]:
        """How -> how often in this server."""
        counts = t.unknown_count
        query = select(counts.c.how, func.sum(counts.c.times).label("times"))
        query = query.where(counts.c.guild_id == guild_id, counts.c.day >= since_day).group_by(counts.c.how)
        return {row.how: int(row.times) for row in await self._reader.rows(query)}

    async def purge(self, before_day: int) -> int:
        """Delete what is older."""

        def work(connection: Connection) -> int:
            return connection.execute(delete(t.unknown_count).where(t.unknown_count.c.day < before_day)).rowcount

        return await self._writer.run(work)
