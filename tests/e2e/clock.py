"""A clock that a test and its bots share: it runs faster than real time, and waits for slow processes.

The test's event loop advances it. The event loop of each bot records the time that it has seen, and the clock is never
more than `LEASH` ahead of the slowest bot. So on a busy machine everything takes longer, but nothing happens at other
times for the bot. While no bot runs the clock runs at `SLOW`, because a start takes real seconds. It is a folder with
the file `now`, and a file for each bot with the time that it has seen.
"""

import asyncio
import bisect
import fcntl
import mmap
import os
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

SLOW = 10.0
"""Seconds of the clock per real second while no bot runs."""
LEASH = 0.2
"""Real seconds by which a bot may be behind."""
STEP = 0.02
"""Real seconds from one move of the clock to the next."""


class FastClock:
    """The test's side, which advances the clock. It starts at the real time and runs `speed` times as fast.

    Makes the folder.
    """

    def __init__(self, folder: Path, speed: float) -> None:
        self._speed = speed
        self.folder = folder
        self.since = time.time()
        folder.mkdir()
        self._now = _cell(folder / "now", self.since)
        self._moved = asyncio.Event()
        self._moves: list[tuple[float, float]] = [(time.monotonic(), self.since)]

    def __call__(self) -> float:
        """The clock now, in epoch seconds."""
        return self._now[0]

    def at(self, moment: float) -> float:
        """The clock at a past moment of `time.monotonic`."""
        return self._moves[max(0, bisect.bisect_right(self._moves, (moment, float("inf"))) - 1)][1]

    async def sleep(self, seconds: float) -> None:
        """Wait until this number of seconds of the clock have passed."""
        until = self() + seconds
        while self() < until:
            await self._moved.wait()

    def skip(self, seconds: float) -> None:
        """Let this number of seconds pass at once. Only possible while no bot runs."""
        assert not self._seen()
        self._now[0] = self() + seconds

    async def run(self) -> None:
        """Advance, as fast as the real time and the bots allow."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(STEP)
            at, seen = time.monotonic(), self._seen()
            # If this loop itself is late, the clock does not jump.
            moved = self() + min(at - before, 3 * STEP) * (self._speed if seen else SLOW)
            self._now[0] = max(self(), min([moved, *(one + LEASH * self._speed for one in seen)]))
            before = at
            self._moves.append((at, self()))
            self._moved.set()
            self._moved.clear()

    def _seen(self) -> list[float]:
        """The time that each running bot has seen. A bot holds a lock on its file, which ends with its process."""
        found = list[float]()
        for file in self.folder.glob("bot-*"):
            with file.open("rb") as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    found.extend(struct.unpack("d", opened.read(8)))
                else:
                    file.unlink()
        return found


@asynccontextmanager
async def fast_clock(folder: Path, speed: float) -> AsyncIterator[FastClock]:
    """A clock in a new folder, which runs while this is open."""
    clock = FastClock(folder, speed)
    moving = asyncio.create_task(clock.run())
    try:
        yield clock
    finally:
        moving.cancel()
        with suppress(asyncio.CancelledError):
            await moving


class SharedClock:
    """The bot's side, which reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._now = _cell(folder / "now")

    def __call__(self) -> float:
        """The clock now, in epoch seconds."""
        return self._now[0]

    async def note(self) -> None:
        """Record repeatedly the time that this event loop has seen."""
        made = self._folder / f"new-{os.getpid()}"
        seen = _cell(made, self())
        with made.open("rb") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX)
            made.rename(self._folder / f"bot-{os.getpid()}")
            while True:
                seen[0] = self()
                await asyncio.sleep(STEP / 2)


def _cell(file: Path, value: float | None = None) -> memoryview:
    """A number in a file that several processes share. The file is made if `value` is given."""
    if value is not None:
        file.write_bytes(struct.pack("d", value))
    with file.open("r+b") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 8)).cast("d")
