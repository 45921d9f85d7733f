"""A thread that runs jobs one after another, for example all work on one connection."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
Done = Callable[[T | None, Exception | None], None]
"""Called on the event loop with the result or the error of the work."""
_Job = tuple[asyncio.AbstractEventLoop, Callable[[], Any], Done[Any]]


class WorkThread:
    """Starts with the first job. The end of the process does not wait for it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs = SimpleQueue[_Job | None]()
        self._started = False

    def do(self, work: Callable[[], T], done: Done[T]) -> None:
        """Queue this work."""
        self._jobs.put((asyncio.get_running_loop(), work, done))
        if not self._started:
            self._started = True
            Thread(target=_run, args=(self._jobs,), name=self._name, daemon=True).start()

    async def result(self, work: Callable[[], T]) -> T:
        """Queue this work, and wait for its result. Raises its error."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def done(result: T | None, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # pyright: ignore[reportArgumentType] - None only if the work gives None

        self.do(work, done)
        return await future

    def stop(self) -> None:
        """End the thread after the queued work. More work would start another thread."""
        if self._started:
            self._jobs.put(None)
            self._started = False


def _run(jobs: SimpleQueue[_Job | None]) -> None:
    while _do_next(jobs):
        pass


def _do_next(jobs: SimpleQueue[_Job | None]) -> bool:
    # A function of its own, so that no variable keeps the last work while the thread waits for more.
    job = jobs.get()
    if job is None:
        return False
    loop, work, done = job
    result, failed = None, None
    try:
        result = work()
    except Exception as error:  # the caller gets it
        failed = error
    with suppress(RuntimeError):  # the loop was closed meanwhile, so there is no waiting caller
        loop.call_soon_threadsafe(done, result, failed)
    return True
