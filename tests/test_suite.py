"""The test suite itself: whose warnings are errors, and a shared PostgreSQL that is always ended."""

import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.postgres import ROOT, shared


@pytest.mark.parametrize("module", ["discord.ext.commands.bot", "aiohttp.client", "bottle", "testscenarios"])
def test_what_other_people_use_that_will_go_is_no_error(module: str) -> None:
    warnings.warn_explicit("will go", DeprecationWarning, "there.py", 1, module=module)


@pytest.mark.parametrize("module", ["bot", "bot.core.tally", "tests.conftest", "benchmarks.store"])
@pytest.mark.parametrize("kind", [DeprecationWarning, UserWarning, SyntaxWarning])
def test_what_we_are_warned_of_is_an_error(module: str, kind: type[Warning]) -> None:
    with pytest.raises(kind):
        warnings.warn_explicit("will go", kind, "here.py", 1, module=module)


_USE = """
import pathlib, sys
from tests.postgres import shared
with shared(pathlib.Path(sys.argv[1])) as one:
    print(one.port, flush=True)
    input()
"""


def test_a_server_is_shared_and_ends_with_its_last_user_though_that_one_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _USE, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        with shared(tmp_path) as one:
            assert one.port == port
        with shared(tmp_path) as again:
            assert again.port == port and again.sql("SELECT 1", "migrated") == "1"
        other.kill()
    until = time.monotonic() + PATIENCE
    while again.folder.exists():
        assert time.monotonic() < until, "the server is still there"
        time.sleep(0.05)
    assert list(tmp_path.glob("*.json")) == []
