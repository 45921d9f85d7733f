"""A clock that a test and its bots share: it runs faster than real time, and waits for slow processes.

The test's event loop moves it on. The event loop of each bot notes how much of it it has seen, and the clock is never
more than `LEASH` ahead of the slowest. So on a busy machine everything takes longer, and nothing happens at other times
of the bot's. While no bot runs it goes at `SLOW`, as a start takes real seconds. It lives in a folder: the file `now`,
and a file for each bot with what that has seen.
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
"""Seconds of the clock in a real one while no bot runs."""
LEASH = 0.2
"""Real seconds that a bot may be behind."""
STEP = 0.02
"""Real seconds from one move of the clock to the next."""


class FastClock:
    """The test's side, which moves the clock on; it begins at the real time, and goes `speed` times as fast.

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
        """The clock at a moment of `time.monotonic` that is over."""
        return self._moves[max(0, bisect.bisect_right(self._moves, (moment, float("inf"))) - 1)][1]

    async def sleep(self, seconds: float) -> None:
        """Until so many seconds of the clock have passed."""
        until = self() + seconds
        while self() < until:
            await self._moved.wait()

    def skip(self, seconds: float) -> None:
        """So many seconds pass at once; only while no bot runs."""
        assert not self._seen()
        self._now[0] = self() + seconds

    async def run(self) -> None:
        """Move on, as fast as the real time and the bots let it."""
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
        """What each bot that lives has seen: it holds a lock on its file, which the kernel takes away when it ends."""
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
    """A clock in a new folder, that moves on while this is open."""
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
        """Note again and again what this event loop has seen of the clock."""
        made = self._folder / f"new-{os.getpid()}"
        seen = _cell(made, self())
        with made.open("rb") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX)
            made.rename(self._folder / f"bot-{os.getpid()}")
            while True:
                seen[0] = self()
                await asyncio.sleep(STEP / 2)


def _cell(file: Path, value: float | None = None) -> memoryview:
    """One number in a file that several processes share; made first if `value` is given."""
    if value is not None:
        file.write_bytes(struct.pack("d", value))
    with file.open("r+b") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 8)).cast("d")
