"""Outages, their posts and subscribers. Each store implements a port from `usecases/outages/ports.py`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.posts import MOST_CALLED_AT_ONCE, Post, PostKind
from bot.storage import tables as t
from bot.storage.stores import Reader, ServiceIds
from bot.storage.upsert import upsert
from bot.storage.webhook_store import write_deliveries
from bot.storage.writer import Writer
from bot.usecases.leadership import LEASE, LeaseLostError, WrittenAlreadyError
from bot.usecases.outages.ports import Subscriber, WatchStep, WrittenStep

T = TypeVar("T")
_POSTS_AT_ONCE = 250
_COLUMNS = frozenset({"id", "service", "guild_id", "phase", "began"})
_POST = tuple(field.name for field in fields(Post) if field.name != "id")
_OPEN = [phase.value for phase in OPEN]


class SqlOutageStore:
    """Outages, and the steps of the watch."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def watches(self) -> Mapping[str, str]:
        rows = await self._reader.rows(select(t.watch))
        return {slug: row.document for row in rows if (slug := self._ids.find(row.service_id)) is not None}

    async def write(self, step: WatchStep) -> WrittenStep:
        number = self._ids.number(step.service)

        def work(connection: Connection) -> WrittenStep:
            if step.fence is not None:
                _must_still_lead(connection, step.fence)
                if step.watch is not None:
                    _must_follow(connection, number, step.was)
            if step.watch is not None:
                keep = upsert(connection, t.watch).values(service_id=number, document=step.watch)
                set_ = {"document": keep.excluded.document}
                connection.execute(keep.on_conflict_do_update(index_elements=["service_id"], set_=set_))
            outage = step.outage and _write_outage(connection, number, step.outage)
            posts = list(step.new)
            if outage is not None and step.call:
                posts += _take_subscribers(connection, number, outage)
            _change_posts(connection, step.changed)
            write_deliveries(connection, step.deliveries)
            return WrittenStep(outage, tuple(_add_posts(connection, posts, outage and outage.id)))

        return await self._writer.run(work)

    async def outages(self, since: int) -> Sequence[Outage]:
        query = select(t.outage).where((t.outage.c.began > since) | t.outage.c.phase.in_(_OPEN)).order_by(t.outage.c.id)
        rows = await self._reader.rows(query)
        return [_outage(row, slug) for row in rows if (slug := self._ids.find(row.service_id)) is not None]

    async def purge(self, before: int) -> int:
        old = t.outage.c.phase.not_in(_OPEN) & ((t.outage.c.began < before) | (t.outage.c.guild_id != 0))
        unused = ~select(t.post.c.id).where(t.post.c.outage_id == t.outage.c.id).exists()

        def work(connection: Connection) -> int:
            return connection.execute(delete(t.outage).where(old & unused)).rowcount

        return await self._writer.run(work)


