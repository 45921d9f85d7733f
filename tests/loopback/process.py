"""The bot as a subprocess that uses the loopback server, and its cost."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import tempfile
import time
from pathlib import Path

import psutil

from tests.patience import PATIENCE


class Bot:
    def __init__(self, process: asyncio.subprocess.Process, log: Path):
        self.process, self.log, self.started = process, log, time.monotonic()
        self.ps = psutil.Process(process.pid)

    def _family(self) -> list[psutil.Process]:
        """The process and its children (with a runner such as `uv run`, the bot is a child)."""
        try:
            return [self.ps, *self.ps.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu(self) -> float:
        """User and system seconds so far."""
        total = 0.0
        for p in self._family():
            try:
                t = p.cpu_times()
                total += t.user + t.system
            except psutil.NoSuchProcess:
                pass
        return total

    def waited(self) -> float:
        """Seconds for which it was ready to run but got no CPU (Linux): the effect of a busy machine on measurements."""
        return sum(starved(p.pid) for p in self._family())

    def rss_mb(self) -> float:
        return sum(p.memory_info().rss for p in self._family()) / 2**20

    async def settle(self, quiet: float = 0.3, timeout: float = PATIENCE) -> None:
        """Waits until the process has used almost no CPU for a while."""
        end, last = time.monotonic() + timeout, self.cpu()
        while time.monotonic() < end:
            await asyncio.sleep(quiet)
            now = self.cpu()
            if now - last <= 0.02:
                return
            last = now

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.output().splitlines()[-lines:])

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def stop(self, timeout: float = PATIENCE, sig: int = signal.SIGINT) -> int:
        """Asks it to end, and kills it if it does not. -> its exit status."""
        if self.alive:
            self.process.send_signal(sig)
            try:
                await asyncio.wait_for(self.process.wait(), timeout)
            except TimeoutError:
                await self.kill()
        return self.process.returncode

    async def kill(self) -> None:
        for p in self._family():
            p.kill()
        await self.process.wait()

    def __repr__(self) -> str:
        state = "running" if self.alive else f"ended with {self.process.returncode}"
        return f"<Bot pid {self.process.pid} {state}, log {self.log}>"


def starved(pid: int | str = "self") -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9  # of the main thread
    except OSError:
        return 0.0


def _in_child() -> None:
    """Ends the bot together with the test (Linux), and lets it receive SIGINT even in a background job."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


async def spawn_bot(
    cmd: list[str], cwd: str | None = None, env: dict[str, str] | None = None, *, api: str, log: str | None = None
) -> Bot:
    """Starts `cmd` with DISCORD_API_URL set to `api` (http://127.0.0.1:PORT/api/v10); output goes to a log file."""
    full = {**os.environ, **(env or {}), "DISCORD_API_URL": api, "PYTHONUNBUFFERED": "1"}
    path = Path(log) if log else Path(tempfile.mkstemp(prefix="loopback-bot-", suffix=".log")[1])
    with path.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *cmd, cwd=cwd, env=full, stdout=out, stderr=asyncio.subprocess.STDOUT, preexec_fn=_in_child
        )
    return Bot(process, path)
