"""Change events and leases in PostgreSQL: how several processes of one bot share it.

Events are rows written in the transaction of the change itself, one for each batch of the writer. Numbers are given
before the commit, so a lower one may appear after a higher: what is missing between is asked for again until it is
there, or was rolled back. NOTIFY only wakes: it is lost for whoever is not connected, and takes a lock on the whole
database at the commit, so it is sent twice a second at most.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy import (
    BigInteger,
    Connection,
    case,
    cast,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.errors import StoreError
from bot.core.reports import MINUTE
from bot.storage import tables as t
from bot.storage.faults import quiet
from bot.storage.stores import Reader
from bot.storage.writer import Writer
from bot.usecases.cluster.events import ChangeEvent
from bot.usecases.cluster.ports import LeftBehindError, StoredEvent

CHANNEL = "notjustyou_news"
KEPT_FOR = 10 * MINUTE
"""Seconds that news stay; a process that read nothing for longer must start anew."""

_WAKE_EVERY = 0.5
_GAP_FOR = 60.0
"""Seconds after which a number that is missing was rolled back: no transaction of ours takes so long."""
_LOOKED_BACK = 500
_LISTEN_AGAIN = 5.0
_log = structlog.get_logger(__name__)
_NOW = cast(func.extract("epoch", func.clock_timestamp()), BigInteger)
_NOW_MS = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)


class Publisher:
    """Writes the news of a batch beside its changes; `origin` is another number in each process."""

    def __init__(self, origin: int, now: Callable[[], float] = time.monotonic) -> None:
        self._origin = origin
        self._now = now
        self._woke_at = float("-inf")

    def __call__(self, connection: Connection, news: Sequence[ChangeEvent]) -> None:
        """In the batch's transaction, last."""
        document = orjson.dumps([[one.kind, one.told] for one in news]).decode()
        connection.execute(insert(t.news).values(origin=self._origin, at=_NOW, document=document))
        if self._now() - self._woke_at >= _WAKE_EVERY:
            self._woke_at = self._now()
            connection.execute(select(func.pg_notify(CHANNEL, "")))


class _Place(NamedTuple):
    """The last row that was read, and by what it is known again."""

    id: int
    origin: int
    at: int


_NOWHERE = _Place(0, 0, 0)


class SqlEvents:
    """The news of the other processes."""

    def __init__(self, writer: Writer, reader: Reader, origin: int, now: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._reader = reader
        self._origin = origin
        self._now = now
        self._place = _NOWHERE
        self._missing: dict[int, float] = {}

    async def begin(self) -> None:
        rows = await self._reader.rows(
            select(t.news.c.id, t.news.c.origin, t.news.c.at).order_by(t.news.c.id.desc()).limit(_LOOKED_BACK)
        )
        self._place, self._missing = (_place(rows[0]) if rows else _NOWHERE), {}
        self._miss(self._place.id - _LOOKED_BACK, {row.id for row in rows})

    async def fresh(self) -> Sequence[StoredEvent]:
        before = self._place
        known = (t.news.c.origin == self._origin) | (t.news.c.id == before.id)
        document = case((known, null()), else_=t.news.c.document).label("document")
        new = or_(t.news.c.id >= before.id, t.news.c.id.in_(self._missing))
        rows = await self._reader.rows(
            select(t.news.c.id, t.news.c.origin, t.news.c.at, document).where(new).order_by(t.news.c.id)
        )
        # Only where the last row is still there can nothing be missing after it. A database that was restored, or
        # stood by for one that is lost, gives numbers anew that we took for read.
        if before != _NOWHERE and all(_place(row) != before for row in rows):
            raise LeftBehindError(
                "news are gone that this process has not read, or the database was set back; its next start reads all"
                " anew"
            )
        if not rows:
            return []
        self._place = _place(rows[-1])
        self._miss(before.id, {row.id for row in rows})
        told = list[StoredEvent]()
        for row in rows:
            if row.document is not None:
                told += [StoredEvent(row.origin, ChangeEvent(*one)) for one in orjson.loads(row.document)]
                await asyncio.sleep(0)  # a row may tell of a thousand changes
        return told

    async def tell(self, news: Sequence[ChangeEvent]) -> None:
        await self._writer.run(_nothing, news=lambda _: news)

    async def purge(self) -> int:
        # The newest of the old ones stays: whoever has read up to there, and could not read since, missed nothing.
        other = t.news.alias()
        newest = select(func.max(other.c.id)).where(other.c.at < _NOW - KEPT_FOR).scalar_subquery()
        old = (t.news.c.at < _NOW - KEPT_FOR) & (t.news.c.id < newest)

        def work(connection: Connection) -> int:
            return connection.execute(delete(t.news).where(old)).rowcount

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


def _nothing(_connection: Connection) -> None:
    pass


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


async def listen(engine: AsyncEngine, wake: Callable[[], None]) -> None:
    """Call `wake` whenever another process says that there are news, and after each new connection; runs for ever."""
    failing = False
    while True:
        try:
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                gone = asyncio.Event()
                driver.add_termination_listener(partial(_call, gone.set))
                await driver.add_listener(CHANNEL, partial(_call, wake))
                failing = False
                wake()
                await gone.wait()
        except Exception as error:
            # The driver's own errors come as they are; whatever it was, another connection may fare better.
            if not failing:
                _log.warning("nothing wakes us for news; they are read every second", error=type(error).__name__)
            failing = True
        await asyncio.sleep(_LISTEN_AGAIN)
