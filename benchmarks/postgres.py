"""The cost of storing reports on PostgreSQL: `python -m benchmarks.postgres`.

Ours is `SqlReportLog` on a local server that syncs every commit to disk. The limit is plain asyncpg on the same server,
which writes all waiting reports in one transaction over one connection, as ours does. The two alternate.
"""

import asyncio
from collections import deque
from typing import Any, Self

import asyncpg
from sqlalchemy import make_url

from benchmarks.figures import Row, Spread, as_the_bot, at_least, keep
from benchmarks.store import AT_ONCE, RATE, ROUNDS, SERVICE, at, closed_loop, open_loop
from bot.core.reports import Report
from bot.logs import configure_logging
from bot.settings import Settings
from bot.stores import open_stores
from tests.postgres import Server, server

_INSERT = "INSERT INTO report VALUES ($1, 1, $2, $3, $4, $5, false)"


class RawLog:
    """The limit: a task that writes all waiting reports in one transaction, then acknowledges. A context manager."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection
        self._waiting = deque[tuple[tuple[Any, ...], asyncio.Future[None]]]()
        self._wake = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def append(self, one: Report) -> None:
        """Add a report. Returns once it is durable."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(((one.id, one.guild_id, one.reporter, one.symptom, one.at), done))
        self._wake.set()
        await done

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if batch := [self._waiting.popleft() for _ in range(len(self._waiting))]:
                await self._connection.executemany(_INSERT, [row for row, _ in batch])  # in its own transaction
                for _, done in batch:
                    done.set_result(None)


async def measure(postgres: Server) -> list[Row]:
    """Throughput and latency, ours and raw in turns, each with its own database."""
    fast, waits, slow = (list[tuple[float, float]]() for _ in range(3))
    raw_url = make_url(postgres.fresh()).set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(database_url=postgres.fresh())
    connection = await asyncpg.connect(raw_url)
    await connection.execute("INSERT INTO service VALUES (1, $1)", SERVICE.id)
    async with open_stores(settings, [SERVICE.id]) as stores, RawLog(connection) as raw:
        for _ in range(ROUNDS):
            fast.append((await closed_loop(stores.reports.append), await closed_loop(raw.append)))
            own, limit = await open_loop(stores.reports.append), await open_loop(raw.append)
            waits.append((at(own, 0.5), at(limit, 0.5)))
            slow.append((at(own, 0.99), at(limit, 0.99)))
    await connection.close()
    return [
        at_least(
            f"durable acknowledgements a second on PostgreSQL, {AT_ONCE} always waiting",
            Spread.of([a for a, _ in fast]).text(0),
            Spread.of([b for _, b in fast]).text(0),
            Spread.of([a / b for a, b in fast]),
            0.5,
        ),
        *(
            Row(
                f"acknowledged at {RATE:,} a second on PostgreSQL, {name}",
                f"{Spread.of([a for a, _ in both]).text(1)} ms",
                f"{Spread.of([b for _, b in both]).text(1)} ms",
                Spread.of([a / b for a, b in both]).text(),
            )
            for name, both in (("p50", waits), ("p99", slow))
        ),
    ]


if __name__ == "__main__":
    configure_logging("WARNING", "console", ())
    with server(durable=True) as one:
        found = as_the_bot(measure(one))
    keep("store-postgres", "Reports on PostgreSQL", found, note="One process; server and bot on the same machine.")
