"""Runs tests in forks of a process that has loaded the libraries, as loading takes most of the time of a short run."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn, Self

import pytest

LIBRARIES = (
    *("aiohttp.web", "aiosqlite", "alembic.command", "babel.dates", "discord.ext.commands", "hypothesis.stateful"),
    *("jinja2", "jsonschema", "marshmallow", "PIL.ImageDraw", "prometheus_client", "pytest_asyncio", "simcord"),
    *("sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio", "trustme"),
)
"""Libraries that most tests load. None of our own modules, because those are changed."""
_PYTEST = (
    *("-x", "-q", "--no-header", "--tb=no", "--timeout=0"),
    *("-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=1"),
)
_PASSED, _NO_TESTS = 0, 5
_LOOK_EVERY = 0.05


class Runs:
    """The process for the tests of one folder; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", __name__],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def passes(self, tests: Sequence[str], longest: float) -> bool:
        """Whether these tests pass. An empty list passes, and tests that hang for `longest` seconds do not."""
        assert self._process.stdin is not None, "it is a pipe"
        assert self._process.stdout is not None, "so is this"
        print(json.dumps([tests, longest]), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline()) in {_PASSED, _NO_TESTS}


def serve() -> None:
    """Read lists of tests, each with a time limit in seconds, and write the exit code of pytest for each."""
    for name in LIBRARIES:
        import_module(name)
    for line in sys.stdin:
        tests, longest = json.loads(line)
        pid = os.fork()
        if not pid:
            _test(tests)
        print(_ended(pid, longest), flush=True)


def _test(tests: Sequence[str]) -> NoReturn:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    code = 1
    try:
        code = int(pytest.main([*_PYTEST, *tests]))
    finally:
        os._exit(code)


def _ended(pid: int, longest: float) -> int:
    """Wait for a run, or kill it after the time limit, with its child processes. Returns its exit code."""
    until, ended, status = time.monotonic() + longest, 0, 0
    while not ended and time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
        ended, status = os.waitpid(pid, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if not ended:
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    serve()