class SqlPostStore:
    """The unfinished posts."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def all(self) -> Sequence[Post]:
        return [_post(row) for row in await self._reader.rows(select(t.post).order_by(t.post.c.id))]

    async def between(self, first: int, last: int) -> Sequence[Post]:
        rows = await self._reader.rows(select(t.post).where(t.post.c.id.between(first, last)).order_by(t.post.c.id))
        return [_post(row) for row in rows]

    async def update(self, post_id: int, changed: Mapping[str, Any]) -> None:
        def work(connection: Connection) -> None:
            connection.execute(update(t.post).where(t.post.c.id == post_id).values(**changed))

        await self._writer.run(work)

    async def delete(self, post: Post) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(t.post).where(t.post.c.id == post.id))

        await self._writer.run(work)


class SqlSubscribers:
    """People who asked to be notified when the service is back. Their user ids are stored until the notification."""

    def __init__(self, writer: Writer, reader: Reader, ids: ServiceIds) -> None:
        self._writer = writer
        self._reader = reader
        self._ids = ids

    async def add(self, subscriber: Subscriber) -> None:
        where = {"guild_id": subscriber.guild_id, "channel_id": subscriber.channel_id, "at": subscriber.at}
        who = {
            "service_id": self._ids.number(subscriber.service),
            "scope": subscriber.scope,
            "user_id": subscriber.user_id,
        }

        def work(connection: Connection) -> None:
            keep = upsert(connection, t.subscriber).values(who | where)
            connection.execute(keep.on_conflict_do_update(index_elements=list(who), set_=where))

        await self._writer.run(work)

    async def delete(self, user_id: int, service: str | None = None) -> int:
        mine, number = t.subscriber.c.user_id == user_id, None
        if service is not None:
            number = self._ids.number(service)
            mine &= t.subscriber.c.service_id == number

        def work(connection: Connection) -> int:
            # This order matters: a transaction that turns subscribers into calls locks these rows. Once the delete
            # succeeds, that transaction is committed and its calls are visible.
            gone = connection.execute(delete(t.subscriber).where(mine)).rowcount
            _forget_in_posts(connection, user_id, number)
            return gone

        return await self._writer.run(work)

    async def of(self, user_id: int) -> Sequence[Subscriber]:
        query = select(t.subscriber).where(t.subscriber.c.user_id == user_id).order_by(t.subscriber.c.at)
        return [
            Subscriber(slug, r.user_id, r.guild_id, r.channel_id, r.at, r.scope)
            for r in await self._reader.rows(query)
            if (slug := self._ids.find(r.service_id)) is not None
        ]

    async def purge(self, before: int) -> int:
        def work(connection: Connection) -> int:
            return connection.execute(delete(t.subscriber).where(t.subscriber.c.at < before)).rowcount

        return await self._writer.run(work)


def _must_still_lead(connection: Connection, fence: int) -> None:
    """Refuse a decision if another process has the lease now. No other process can take the lease until our commit."""
    # SQLite has no row locks, and no second process either.
    held = select(t.lease.c.fence).where(t.lease.c.name == LEASE).with_for_update(read=True)
    if connection.execute(held).scalar_one_or_none() != fence:
        raise LeaseLostError("another process is the leader now")


def _must_follow(connection: Connection, service_id: int, was: str | None) -> None:
    """Refuse a step that was already written (its answer was lost), because it would create the same outage twice."""
    kept = connection.execute(select(t.watch.c.document).where(t.watch.c.service_id == service_id)).scalar_one_or_none()
    if kept != was:
        raise WrittenAlreadyError("this step or a later one was already written")


def _write_outage(connection: Connection, service_id: int, outage: Outage) -> Outage:
    document = {name: value for name, value in asdict(outage).items() if name not in _COLUMNS}
    values = {"phase": outage.phase.value, "began": outage.began, "document": json.dumps(document)}
    if outage.id:
        connection.execute(update(t.outage).where(t.outage.c.id == outage.id).values(values))
        return outage
    made = insert(t.outage).values(service_id=service_id, guild_id=outage.guild_id, **values).returning(t.outage.c.id)
    return replace(outage, id=connection.execute(made).scalar_one())


def _outage(row: Any, service: str) -> Outage:
    return Outage(
        service=service,
        id=row.id,
        guild_id=row.guild_id,
        phase=Phase(row.phase),
        began=row.began,
        **json.loads(row.document),
    )


def _take_subscribers(connection: Connection, service_id: int, outage: Outage) -> list[Post]:
    """Turn the subscribers into calls, in batches that Discord allows. Then only the calls hold their ids."""
    waiting = (t.subscriber.c.service_id == service_id) & (
        t.subscriber.c.scope == (outage.id if outage.simulated else 0)
    )
    # One statement: between two, another process could add a subscriber, who would never be notified.
    taken = connection.execute(delete(t.subscriber).where(waiting).returning(t.subscriber)).all()
    places: dict[tuple[int, int], list[int]] = {}
    for row in sorted(taken, key=lambda row: row.at):
        # A direct message goes to one person; a message in a channel can mention many.
        place = (row.guild_id, row.channel_id) if row.guild_id else (0, row.user_id)
        places.setdefault(place, []).append(row.user_id)
    return [
        Post(outage.id, PostKind.CALL, guild_id, channel_id if guild_id else 0, people=tuple(batch))
        for (guild_id, channel_id), people in places.items()
        for batch in _parts(people, MOST_CALLED_AT_ONCE)
    ]


def _forget_in_posts(connection: Connection, user_id: int, service_id: int | None) -> None:
    """Remove a person from the unsent calls: those of one service, or all."""
    named = select(t.post).where(t.post.c.people.contains(str(user_id)))
    if service_id is not None:
        named = named.where(t.post.c.outage_id.in_(select(t.outage.c.id).where(t.outage.c.service_id == service_id)))
    # Lock the rows, because another process may remove another person. A fixed order prevents deadlocks.
    for row in connection.execute(named.order_by(t.post.c.id).with_for_update()).all():
        left = [one for one in json.loads(row.people) if one != user_id]
        this = t.post.c.id == row.id
        change = update(t.post).where(this).values(people=json.dumps(left)) if left else delete(t.post).where(this)
        connection.execute(change)


def _change_posts(connection: Connection, posts: Sequence[Post]) -> None:
    """Use one statement for all posts with the same new values; one per post would take seconds for thousands."""
    by_values: dict[tuple[bool, int | None], list[int]] = {}
    for post in posts:
        by_values.setdefault((post.pinged, post.reminded), []).append(post.id)
    for (pinged, reminded), ids in by_values.items():
        for part in _parts(ids, _POSTS_AT_ONCE):
            connection.execute(update(t.post).where(t.post.c.id.in_(part)).values(pinged=pinged, reminded=reminded))


def _parts(whole: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _add_posts(connection: Connection, posts: Sequence[Post], outage_id: int | None) -> list[Post]:
    # A few large statements. One per post (which SQLite needs to return them in order) would block the writer for
    # seconds when thousands of servers get one. A single one would block the event loop, where PostgreSQL's writer
    # runs: other tasks continue only while it waits for an answer.
    made, new = insert(t.post).returning(*t.post.c), list[Post]()
    for part in _parts(posts, _POSTS_AT_ONCE):
        values = [_post_values(post) | {"outage_id": outage_id or post.outage_id} for post in part]
        new += [_post(row) for row in connection.execute(made, values)]
    return new


def _post_values(post: Post) -> dict[str, Any]:
    values = {name: getattr(post, name) for name in _POST}
    return values | {"kind": post.kind.value, "people": json.dumps(post.people)}


def _post(row: Any) -> Post:
    return Post(
        id=row.id,
        outage_id=row.outage_id,
        kind=PostKind(row.kind),
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        people=tuple(json.loads(row.people)),
        attempted=row.attempted,
        message_id=row.message_id,
        thread_id=row.thread_id,
        pinged=row.pinged,
        reminded=row.reminded,
        lost=row.lost,
    )
