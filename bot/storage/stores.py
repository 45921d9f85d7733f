"""One store a concept, each the port of the same name in `usecases/ports.py`."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import (
    Connection,
    Executable,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import InvalidValueError, StoreError
from bot.core.guild_settings import NOBODY, Change, ChangeEntry, GuildSettings, from_document, to_document
from bot.core.reports import HOUR, Report
from bot.core.rule_scores import RuleScore
from bot.storage import tables as t
from bot.storage.faults import quiet
from bot.storage.upsert import upsert
from bot.storage.writer import Writer
from bot.usecases import news
from bot.usecases.ports import News, PostedReply

_log = structlog.get_logger(__name__)
_CHUNK = 2000
"""Reports read at once: the event loop stands still while they become values, for some 5 ms."""
_PURGE_BITE = 1500  # one and a half milliseconds of work: who reports meanwhile does not notice
_LAST_ID = 2**63 - 1


class Reader:
    """Runs queries on the reading connections. Raises StoreError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rows(self, query: Executable) -> Sequence[Any]:
        """All rows of a query."""
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).all()
        except Exception as error:
            # Not only SQLAlchemy's: what a driver says while it connects comes as it is.
            raise StoreError(f"not read: {type(error).__name__}") from quiet(error)


class ServiceIds:
    """Service slugs as the small numbers kept in rows."""

    def __init__(self, by_slug: Mapping[str, int]) -> None:
        self._by_slug = dict(by_slug)
        self._by_id = {number: slug for slug, number in by_slug.items()}

    @classmethod
    async def load(cls, writer: Writer, slugs: Sequence[str]) -> "ServiceIds":
        """Give every watched service its number, new ones included."""

        def work(connection: Connection) -> dict[str, int]:
            kept = select(t.service.c.slug, t.service.c.id)
            known = {row.slug for row in connection.execute(kept)}
            # Only what is new: PostgreSQL uses up a number for each try, and there are 32,767 of them.
            for slug in slugs:
                if slug not in known:
                    # Another process may give the number at the same moment.
                    connection.execute(upsert(connection, t.service).values(slug=slug).on_conflict_do_nothing())
            return {row.slug: row.id for row in connection.execute(kept)}

        return cls(await writer.run(work))

    def number(self, slug: str) -> int:
        """The number of a slug."""
        return self._by_slug[slug]

    def slug(self, number: int) -> str:
        """The slug of a number; services no longer watched keep theirs."""
        return self._by_id[number]


_INSERT_REPORT = insert(t.report)
_DELETE_REPORT = delete(t.report).where(t.report.c.id == bindparam("report_id"))
_SET_SYMPTOM = update(t.report).where(t.report.c.id == bindparam("report_id")).values(symptom=bindparam("said"))
_REPORTS = select(
    t.report.c.id,
    t.service.c.slug,
    t.report.c.guild_id,
    t.report.c.reporter,
    t.report.c.symptom,
    t.report.c.at,
    t.report.c.young,
).join(t.service)  # the columns are those of Report


class SqlReportLog:
    """The append-only log of reports."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def append(self, report: Report) -> None:
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
            [news.reported(report)],
        )

    async def remove(self, report: Report) -> None:
        await self._writer.execute(_DELETE_REPORT, {"report_id": report.id}, [news.withdrawn(report)])

    async def set_symptom(self, report: Report) -> None:
        values = {"report_id": report.id, "said": report.symptom}
        await self._writer.execute(_SET_SYMPTOM, values, [news.symptom(report)])

    async def since(self, at: int) -> AsyncIterator[Sequence[Report]]:
        after, last = at, _LAST_ID
        order = (t.report.c.at, t.report.c.id)
        while True:
            newer = (t.report.c.at > after) | ((t.report.c.at == after) & (t.report.c.id > last))
            reports = await self._reports(_REPORTS.where(t.report.c.at >= after, newer).order_by(*order).limit(_CHUNK))
            if not reports:
                return
            yield reports
            after, last = reports[-1].at, reports[-1].id

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

    async def forget(self, reporter: int) -> int:
        def work(connection: Connection) -> int:
            done = connection.execute(delete(t.report).where(t.report.c.reporter == reporter))
            return done.rowcount

        return await self._writer.run(work, news=lambda _: [News(news.Kind.FORGOTTEN, reporter)])

    async def purge(self, before: int) -> int:
        total = 0
        while True:
            gone = await self._writer.run(_purge_bite(before))
            total += gone
            if gone < _PURGE_BITE:
                return total

    async def _reports(self, query: Executable) -> list[Report]:
        return list(map(Report._make, await self._reader.rows(query)))


def _purge_bite(before: int) -> Any:
    def work(connection: Connection) -> int:
        oldest = select(t.report.c.id).where(t.report.c.at < before).limit(_PURGE_BITE)
        done = connection.execute(delete(t.report).where(t.report.c.id.in_(oldest)))
        return done.rowcount

    return work


class SqlHourCounts:
    """Reports folded into hours."""

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
            counts.setdefault(self._ids.slug(row.service_id), {})[row.hour] = row.reports
        return counts

    async def purge(self, before_hour: int) -> int:
        def work(connection: Connection) -> int:
            done = connection.execute(delete(t.hour_count).where(t.hour_count.c.hour < before_hour))
            return done.rowcount

        return await self._writer.run(work)


class SqlSettingsStore:
    """Moderators' settings as JSON documents, and their change log."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def all(self) -> Mapping[int, GuildSettings]:
        rows = await self._reader.rows(select(t.guild_settings))
        return {row.guild_id: settings for row in rows if (settings := _settings(row)) is not None}

    async def save(
        self,
        guild_id: int,
        settings: GuildSettings,
        moderator_id: int,
        at: int,
        made: Sequence[Change],
    ) -> None:
        document = json.dumps(to_document(settings), ensure_ascii=False)

        def work(connection: Connection) -> None:
            keep = upsert(connection, t.guild_settings).values(guild_id=guild_id, document=document)
            connection.execute(
                keep.on_conflict_do_update(index_elements=["guild_id"], set_={"document": keep.excluded.document})
            )
            lines = [
                {
                    "guild_id": guild_id,
                    "at": at,
                    "moderator_id": moderator_id,
                    "document": json.dumps([c.field, c.before, c.after], ensure_ascii=False),
                }
                for c in made
            ]
            connection.execute(insert(t.settings_change), lines)

        await self._writer.run(work, news=lambda _: [news.settings(guild_id, settings)])

    async def log(self, guild_id: int, limit: int) -> Sequence[ChangeEntry]:
        changes = t.settings_change
        query = select(changes).where(changes.c.guild_id == guild_id).order_by(changes.c.id.desc()).limit(limit)
        return [_change(row) for row in await self._reader.rows(query)]

    async def changes_by(self, moderator_id: int) -> Sequence[ChangeEntry]:
        changes = t.settings_change
        query = select(changes).where(changes.c.moderator_id == moderator_id).order_by(changes.c.id)
        return [_change(row) for row in await self._reader.rows(query)]

    async def forget_moderator(self, moderator_id: int) -> int:
        mine = t.settings_change.c.moderator_id == moderator_id

        def work(connection: Connection) -> int:
            done = connection.execute(update(t.settings_change).where(mine).values(moderator_id=NOBODY))
            return done.rowcount

        return await self._writer.run(work)


