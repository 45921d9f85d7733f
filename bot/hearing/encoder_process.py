"""Queries the encoder process of the second stage, and works without it if it is slow, busy or unavailable."""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Self

import orjson

from bot.hearing.encoder import readable
from bot.usecases.ports import Clock

ANSWER_WITHIN = 0.5
"""Timeout in seconds, after which a message is decided without it."""
MOST_WAITING = 8
"""The most waiting messages; further ones would wait too long, so they are decided without it."""
STUCK_AFTER = 10.0
"""Seconds without any answer after which the process is replaced."""
PAUSES = (1.0, 10.0, 60.0, 600.0)
"""Seconds before a restart, by the number of failures in a row."""
_CLOSE_WITHIN = 1.0
COMMAND = (sys.executable, "-m", "bot.hearing.worker")
_logger = logging.getLogger(__name__)


class EncoderProcess:
    """The second stage, in a process that is started when the first message needs it.

    `head` reads the trained head. `clock` is monotonic. `command` and `answer_within` (seconds) are for tests. It runs
    while the context is open.
    """

    def __init__(
        self,
        head: Callable[[], bytes],
        clock: Clock,
        command: Sequence[str] = COMMAND,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        self._head = head
        self._clock = clock
        self._command = command
        self._answer_within = answer_within
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[float | None]] = {}
        self._unsent: list[bytes] = []
        self._pipe: asyncio.StreamWriter | None = None
        self._running: asyncio.Task[None] | None = None
        self._ending = False
        self._closed = False
        self._failures = 0
        self._rests_until = 0.0
        self._answered_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        if self._running is not None:
            self._cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    @property
    def available(self) -> bool:
        """Whether it is available; False after a failure, until it is retried."""
        return not self._closed and not self._ending and self._clock() >= self._rests_until

    async def weigh(self, text: str, first: float) -> float | None:
        """The log-odds that the text is a mention; None without an answer in time. Never raises."""
        if len(self._waiting) >= MOST_WAITING:
            self._replace_if_stuck()
            return None
        if not self.available:
            return None
        if not self._waiting:
            self._answered_at = self._clock()
        number = next(self._numbers)
        answer: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._send(orjson.dumps([number, readable(text), first]) + b"\n")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._answer_within):
                return await answer
        return None

    def _send(self, line: bytes) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="second stage")
        if self._pipe is None:
            self._unsent.append(line)
        else:
            self._pipe.write(line)

    def _replace_if_stuck(self) -> None:
        if self._clock() - self._answered_at > STUCK_AFTER:
            self._cancel()

    async def _run(self) -> None:
        """Start the process and read its answers until it ends."""
        process: Process | None = None
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
            await self._talk(process)
        except (OSError, ValueError, LookupError, TypeError) as error:  # it cannot be started, or its answer is invalid
            _logger.warning("second stage failed", extra={"error": type(error).__name__})
        finally:
            self._ending = True
            self._rest()
            if process is not None:
                await _end(process)
            self._running, self._ending = None, False

    async def _talk(self, process: Process) -> None:
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "so is this"
        process.stdin.write(self._head().strip() + b"\n")
        if await process.stdout.readline() != b"ready\n":
            return
        _logger.info("second stage ready", extra={"pid": process.pid})
        process.stdin.writelines(self._unsent)
        self._unsent.clear()
        self._pipe = process.stdin
        while line := await process.stdout.readline():
            number, log_odds = orjson.loads(line)
            answer = self._waiting.pop(number)
            self._failures, self._answered_at = 0, self._clock()
            if not answer.done():
                answer.set_result(log_odds)

    def _rest(self) -> None:
        """Answer all waiting callers with None, and pause before the next start."""
        self._pipe = None
        self._unsent.clear()
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_result(None)
        if not self._closed:
            pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
            self._failures += 1
            self._rests_until = self._clock() + pause
            _logger.warning("second stage stopped; using the mention detector alone", extra={"seconds": pause})

    def _cancel(self) -> None:
        if self._running is not None and not self._ending:
            self._running.cancel()


async def _end(process: Process) -> None:
    """End the process: it stops when its input ends, or is killed."""
    if process.stdin is not None:
        process.stdin.close()
    # Not asyncio.timeout: before Python 3.11.3 it does not work in a task that was cancelled.
    ended = asyncio.ensure_future(process.wait())
    await asyncio.wait({ended}, timeout=_CLOSE_WITHIN)
    if not ended.done():
        with suppress(ProcessLookupError):
            process.kill()
    await ended
