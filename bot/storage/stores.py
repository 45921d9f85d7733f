"""The smaller stores. Each implements a port from a `ports.py` in `usecases/`."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    delete,
    insert,
    select,
    update,
)

from bot.core.errors import InvalidValueError, StoreError
from bot.core.guild_settings import NOBODY, Change, ChangeEntry, GuildSettings, from_document, to_document
from bot.core.rule_scores import RuleScore
from bot.storage import tables as t
from bot.storage.engine import ReadEngine
from bot.storage.faults import without_values
from bot.storage.upsert import upsert
from bot.storage.writer import Writer
from bot.usecases.replies.ports import PostedReply, RuleVote

_logger = logging.getLogger(__name__)


class Reader:
    """Runs queries on the reading connections. Raises StoreError."""

    def __init__(self, engine: ReadEngine) -> None:
        self._engine = engine

    async def rows(self, query: Executable) -> Sequence[Any]:
        """All rows of a query."""
        try:
            return await self._engine.rows(query)
        except Exception as error:
            # Not only SQLAlchemy's errors: while connecting, the driver's own errors are not wrapped.
            raise StoreError(f"not read: {type(error).__name__}") from without_values(error)


class ServiceIds:
    """The small numbers that stand for service slugs in rows."""

    def __init__(self, by_slug: Mapping[str, int]) -> None:
        self._by_slug = dict(by_slug)
        self._by_id = {number: slug for slug, number in by_slug.items()}

    @classmethod
    async def load(cls, writer: Writer, slugs: Sequence[str]) -> "ServiceIds":
        """Read the number of every watched service, and assign one to each new service."""
        return cls(await _numbers(writer, slugs))

    async def learn(self, writer: Writer, slugs: Sequence[str]) -> None:
        """Add the numbers of further services. Raises StoreError."""
        by_slug = await _numbers(writer, slugs)
        self._by_slug.update(by_slug)
        self._by_id.update((number, slug) for slug, number in by_slug.items())

    def number(self, slug: str) -> int:
        """The number of a slug."""
        return self._by_slug[slug]

    def find(self, number: int) -> str | None:
        """The slug of a number; None if another process assigned the number after our start.

        Services that are no longer watched keep their numbers.
        """
        return self._by_id.get(number)


async def _numbers(writer: Writer, slugs: Sequence[str]) -> dict[str, int]:
    """The numbers of all services in the database, after assigning a number to each of `slugs` without one."""

    def work(connection: Connection) -> dict[str, int]:
        kept = select(t.service.c.slug, t.service.c.id)
        known = {row.slug for row in connection.execute(kept)}
        # Only new services, because PostgreSQL uses up a number for each attempt, and there are only 32,767.
        for slug in slugs:
            if slug not in known:
                # Another process may assign the number at the same moment.
                connection.execute(upsert(connection, t.service).values(slug=slug).on_conflict_do_nothing())
        return {row.slug: row.id for row in connection.execute(kept)}

    return await writer.run(work)


class SqlSettingsStore:
    """Moderators' settings as JSON documents, and the log of changes."""

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

        await self._writer.run(work)

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
        return from_document(json.loads(row.document), stored=True)
    except (InvalidValueError, ValueError) as error:
        # Invalid settings of one server must not affect the other servers.
        _logger.error(  # noqa: TRY400 - a traceback would quote them
            "server settings unreadable; using the defaults", extra={"guild": row.guild_id, "error": str(error)}
        )
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

        await self._writer.run(work)

    async def delete(self, reporter: int) -> bool:
        def work(connection: Connection) -> bool:
            done = connection.execute(delete(t.opt_out).where(t.opt_out.c.reporter == reporter))
            return bool(done.rowcount)

        return await self._writer.run(work)


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
                "symptom": reply.symptom,
            },
        )

    async def since(self, at: int, most: int) -> Sequence[PostedReply]:
        newest = select(t.auto_reply).where(t.auto_reply.c.at > at).order_by(t.auto_reply.c.at.desc()).limit(most)
        return [
            PostedReply(r.message_id, r.channel_id, r.guild_id, slug, r.at, r.rule, r.symptom)
            for r in reversed(await self._reader.rows(newest))
            if (slug := self._ids.find(r.service_id)) is not None
        ]

    async def purge(self, before: int) -> int:
        def work(connection: Connection) -> int:
            done = connection.execute(delete(t.auto_reply).where(t.auto_reply.c.at < before))
            return done.rowcount

        return await self._writer.run(work)


_INSERT_REPLY = insert(t.auto_reply)


class SqlRuleScores:
    """How often each rule was marked as wrong, per server."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def all(self) -> Mapping[tuple[int, str], RuleScore]:
        rows = await self._reader.rows(select(t.rule_score))
        return {(r.guild_id, r.rule): RuleScore(r.replies, r.wrong, r.off, r.since) for r in rows}

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        values = {"guild_id": guild_id, "rule": rule}
        counts = {"replies": score.replies, "wrong": score.wrong, "off": score.off, "since": score.since}

        def work(connection: Connection) -> None:
            keep = upsert(connection, t.rule_score).values(values | counts)
            connection.execute(keep.on_conflict_do_update(index_elements=["guild_id", "rule"], set_=counts))

        await self._writer.run(work)


class SqlRuleVotes:
    """The members' votes on wrong replies."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, vote: RuleVote) -> bool:
        def work(connection: Connection) -> bool:
            values = {"guild_id": vote.guild_id, "rule": vote.rule, "voter": vote.voter, "at": vote.at}
            return bool(
                connection.execute(upsert(connection, t.rule_vote).values(values).on_conflict_do_nothing()).rowcount
            )

        return await self._writer.run(work)

    async def of(self, voter: int) -> Sequence[RuleVote]:
        rows = await self._reader.rows(select(t.rule_vote).where(t.rule_vote.c.voter == voter))
        return [RuleVote(r.guild_id, r.rule, r.voter, r.at) for r in rows]

    async def purge(self, before: int) -> int:
        def work(connection: Connection) -> int:
            return connection.execute(delete(t.rule_vote).where(t.rule_vote.c.at < before)).rowcount

        return await self._writer.run(work)


class SqlMeta:
    """Facts about this installation, as keys and values."""

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
        """Store a value unless the key has one, and return the stored value. If several try at once, the first wins."""

        def work(connection: Connection) -> str:
            connection.execute(upsert(connection, t.meta).values(key=key, value=value).on_conflict_do_nothing())
            return connection.execute(select(t.meta.c.value).where(t.meta.c.key == key)).scalar_one()

        return await self._writer.run(work)
