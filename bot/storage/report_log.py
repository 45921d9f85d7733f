"""The stores of reports and of hourly counts; they implement `ReportLog` and `HourCounts`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, func, insert, select, update

from bot.core.reports import HOUR, Report
from bot.storage import tables as t
from bot.storage.stores import Reader, ServiceIds
from bot.storage.upsert import upsert
from bot.storage.writer import Writer

_CHUNK = 2000
"""Reports per read: converting them blocks the event loop for about 5 ms."""
_PURGE_BATCH = 1500  # 1.5 ms of work, so reports made meanwhile are not delayed noticeably

_INSERT_REPORT = insert(t.report)
_DELETE_REPORT = delete(t.report).where(t.report.c.id == bindparam("report_id"))
_SET_SYMPTOM = update(t.report).where(t.report.c.id == bindparam("report_id")).values(symptom=bindparam("new_symptom"))
_REPORTS = select(
    t.report.c.id,
    t.service.c.slug,
    t.report.c.guild_id,
    t.report.c.reporter,
    t.report.c.symptom,
    t.report.c.at,
    t.report.c.young,
).join(t.service)  # the columns match the fields of Report


class SqlReportLog:
    """The append-only log of reports."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def append(self, report: Report, within: float = 0.0) -> None:
        await self._writer.execute(
            _INSERT_REPORT,
            {
                "id": report.id,
                "service_id": self._ids.number(report.service),
                "guild_id": report.guild_id,
                "reporter": report.reporter,
                "symptom": report.symptom,
                "at": report.at,
                "young": report.young,
            },
            within=within,
        )

    async def delete(self, report: Report) -> None:
        await self._writer.execute(_DELETE_REPORT, {"report_id": report.id})

    async def set_symptom(self, report: Report) -> None:
        values = {"report_id": report.id, "new_symptom": report.symptom}
        await self._writer.execute(_SET_SYMPTOM, values)

    async def back_to(self, at: int, before: Report | None = None) -> AsyncIterator[Sequence[Report]]:
        order = (t.report.c.at.desc(), t.report.c.id.desc())
        query = _REPORTS.where(t.report.c.at > at).order_by(*order).limit(_CHUNK)
        reports = [before] if before is not None else []
        while True:
            older = query
            if reports:
                end, first = reports[-1].at, reports[-1].id
                older = query.where(
                    t.report.c.at <= end, (t.report.c.at < end) | ((t.report.c.at == end) & (t.report.c.id < first))
                )
            reports = await self._reports(older)
            if not reports:
                return
            yield reports

    async def of(self, reporter: int) -> Sequence[Report]:
        return await self._reports(_REPORTS.where(t.report.c.reporter == reporter).order_by(t.report.c.at))

    async def people_by_server(self, since: int, until: int, service: str | None = None) -> Mapping[int, int]:
        people = func.count(t.report.c.reporter.distinct()).label("people")
        query = select(t.report.c.guild_id, people).where(t.report.c.at.between(since, until))
        if service is not None:
            query = query.where(t.report.c.service_id == self._ids.number(service))
        return {row.guild_id: row.people for row in await self._reader.rows(query.group_by(t.report.c.guild_id))}

    async def delete_person(self, reporter: int) -> int:
        def work(connection: Connection) -> int:
            done = connection.execute(delete(t.report).where(t.report.c.reporter == reporter))
            return done.rowcount

        return await self._writer.run(work)

    async def purge(self, before: int) -> int:
        total = 0
        while True:
            gone = await self._writer.run(_purge_batch(before))
            total += gone
            if gone < _PURGE_BATCH:
                return total

    async def _reports(self, query: Executable) -> list[Report]:
        return list(map(Report._make, await self._reader.rows(query)))


def _purge_batch(before: int) -> Any:
    def work(connection: Connection) -> int:
        oldest = select(t.report.c.id).where(t.report.c.at < before).limit(_PURGE_BATCH)
        done = connection.execute(delete(t.report).where(t.report.c.id.in_(oldest)))
        return done.rowcount

    return work


class SqlHourCounts:
    """Reports counted per hour."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def fold(self, first_hour: int, last_hour: int, services: Sequence[str]) -> None:
        def work(connection: Connection) -> None:
            hour = t.report.c.at // HOUR
            counted = (
                select(t.report.c.service_id, hour.label("hour"), func.count().label("n"))
                .where(t.report.c.at >= first_hour * HOUR, t.report.c.at < (last_hour + 1) * HOUR)
                .group_by(t.report.c.service_id, hour)
            )
            found = {(r.service_id, r.hour): r.n for r in connection.execute(counted).all()}
            rows = [
                {"service_id": number, "hour": h, "reports": found.get((number, h), 0)}
                for number in map(self._ids.number, services)
                for h in range(first_hour, last_hour + 1)
            ]
            keep = upsert(connection, t.hour_count)
            keep = keep.on_conflict_do_update(
                index_elements=["service_id", "hour"], set_={"reports": keep.excluded.reports}
            )
            connection.execute(keep, rows)

        await self._writer.run(work)

    async def since(self, hour: int) -> Mapping[str, Mapping[int, int]]:
        counts: dict[str, dict[int, int]] = {}
        for row in await self._reader.rows(select(t.hour_count).where(t.hour_count.c.hour >= hour)):
            if (slug := self._ids.find(row.service_id)) is not None:
                counts.setdefault(slug, {})[row.hour] = row.reports
        return counts

    async def purge(self, before_hour: int) -> int:
        def work(connection: Connection) -> int:
            done = connection.execute(delete(t.hour_count).where(t.hour_count.c.hour < before_hour))
            return done.rowcount

        return await self._writer.run(work)