def _change(row: Any) -> ChangeEntry:
    return ChangeEntry(row.at, row.moderator_id, Change(*json.loads(row.document)))


def _settings(row: Any) -> GuildSettings | None:
    try:
        return from_document(json.loads(row.document))
    except (InvalidValueError, ValueError) as error:
        # One server's odd settings must not keep all others from being served.
        _log.error("settings not readable, defaults are used", guild=row.guild_id, error=str(error))
        return None


class SqlOptOuts:
    """People who want no auto-replies."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def all(self) -> frozenset[int]:
        return frozenset(row.reporter for row in await self._reader.rows(select(t.opt_out.c.reporter)))

    async def add(self, reporter: int, at: int) -> None:
        def work(connection: Connection) -> None:
            connection.execute(upsert(connection, t.opt_out).values(reporter=reporter, at=at).on_conflict_do_nothing())

        await self._writer.run(work, news=lambda _: [News(news.Kind.OPT_OUT, (reporter, True))])

    async def remove(self, reporter: int) -> bool:
        def work(connection: Connection) -> bool:
            done = connection.execute(delete(t.opt_out).where(t.opt_out.c.reporter == reporter))
            return bool(done.rowcount)

        return await self._writer.run(work, news=lambda _: [News(news.Kind.OPT_OUT, (reporter, False))])


class SqlReplyStore:
    """Our auto-replies of the last days."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def add(self, reply: PostedReply) -> None:
        await self._writer.execute(
            _INSERT_REPLY,
            {
                "message_id": reply.message_id,
                "channel_id": reply.channel_id,
                "guild_id": reply.guild_id,
                "service_id": self._ids.number(reply.service),
                "at": reply.at,
                "rule": reply.rule,
            },
        )

    async def since(self, at: int) -> Sequence[PostedReply]:
        query = select(t.auto_reply).where(t.auto_reply.c.at > at).order_by(t.auto_reply.c.at)
        return [
            PostedReply(r.message_id, r.channel_id, r.guild_id, self._ids.slug(r.service_id), r.at, r.rule)
            for r in await self._reader.rows(query)
        ]

    async def purge(self, before: int) -> int:
        def work(connection: Connection) -> int:
            done = connection.execute(delete(t.auto_reply).where(t.auto_reply.c.at < before))
            return done.rowcount

        return await self._writer.run(work)


_INSERT_REPLY = insert(t.auto_reply)


class SqlRuleScores:
    """How often each rule was called wrong, server by server."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def all(self) -> Mapping[tuple[int, str], RuleScore]:
        rows = await self._reader.rows(select(t.rule_score))
        return {(r.guild_id, r.rule): RuleScore(r.replies, r.wrong, r.off) for r in rows}

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        values = {"guild_id": guild_id, "rule": rule}
        counts = {"replies": score.replies, "wrong": score.wrong, "off": score.off}

        def work(connection: Connection) -> None:
            keep = upsert(connection, t.rule_score).values(values | counts)
            connection.execute(keep.on_conflict_do_update(index_elements=["guild_id", "rule"], set_=counts))

        await self._writer.run(work)


class SqlMeta:
    """Small facts about this installation."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def get(self, key: str) -> str | None:
        rows = await self._reader.rows(select(t.meta.c.value).where(t.meta.c.key == key))
        return rows[0].value if rows else None

    async def put(self, key: str, value: str) -> None:
        def work(connection: Connection) -> None:
            keep = upsert(connection, t.meta).values(key=key, value=value)
            connection.execute(keep.on_conflict_do_update(index_elements=["key"], set_={"value": keep.excluded.value}))

        await self._writer.run(work)

    async def settle(self, key: str, value: str) -> str:
        """Keep a fact unless there is one, and give what is kept: of several who try at once, one decides."""

        def work(connection: Connection) -> str:
            connection.execute(upsert(connection, t.meta).values(key=key, value=value).on_conflict_do_nothing())
            return connection.execute(select(t.meta.c.value).where(t.meta.c.key == key)).scalar_one()

        return await self._writer.run(work)
