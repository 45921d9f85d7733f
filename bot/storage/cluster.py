"""Change events and leases in PostgreSQL: how several processes of one bot share it.

The triggers of migration 0008 write an event in the same transaction as the change. Event ids are assigned before the
commit, so a lower id can appear after a higher one. Missing ids are therefore read again until they appear or must have
been rolled back. NOTIFY only wakes the readers: a process that is not connected misses it, and it is sent at most twice
per second.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Connection, case, cast, delete, func, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.errors import StoreError
from bot.core.reports import MINUTE
from bot.storage import tables as t
from bot.storage.faults import without_values
from bot.storage.stores import Reader
from bot.storage.writer import Writer
from bot.usecases.cluster.ports import ChangeEvent, EventStore, Leases, LeftBehindError

ORIGIN = "notjustyou.origin"
"""The connection setting that tells the triggers which process is writing."""

SILENT = f"SET LOCAL {ORIGIN} = 'none'"
"""The changes of this transaction are not published."""

EVENTS_KEPT_FOR = 10 * MINUTE
"""Seconds for which events are kept. A process that has not read for longer must restart."""

_CHANNEL = "notjustyou_events"
_GAP_FOR = 60.0
"""A missing id counts as rolled back after this many seconds: none of our transactions takes that long."""
_LOOK_BACK = 500
_LISTEN_AGAIN = 5.0
_PARSED_AT_ONCE = 200
_logger = logging.getLogger(__name__)
_NOW = cast(func.extract("epoch", func.clock_timestamp()), BigInteger)
_NOW_MS = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
_PUBLISH = text("SELECT publish_change(:kind, CAST(:changes AS json))")


@dataclass(frozen=True, slots=True)
class Shared:
    """The parts of a database for processes that share it. `listen` calls back for new events until cancelled."""

    origin: int
    """The number of this process in its events and leases."""
    events: EventStore
    leases: Leases
    listen: Callable[[Callable[[], None]], Coroutine[Any, Any, None]]


def share(engine: AsyncEngine, writer: Writer, reader: Reader, origin: int) -> Shared:
    """Events and leases of one process. `engine` is used for work that must not wait for the writer."""
    return Shared(origin, SqlEvents(writer, reader, origin), SqlLeases(engine, origin), partial(_listen, engine))


class _Position(NamedTuple):
    """The last row that was read, with the columns that identify it."""

    id: int
    origin: int
    at: int


_START = _Position(0, 0, 0)


class SqlEvents:
    """The change events of the other processes."""

    def __init__(self, writer: Writer, reader: Reader, origin: int, now: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._reader = reader
        self._origin = origin
        self._now = now
        self._position = _START
        self._missing: dict[int, float] = {}

    async def begin(self) -> None:
        rows = await self._reader.rows(
            select(t.change_event.c.id, t.change_event.c.origin, t.change_event.c.at)
            .order_by(t.change_event.c.id.desc())
            .limit(_LOOK_BACK)
        )
        self._position, self._missing = (_position(rows[0]) if rows else _START), {}
        self._note_missing(self._position.id - _LOOK_BACK, {row.id for row in rows})

    async def fresh(self) -> Sequence[ChangeEvent]:
        before = self._position
        known = (t.change_event.c.origin == self._origin) | (t.change_event.c.id == before.id)
        document = case((known, null()), else_=t.change_event.c.document).label("document")
        new = or_(t.change_event.c.id >= before.id, t.change_event.c.id.in_(self._missing))
        rows = await self._reader.rows(
            select(t.change_event.c.id, t.change_event.c.origin, t.change_event.c.at, document)
            .where(new)
            .order_by(t.change_event.c.id)
        )
        # We have certainly missed nothing only if the last row we read still exists. A restored database, or a standby
        # that took over, assigns ids again that we have already read.
        if before != _START and all(_position(row) != before for row in rows):
            raise LeftBehindError(
                "this process missed change events (they were deleted, or the database was reset to an earlier state); "
                "its next start reads everything again"
            )
        if not rows:
            return []
        self._position = _position(rows[-1])
        self._note_missing(before.id, {row.id for row in rows})
        events, at_last_pause = list[ChangeEvent](), 0
        for row in rows:
            if row.document is not None:
                kind, changes = orjson.loads(row.document)
                events += [ChangeEvent(row.origin, kind, change) for change in changes]
                if len(events) - at_last_pause > _PARSED_AT_ONCE:
                    at_last_pause = len(events)
                    await asyncio.sleep(0)
        return events

    async def publish(self, kind: str, data: Any) -> None:
        changes = orjson.dumps([data]).decode()

        def work(connection: Connection) -> None:
            connection.execute(_PUBLISH, {"kind": kind, "changes": changes})

        await self._writer.run(work)

    async def purge(self) -> int:
        # Keep the newest of the old events, so that a process that stopped reading there has missed nothing.
        other = t.change_event.alias()
        newest = select(func.max(other.c.id)).where(other.c.at < _NOW - EVENTS_KEPT_FOR).scalar_subquery()
        old = (t.change_event.c.at < _NOW - EVENTS_KEPT_FOR) & (t.change_event.c.id < newest)

        def work(connection: Connection) -> int:
            return connection.execute(delete(t.change_event).where(old)).rowcount

        return await self._writer.run(work)

    def _note_missing(self, after: int, seen: Collection[int]) -> None:
        """Remember the missing ids above `after`; drop those that have been missing for too long."""
        now = self._now()
        self._missing = {
            number: since for number, since in self._missing.items() if number not in seen and now - since < _GAP_FOR
        }
        absent = range(max(after, 0) + 1, self._position.id + 1)
        self._missing |= {number: now for number in absent if number not in seen and number not in self._missing}


def _position(row: Any) -> _Position:
    return _Position(row.id, row.origin, row.at)


class SqlLeases:
    """Leases: each is a row with its holder, its fencing token and its end, by the database's clock.

    They have a connection of their own, because a lease must be renewed even while a long batch is being written.
    """

    def __init__(self, engine: AsyncEngine, holder: int) -> None:
        self._engine = engine
        self._holder = holder

    async def take(self, names: Collection[str], seconds: float) -> int | None:
        ends = _NOW_MS + round(seconds * 1000)
        rows = [{"name": name, "holder": self._holder, "fence": 1, "until": ends} for name in sorted(names)]
        take = upsert(t.lease).values(rows)
        same = t.lease.c.holder == take.excluded.holder
        take = take.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "fence": t.lease.c.fence + case((same, 0), else_=1),
                "holder": take.excluded.holder,
                "until": take.excluded.until,
            },
            where=same | (t.lease.c.until < _NOW_MS),
        ).returning(t.lease.c.fence)

        async def work(connection: AsyncConnection) -> int | None:
            fences = (await connection.execute(take)).scalars().all()
            if len(fences) == len(rows):
                return max(fences)
            await connection.rollback()
            return None

        return await self._run(work)

    async def release(self, names: Collection[str]) -> None:
        mine = t.lease.c.name.in_(names) & (t.lease.c.holder == self._holder)
        await self._run(lambda connection: connection.execute(update(t.lease).where(mine).values(until=0)))

    async def others(self, prefix: str) -> Sequence[str]:
        theirs = t.lease.c.name.startswith(prefix) & (t.lease.c.holder != self._holder) & (t.lease.c.until > _NOW_MS)

        async def work(connection: AsyncConnection) -> Sequence[str]:
            return (await connection.execute(select(t.lease.c.name).where(theirs))).scalars().all()

        return await self._run(work)

    async def turn(self, name: str, every: float) -> float:
        pause = round(every * 1000)
        take = upsert(t.lease).values(name=name, holder=self._holder, fence=0, until=_NOW_MS + pause)
        free = func.greatest(t.lease.c.until, _NOW_MS) + pause
        take = take.on_conflict_do_update(index_elements=["name"], set_={"until": free, "holder": self._holder})

        async def work(connection: AsyncConnection) -> float:
            made = take.returning(t.lease.c.until - pause - _NOW_MS)
            return max(0, (await connection.execute(made)).scalar_one()) / 1000

        return await self._run(work)

    async def _run(self, work: Callable[[AsyncConnection], Any]) -> Any:
        try:
            async with self._engine.begin() as connection:
                return await work(connection)
        except Exception as error:
            # Not only SQLAlchemy's errors: while connecting, the driver's own errors are not wrapped.
            raise StoreError(f"lease not taken: {type(error).__name__}") from without_values(error)


def _call(callback: Callable[[], None], *_: object) -> None:
    callback()


async def _listen(engine: AsyncEngine, wake: Callable[[], None]) -> None:
    """Call `wake` whenever another process has written events, and after each reconnect. Never returns."""
    failing = False
    while True:
        try:
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                closed = asyncio.Event()
                driver.add_termination_listener(partial(_call, closed.set))
                await driver.add_listener(_CHANNEL, partial(_call, wake))
                failing = False
                wake()
                await closed.wait()
        except Exception as error:
            # The driver's own errors are not wrapped. A new connection may work, whatever the cause.
            if not failing:
                _logger.warning(
                    "LISTEN connection lost; polling change events every second", extra={"error": type(error).__name__}
                )
            failing = True
        await asyncio.sleep(_LISTEN_AGAIN)
