"""The group-commit writer: all waiting jobs are written in one transaction, then acknowledged.

Only this writer uses the writing connection. A commit to disk costs the same for one row as for hundreds, so under load
the whole queue becomes one batch, and no timer is needed. If a batch fails because of its content, each job is tried
alone, so that one bad row does not affect the others; a job that lost a race against another process is then retried
once. If it fails because of the database (locked, disk full), all waiting jobs are refused at once, because each of
them alone would wait for the same lock.

Work is synchronous: it gets a connection inside the batch's transaction, on the thread of that connection.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Executable

from bot.core.durations import Durations
from bot.core.errors import StoreError
from bot.storage.engine import WriteEngine
from bot.storage.faults import describe, is_conflict, is_database_wide, without_values
from bot.storage.prepared import Prepared

T = TypeVar("T")

MOST_WAITING = 100_000
"""With more waiting jobs the disk cannot keep up; further reports are refused instead of queued forever."""

COMMIT_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Bounds for the duration of a commit in seconds, from a fast disk to a failing one."""

_MOST_IN_A_BATCH = 1000
_AT_ONCE = -inf
"""The due time of a write that must not wait for others."""
_ENOUGH = 100
"""With this many waiting jobs a batch is written at once, even if each of them may still wait."""
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    done: asyncio.Future[Any]
    statement: Executable | None = None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    work: Callable[[Connection], Any] | None = None
    once_more: bool = True


class Writer:
    """Use as an async context manager; leaving it writes the waiting jobs."""

    def __init__(self, engine: WriteEngine, now: Callable[[], float] = time.perf_counter) -> None:
        self._engine = engine
        self._now = now
        self._began = 0.0
        self.commits = Durations(COMMIT_BOUNDS)
        """Durations of the batches written since the start."""
        self.refused = 0
        """Number of failed jobs since the start."""
        self._waiting: list[_Job] = []
        self._alone = 0  # the number of next jobs to try one by one
        self._due = inf
        self._next: asyncio.Handle | None = None  # starts the next batch
        self._writing = False
        self._closing: asyncio.Future[None] | None = None
        self._context = copy_context()  # a batch must not run in the context of one of its callers
        self._prepared = WeakKeyDictionary[Executable, Prepared]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = asyncio.get_running_loop().create_future()
        self._begin()
        await self._closing

    @property
    def waiting(self) -> int:
        """The number of waiting jobs."""
        return len(self._waiting)

    async def execute(self, statement: Executable, values: dict[str, Any], *, within: float = 0.0) -> None:
        """Run a statement; returns when it is durable. Adjacent jobs with the same statement share one call.

        It may wait up to `within` seconds, to share a commit with others. Raises StoreError if it was not written.
        """
        done = self._future()
        self._enqueue(_Job(done, statement, values), within)
        await done

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; returns its result when durable. Raises StoreError."""
        done: asyncio.Future[T] = self._future()
        self._enqueue(_Job(done, work=work))
        return await done

    def _future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    def _enqueue(self, job: _Job, within: float = 0.0) -> None:
        if self._closing is not None:
            raise StoreError("the bot is stopping")
        if len(self._waiting) >= MOST_WAITING:
            raise StoreError("too many writes are waiting")
        self._waiting.append(job)
        if self._writing:
            return  # it joins the next batch
        now = asyncio.get_running_loop().time()
        due = now + within if within and len(self._waiting) < _ENOUGH else _AT_ONCE
        if due < self._due:
            self._due = due
            if self._next is not None:
                self._next.cancel()
            self._next = self._context.run(self._begin_at, due)

    def _begin_at(self, due: float) -> asyncio.Handle:
        loop = asyncio.get_running_loop()
        # Never immediately, because other jobs may arrive in the same iteration of the loop.
        return loop.call_soon(self._begin) if due == _AT_ONCE else loop.call_at(due, self._begin)

    def _begin(self) -> None:
        """Start to write the waiting jobs."""
        if self._next is not None:
            self._next.cancel()
        self._next, self._due = None, inf
        if self._writing:
            return
        if not self._waiting:
            if self._closing is not None and not self._closing.done():
                self._closing.set_result(None)
            return
        size = 1 if self._alone else _MOST_IN_A_BATCH
        self._alone = max(0, self._alone - 1)
        batch = self._waiting[:size]
        del self._waiting[:size]
        self._writing, self._began = True, self._now()
        try:
            self._engine.begin(partial(self._all, batch), partial(self._written, batch))
        except RuntimeError as error:  # no thread can be started
            asyncio.get_running_loop().call_soon(self._written, batch, None, error)

    def _written(self, batch: list[_Job], results: list[Any] | None, error: Exception | None) -> None:
        # The job of a caller that stopped waiting may still be written. That is fine, because it was never
        # acknowledged.
        self._writing = False
        if error is not None:
            self._failed(batch, error)
        else:
            self.commits.add(self._now() - self._began)
            for job, result in zip(batch, results or (), strict=True):
                if not job.done.done():
                    job.done.set_result(result)
        if self._waiting or self._closing is not None:
            self._begin()

    def _failed(self, batch: list[_Job], error: Exception) -> None:
        if is_database_wide(error):
            # Jobs that arrived meanwhile have waited long enough, and would fail as well.
            batch += self._waiting
            self._waiting.clear()
            self._alone = 0
        again = batch[0].once_more and is_conflict(error)
        if is_database_wide(error) or (len(batch) == 1 and not again):
            self.refused += len(batch)
            _refuse(batch, error)
        else:
            batch[0].once_more = len(batch) > 1
            self._waiting[:0] = batch
            self._alone += len(batch)

    def _all(self, batch: Sequence[_Job], connection: Connection) -> list[Any]:
        results: list[Any] = []
        start = 0
        while start < len(batch):
            job, end = batch[start], start + 1
            if job.work is not None:
                results.append(job.work(connection))
            elif job.statement is not None:
                while end < len(batch) and batch[end].statement is job.statement:
                    end += 1
                prepared = self._prepared.get(job.statement)
                if prepared is None:
                    prepared = self._prepared[job.statement] = Prepared(connection, job.statement, job.values)
                prepared.execute(connection, [j.values for j in batch[start:end]])
                results.extend([None] * (end - start))
            start = end
        return results


def _refuse(jobs: Sequence[_Job], error: Exception) -> None:
    _logger.warning("write failed", extra={"error": describe(error), "writes": len(jobs)})
    for job in jobs:
        failure = StoreError(f"not written: {describe(error)}")
        failure.__cause__ = without_values(error)
        if not job.done.done():
            job.done.set_exception(failure)
