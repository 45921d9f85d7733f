"""The group-commit writer: everything that waits is written in one transaction, then acknowledged.

One task owns the writing connection. A commit to disk costs the same for one row as for hundreds, so
under load the queue becomes the batch, and nobody waits for a timer. If a batch fails for what is in it, each
job is tried alone, so that one bad row cannot take others down. If it fails for the database (locked, disk full),
all who wait are refused at once: one after another they would each wait for the same lock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import structlog
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.errors import StoreError
from bot.storage.faults import of_the_database, told

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[Any]]

MOST_WAITING = 100_000
"""Beyond this the disk is not keeping up; a report is refused honestly instead of queued for ever."""

_MOST_IN_A_BATCH = 1000
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Job:
    done: asyncio.Future[Any]
    statement: Executable | None = None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    work: Work | None = None


class Writer:
    """Use as an async context manager; leaving it writes what still waits."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[_Job] = []
        self._alone = 0  # so many of the next are tried one by one
        self._wake = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    @property
    def waiting(self) -> int:
        """How many jobs are not yet written."""
        return len(self._waiting)

    async def execute(self, statement: Executable, values: dict[str, Any]) -> None:
        """Run a statement; returns when it is durable. Neighbours of the same statement share a call.

        Raises StoreError when it was not written.
        """
        await self._enqueue(_Job(self._future(), statement, values))

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run work in a transaction; returns its result when durable. Raises StoreError."""
        return await self._enqueue(_Job(self._future(), work=work))

    def _future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    async def _enqueue(self, job: _Job) -> Any:
        if self._closing:
            raise StoreError("the bot is stopping")
        if len(self._waiting) >= MOST_WAITING:
            raise StoreError("too many writes are waiting")
        self._waiting.append(job)
        self._wake.set()
        return await job.done

    async def _run(self) -> None:
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                size = 1 if self._alone else _MOST_IN_A_BATCH
                self._alone = max(0, self._alone - 1)
                batch = self._waiting[:size]
                del self._waiting[:size]
                await self._write(batch)

    async def _write(self, batch: list[_Job]) -> None:
        # A caller who gave up waiting may still have its job written: it was never acknowledged.
        try:
            results = await self._transaction(batch)
        except Exception as error:
            if of_the_database(error):
                # Those who came meanwhile have waited as long as is bearable, and would fare no better.
                batch += self._waiting
                self._waiting.clear()
                self._alone = 0
            if len(batch) == 1 or of_the_database(error):
                _refuse(batch, error)
            else:
                self._waiting[:0] = batch
                self._alone = len(batch)
            return
        for job, result in zip(batch, results, strict=True):
            if not job.done.done():
                job.done.set_result(result)

    async def _transaction(self, batch: Sequence[_Job]) -> list[Any]:
        results: list[Any] = []
        async with self._engine.begin() as connection:
            start = 0
            while start < len(batch):
                job, end = batch[start], start + 1
                if job.work is not None:
                    results.append(await job.work(connection))
                elif job.statement is not None:
                    while end < len(batch) and batch[end].statement is job.statement:
                        end += 1
                    await connection.execute(job.statement, [j.values for j in batch[start:end]])
                    results.extend([None] * (end - start))
                start = end
        return results


def _refuse(jobs: Sequence[_Job], trouble: Exception) -> None:
    _log.warning("write failed", error=told(trouble), writes=len(jobs))
    for job in jobs:
        failure = StoreError(f"not written: {told(trouble)}")
        failure.__cause__ = trouble
        if not job.done.done():
            job.done.set_exception(failure)
