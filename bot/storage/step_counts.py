"""The counts of steps that helped: implements the port `StepCounts` in `usecases/reports/ports.py`."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from bot.storage import tables as t
from bot.storage.stores import Reader, ServiceIds
from bot.storage.writer import Writer


class SqlStepCounts:
    """How often each step of each guide helped."""

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
