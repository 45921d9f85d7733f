"""The table of Discord's events and refusals names a test in every row, and all of them exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "docs" / "developers" / "discord.md").read_text()


def test_every_test_in_the_table_of_discords_events_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    assert named and not named - set(re.findall(r"def (test_\w+)\(", tests))


def test_every_row_of_the_table_names_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| event |")]
    refused = [row for row in rows if not row.startswith("| refusal |") and "`test_" not in row.split(" | ")[2]]
    assert len(rows) > 50 and refused == []
