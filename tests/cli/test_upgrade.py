"""`db upgrade`: shows its current step to an operator who waits."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_progress import all_of
from tests.patience import PATIENCE
from tests.storage.older import make_older

ROOT = Path(__file__).parents[2]
STEPS = "step counts", "webhooks", "day counts"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of an older version."""
    path = tmp_path / "bot.db"
    make_older(path, "0010")
    return path


def upgrade(old: Path, **how: Any) -> subprocess.CompletedProcess[bytes]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite+aiosqlite:///{old}"}
    started = [sys.executable, "-m", "bot", "db", "upgrade"]
    return subprocess.run(started, cwd=old.parent, env=env, timeout=PATIENCE, check=True, **how)


def test_on_a_terminal_there_is_a_line_for_each_step(old: Path) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        done = upgrade(old, stdout=subprocess.PIPE, stderr=terminal)
    shown = [line for line in all_of(ours).splitlines() if line.startswith("Migrating")]
    assert shown[:3] == [f"Migrating, step {n} of {len(shown)}: {name}" for n, name in enumerate(STEPS, 1)]
    assert b"The database is at" in done.stdout


def test_elsewhere_the_log_says_it(old: Path) -> None:
    log = upgrade(old, capture_output=True).stderr.decode()
    lines = [line for line in log.splitlines() if "migrating the database " in line]
    assert all(f"what='{name}'" in line or f"what={name}" in line for name, line in zip(STEPS, lines, strict=False))
    assert "step='1 of " in lines[0] and "backing up the database" in log and "Migrating" not in log
