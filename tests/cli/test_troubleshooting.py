"""The table of problems at the start: compared with real starts, or at least with the messages in the code."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import pytest

from bot.settings import setting_names
from bot.storage.lock import held
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
TOKEN = "AAAA.canary.CCCC"
DATABASE = Path("data/notjustyou.db")
_FILLED_IN = re.compile(r"FOLDER|FILE|\d+")
Open = AbstractContextManager[object]


def rows() -> dict[str, tuple[str, str]]:
    """Problem -> the message, and the exit code."""
    page = (ROOT / "docs" / "operators" / "troubleshooting.md").read_text()
    found = re.findall(r"^\| ([^|]+) \| `([^|`]+)` \| ([^|]+) \| [^|]+ \|$", page, re.MULTILINE)
    assert len(found) > 15
    return {wrong: (seen, code.strip("` ")) for wrong, seen, code in found}


def env(**settings: str) -> Open:
    """A `.env` with these settings."""
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return nullcontext()


def token() -> Open:
    return env(DISCORD_TOKEN=TOKEN)


def taken_port() -> Open:
    taken = socket.create_server(("127.0.0.1", 0))
    env(DISCORD_TOKEN=TOKEN, HTTP_PORT=str(taken.getsockname()[1]))
    return taken


def newer_database() -> Open:
    token()
    notjustyou("db", "upgrade")
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    return nullcontext()


def another_bot() -> Open:
    token()
    DATABASE.parent.mkdir()
    return held(DATABASE)


def locked_folder() -> Open:
    token()
    DATABASE.parent.mkdir(mode=0o500)
    return nullcontext()


def locked_env() -> Open:
    token()
    Path(".env").chmod(0)
    return nullcontext()


def utf_16() -> Open:
    Path(".env").write_text(f"DISCORD_TOKEN={TOKEN}\n", encoding="utf-16")
    return nullcontext()


STARTS: dict[str, Callable[[], Open]] = {
    "no token": nullcontext,
    "not a token": lambda: env(DISCORD_TOKEN="a" * 12),
    "a setting has a wrong value": lambda: env(DISCORD_TOKEN=TOKEN, HTTP_PORT="eighty"),
    "`.env` belongs to another user": locked_env,
    "`.env` was saved by an editor as UTF-16": utf_16,
    "the port is taken": taken_port,
    "the data folder cannot be written": locked_folder,
    "a second bot on the same data": another_bot,
    "the database is of a newer version": newer_database,
}


def notjustyou(*command: str) -> subprocess.CompletedProcess[str]:
    """A process that may only do what the folders' modes allow, which root need not care about otherwise."""
    started = [sys.executable, "-m", "bot", *command]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("no setpriv on this machine, with which root gives up its rights")
        started = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search", *started]
    without = {name: value for name, value in os.environ.items() if name not in setting_names()}
    offline = {"PYTHONPATH": str(ROOT), "DISCORD_API_URL": "http://127.0.0.1:1/api/v10", "UPDATE_CHECK": "false"}
    return subprocess.run(started, capture_output=True, text=True, env=without | offline, timeout=PATIENCE, check=False)


def pattern(seen: str) -> str:
    return ".+".join(map(re.escape, _FILLED_IN.split(seen)))


@pytest.mark.parametrize("wrong", STARTS)
def test_what_ends_a_start_is_said_as_the_table_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.chdir(tmp_path)
    seen, code = rows()[wrong]
    with STARTS[wrong]():
        ended = notjustyou("run")
    assert re.search(pattern(seen), ended.stderr), ended.stderr
    assert ended.returncode == int(code)
    assert TOKEN not in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("wrong", sorted(rows().keys() - STARTS.keys()))
def test_what_else_it_quotes_can_be_said(wrong: str) -> None:
    sources = "\n".join(file.read_text() for file in [ROOT / "Makefile", *sorted((ROOT / "bot").rglob("*.py"))])
    said = re.sub(r'"\n\s*f?"', "", sources) + OTHERS_SAY
    seen, _ = rows()[wrong]
    parts = re.split(r"^Discord |FILE|https://[\w./]+|\d[\d :-]+|HTTP_\w+|[(;:]| ?UTC", seen)
    assert [part for part in map(str.strip, parts) if len(part) > 3 and part not in said] == []


OTHERS_SAY = "certificate is not yet valid, database or disk is full, ClientConnectorDNSError"
"""OpenSSL, SQLite and aiohttp."""
