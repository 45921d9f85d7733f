"""Supervised background work: a job that fails is logged, waits a little longer, and goes on."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

import structlog

from bot.core.errors import NotJustYouError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Work to do again and again. `every` gives the seconds until the next time, after each run.

    After failures the pause grows, up to `longest_pause` seconds.
    """

    name: str
    work: Callable[[], Awaitable[None]]
    every: Callable[[], float]
    longest_pause: float = 900.0


class Supervisor:
    """Runs jobs while the context is open. Pauses are jittered by ±20 %, so that many bots do not march."""

    def __init__(self, jobs: list[Job], rng: random.Random) -> None:
        self._jobs = jobs
        self._rng = rng
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep_doing(job), name=job.name) for job in self._jobs]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_doing(self, job: Job) -> None:
        failures = 0
        while True:
            try:
                await job.work()
                failures = 0
            except Exception as error:
                failures += 1
                # What we raise on purpose says it all in a line; while a database is away there are many.
                story = {"error": str(error)} if isinstance(error, NotJustYouError) else {"exc_info": True}
                _log.warning("job failed", job=job.name, times=failures, **story)
            pause = min(job.every() * 2**failures, max(job.longest_pause, job.every()))
            await asyncio.sleep(pause * self._rng.uniform(0.8, 1.2))
