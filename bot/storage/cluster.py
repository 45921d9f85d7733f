"""Change events and leases in PostgreSQL: how several processes of one bot share it.

The triggers of migration 0008 write events in the transaction of the change itself. Numbers are given before the
commit, so a lower one may appear after a higher: what is missing between is asked for again until it is there, or was
rolled back. NOTIFY only wakes: it is lost for whoever is not connected, and sent twice a second at most.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy import BigInteger, Connection, case, cast, delete, func, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.errors import StoreError
from bot.core.reports import MINUTE
from bot.storage import tables as t
from bot.storage.faults import quiet
from bot.storage.stores import Reader
from bot.storage.writer import Writer
from bot.usecases.cluster.ports import ChangeEvent, EventStore, Leases, LeftBehindError

ORIGIN = "notjustyou.origin"
"""The setting of a connection that tells the triggers which process writes."""

SILENT = f"SET LOCAL {ORIGIN} = 'none'"
"""What this transaction changes is published to nobody."""

EVENTS_KEPT_FOR = 10 * MINUTE
"""Seconds that events stay; a process that read nothing for longer must start anew."""

_CHANNEL = "notjustyou_events"
_GAP_FOR = 60.0
"""Seconds after which a number that is missing was rolled back: no transaction of ours takes so long."""
_LOOKED_BACK = 500
_LISTEN_AGAIN = 5.0
_TAKEN_AT_ONCE = 200
_log = structlog.get_logger(__name__)
_NOW = cast(func.extract("epoch", func.clock_timestamp()), BigInteger)
_NOW_MS = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
_PUBLISH = text("SELECT publish_change(:kind, CAST(:changes AS json))")


@dataclass(frozen=True, slots=True)
class Shared:
    """What a database gives the processes on it. `listen` runs until it is cancelled, and calls for new events."""

    origin: int
    """This process's own number, as in its events and leases."""
    events: EventStore
    leases: Leases
    listen: Callable[[Callable[[], None]], Coroutine[Any, Any, None]]


def share(engine: AsyncEngine, writer: Writer, reader: Reader, origin: int) -> Shared:
    """Events and leases of one process; `engine` is for what must not wait for the writer."""
    return Shared(origin, SqlEvents(writer, reader, origin), SqlLeases(engine, origin), partial(_listen, engine))


class _Place(NamedTuple):
    """The last row that was read, and by what it is known again."""

    id: int
    origin: int
    at: int


_NOWHERE = _Place(0, 0, 0)


class SqlEvents:
    """The change events of the other processes."""

    def __init__(self, writer: Writer, reader: Reader, origin: int, now: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._reader = reader
        self._origin = origin
        self._now = now
        self._place = _NOWHERE
        self._missing: dict[int, float] = {}

    async def begin(self) -> None:
        rows = await self._reader.rows(
            select(t.change_event.c.id, t.change_event.c.origin, t.change_event.c.at)
            .order_by(t.change_event.c.id.desc())
            .limit(_LOOKED_BACK)
        )
        self._place, self._missing = (_place(rows[0]) if rows else _NOWHERE), {}
        self._miss(self._place.id - _LOOKED_BACK, {row.id for row in rows})

    async def fresh(self) -> Sequence[ChangeEvent]:
        before = self._place
        known = (t.change_event.c.origin == self._origin) | (t.change_event.c.id == before.id)
        document = case((known, null()), else_=t.change_event.c.document).label("document")
        new = or_(t.change_event.c.id >= before.id, t.change_event.c.id.in_(self._missing))
        rows = await self._reader.rows(
            select(t.change_event.c.id, t.change_event.c.origin, t.change_event.c.at, document)
            .where(new)
            .order_by(t.change_event.c.id)
        )
        # Only where the last row is still there can nothing be missing after it. A database that was restored, or
        # stood by for one that is lost, gives numbers anew that we took for read.
        if before != _NOWHERE and all(_place(row) != before for row in rows):
            raise LeftBehindError(
                "change events are gone that this process has not read, or the database was set back; its next start "
                "reads all anew"
            )
        if not rows:
            return []
        self._place = _place(rows[-1])
        self._miss(before.id, {row.id for row in rows})
        events, seen = list[ChangeEvent](), 0
        for row in rows:
            if row.document is not None:
                kind, changes = orjson.loads(row.document)
                events += [ChangeEvent(row.origin, kind, change) for change in changes]
                if len(events) - seen > _TAKEN_AT_ONCE:
                    seen = len(events)
                    await asyncio.sleep(0)
        return events

    async def tell(self, kind: str, data: Any) -> None:
        changes = orjson.dumps([data]).decode()

        def work(connection: Connection) -> None:
            connection.execute(_PUBLISH, {"kind": kind, "changes": changes})

        await self._writer.run(work)

    async def purge(self) -> int:
        # The newest of the old ones stays: whoever has read up to there, and could not read since, missed nothing.
        other = t.change_event.alias()
        newest = select(func.max(other.c.id)).where(other.c.at < _NOW - EVENTS_KEPT_FOR).scalar_subquery()
        old = (t.change_event.c.at < _NOW - EVENTS_KEPT_FOR) & (t.change_event.c.id < newest)

        def work(connection: Connection) -> int:
            return connection.execute(delete(t.change_event).where(old)).rowcount

        return await self._writer.run(work)

    def _miss(self, after: int, seen: Collection[int]) -> None:
        """Remember the numbers from there on that were not there yet, and let go of those that never came."""
        now = self._now()
        self._missing = {
            number: since for number, since in self._missing.items() if number not in seen and now - since < _GAP_FOR
        }
        absent = range(max(after, 0) + 1, self._place.id + 1)
        self._missing |= {number: now for number in absent if number not in seen and number not in self._missing}


def _place(row: Any) -> _Place:
    return _Place(row.id, row.origin, row.at)


class SqlLeases:
    """Leases, each a row with its holder, its fence and its end by the database's clock.

    On a connection of their own: a lease must be renewed also while a long batch is written.
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

    async def let_go(self, names: Collection[str]) -> None:
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
            # Not only SQLAlchemy's: what a driver says while it connects comes as it is.
            raise StoreError(f"lease not taken: {type(error).__name__}") from quiet(error)


def _call(hear: Callable[[], None], *_: object) -> None:
    hear()


async def _listen(engine: AsyncEngine, wake: Callable[[], None]) -> None:
    """Call `wake` whenever another process has written events, and after each new connection; runs for ever."""
    failing = False
    while True:
        try:
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                gone = asyncio.Event()
                driver.add_termination_listener(partial(_call, gone.set))
                await driver.add_listener(_CHANNEL, partial(_call, wake))
                failing = False
                wake()
                await gone.wait()
        except Exception as error:
            # The driver's own errors come as they are; whatever it was, another connection may fare better.
            if not failing:
                _log.warning("not woken for change events; they are read every second", error=type(error).__name__)
            failing = True
        await asyncio.sleep(_LISTEN_AGAIN)
