"""Supervised background jobs: a failure is logged, and the job runs again after a longer pause."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from bot.core.errors import NotJustYouError
from bot.usecases.tasks import cancel

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Work to repeat. `every` is the seconds between two runs, or a function that returns them after each run.

    After failures the pause grows, up to `longest_pause` seconds.
    """

    name: str
    work: Callable[[], Awaitable[None]]
    every: float | Callable[[], float]
    longest_pause: float = 900.0

    def pause(self, failures: int) -> float:
        """Seconds until the next run, after so many failures in a row."""
        every = self.every() if callable(self.every) else self.every
        return min(every * 2**failures, max(self.longest_pause, every))


class Supervisor:
    """Runs jobs while the context is open. Pauses vary by ±20 %, so that several bots do not run in step."""

    def __init__(self, jobs: list[Job], rng: random.Random) -> None:
        self._jobs = jobs
        self._rng = rng
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._repeat(job), name=job.name) for job in self._jobs]
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel(*self._tasks)

    async def _repeat(self, job: Job) -> None:
        failures = 0
        while True:
            try:
                await job.work()
                failures = 0
            except Exception as error:
                failures += 1
                # Our own errors need no traceback; while a database is unreachable there are many.
                details, trace = ({"error": str(error)}, None) if isinstance(error, NotJustYouError) else ({}, error)
                _logger.warning("job failed", exc_info=trace, extra={"job": job.name, "times": failures, **details})
            await asyncio.sleep(job.pause(failures) * self._rng.uniform(0.8, 1.2))
