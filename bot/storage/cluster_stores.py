"""News and leases in PostgreSQL: how several processes of one bot share it (ports in `usecases/cluster.py`).

News are rows written in the transaction of the change itself, one for each batch of the writer. Numbers are given
before the commit, so a lower one may appear after a higher: what is missing between is asked for again until it is
there, or was rolled back. NOTIFY only wakes: it is lost for whoever is not connected, and takes a lock on the whole
database at the commit, so it is sent twice a second at most.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

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
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.errors import StoreError
from bot.core.reports import MINUTE
from bot.storage import tables as t
from bot.storage.stores import Reader
from bot.storage.writer import Writer
from bot.usecases.cluster import LeftBehindError, Told
from bot.usecases.ports import News

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

    def __call__(self, connection: Connection, news: Sequence[News]) -> None:
        """In the batch's transaction, last."""
        document = orjson.dumps([[one.kind, one.told] for one in news]).decode()
        connection.execute(insert(t.news).values(origin=self._origin, at=_NOW, document=document))
        if self._now() - self._woke_at >= _WAKE_EVERY:
            self._woke_at = self._now()
            connection.execute(select(func.pg_notify(CHANNEL, "")))


class SqlNews:
    """The news of the other processes."""

    def __init__(self, writer: Writer, reader: Reader, origin: int, now: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._reader = reader
        self._origin = origin
        self._now = now
        self._read = 0
        self._missing: dict[int, float] = {}

    async def begin(self) -> None:
        newest = select(func.coalesce(func.max(t.news.c.id), 0).label("id"))
        self._read = (await self._reader.rows(newest))[0].id
        seen = await self._reader.rows(select(t.news.c.id).where(t.news.c.id > self._read - _LOOKED_BACK))
        self._miss(self._read - _LOOKED_BACK, {row.id for row in seen})

    async def fresh(self) -> Sequence[Told]:
        mine = t.news.c.origin == self._origin
        document = case((mine, null()), else_=t.news.c.document).label("document")
        new = or_(t.news.c.id > self._read, t.news.c.id.in_(self._missing))
        oldest = select(func.min(t.news.c.id)).scalar_subquery().label("oldest")
        rows = await self._reader.rows(
            select(t.news.c.id, t.news.c.origin, document, oldest).where(new).order_by(t.news.c.id)
        )
        if not rows:
            return []
        if 0 < self._read < rows[0].oldest:
            raise LeftBehindError(
                "this process heard nothing of the others for too long; its next start reads all anew"
            )
        before = self._read
        self._read = max(before, rows[-1].id)
        self._miss(before, {row.id for row in rows})
        return [
            Told(row.origin, News(kind, told))
            for row in rows
            if row.document is not None
            for kind, told in orjson.loads(row.document)
        ]

    async def tell(self, news: Sequence[News]) -> None:
        await self._writer.run(_nothing, news=lambda _: news)

    async def purge(self) -> int:
        newest = select(func.max(t.news.c.id)).scalar_subquery()
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
        absent = range(max(after, 0) + 1, self._read + 1)
        self._missing |= {number: now for number in absent if number not in seen and number not in self._missing}


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
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise StoreError(f"lease not taken: {type(error).__name__}") from error


def _call(hear: Callable[[], None], *_: object) -> None:
    hear()


async def listen(engine: AsyncEngine, wake: Callable[[], None]) -> None:
    """Call `wake` whenever another process says that there are news, and after each new connection; runs for ever."""
    while True:
        try:
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                gone = asyncio.Event()
                driver.add_termination_listener(partial(_call, gone.set))
                await driver.add_listener(CHANNEL, partial(_call, wake))
                wake()
                await gone.wait()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("nothing wakes us for news; they are read every second", error=type(error).__name__)
        await asyncio.sleep(_LISTEN_AGAIN)
