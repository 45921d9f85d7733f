"""`notjustyou services list`: the list of services, and the table in the documents."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import app
from tests.content.test_services import write

DOCUMENT = Path(__file__).parents[2] / "docs" / "operators" / "services.md"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def listed(*options: str) -> list[str]:
    done = CliRunner().invoke(app, ["services", "list", *options])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_the_table_in_the_documents_is_what_the_command_prints() -> None:
    written = DOCUMENT.read_text("utf-8").split("<!-- table -->\n")[1].split("\n<!-- end of table -->")[0]
    assert written.splitlines() == listed("--table")


def test_the_table_says_what_there_is_and_what_there_is_not() -> None:
    rows = {cells[1]: cells for cells in (line.strip("| ").split(" | ") for line in listed("--table")[2:])}
    assert len(rows) >= 12 and all(len(cells) == 8 for cells in rows.values())
    assert rows["`janitor-ai`"][2:5] == ["none", "none", "none"]
    assert rows["`steam`"][2:5] == ["none", "none", "api.steampowered.com"]
    assert rows["`claude`"][2:4] == ["statuspage: anthropic.statuspage.io", "claude.ai, Claude Code, Claude Cowork"]
    assert all(cells[7] == "de, en" for cells in rows.values())


def test_a_service_of_the_operator_is_listed_beside_the_built_in_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "services")
    monkeypatch.setenv("SERVICES_DIR", str(tmp_path / "services"))
    assert {"character-ai", "discord", "examplia"} <= {line.split(":")[0] for line in listed()}
