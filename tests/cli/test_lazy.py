"""Help and the small commands start quickly, because they do not load the libraries of the running bot."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.cli import COMMANDS, app

HEAVY = {"discord", "sqlalchemy", "alembic", "PIL", "aiohttp", "uvloop", "babel"}
CALL = """
import json, sys
from bot.cli import main
try:
    main()
finally:
    print(json.dumps(sorted(name for name in sys.modules if "." not in name)), file=sys.stderr)
"""


def loaded(folder: Path, *command: str) -> set[str]:
    """The libraries that a command has loaded at its end, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CALL, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        input="minute,reporters,servers\n1,1,1\n" if command[0] == "replay" else '{"text": "is it down?"}\n',
        env={"PYTHONPATH": str(Path.cwd()), "CONTROL_URLS": "off"},
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "command",
    ["--help", "--version", "mentions", "mentions --help", "replay -", "services check", "services list"],
)
def test_a_small_command_loads_nothing_of_the_running_bot(tmp_path: Path, command: str) -> None:
    assert not loaded(tmp_path, *command.split()) & HEAVY


def test_a_look_at_a_service_loads_what_asks_its_sources_and_nothing_else(tmp_path: Path) -> None:
    mine = tmp_path / "services" / "character-ai"
    mine.mkdir(parents=True)
    (mine / "service.toml").write_text(
        '[sources.official]\nurl = "http://[::1]"\n[sources.probe]\nurl = "http://[::1]"\n'
    )
    (tmp_path / ".env").write_text("SERVICES_DIR=services\n")
    assert loaded(tmp_path, "services", "look", "character-ai") & HEAVY == {"aiohttp"}


def test_help_does_not_even_read_settings(tmp_path: Path) -> None:
    assert not loaded(tmp_path, "--help") & {"marshmallow", "pythonjsonlogger", "orjson", "re2"}


def test_a_picture_of_a_replay_loads_what_draws_it_and_nothing_else(tmp_path: Path) -> None:
    assert loaded(tmp_path, "replay", "-", "--picture", "chart.png") & HEAVY == {"PIL"}
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_command_says_of_itself(name: str) -> None:
    _, command, rest = app.resolve_command(click.Context(app), [name, "more"])
    assert command is not None and (command.help or "").split("\n\n")[0] == COMMANDS[name] and rest == ["more"]
