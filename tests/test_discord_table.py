"""The table of what Discord sends and refuses names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_test_in_the_table_of_discords_events_exists() -> None:
    table = (ROOT / "docs" / "discord.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", table))
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    assert named and not named - set(re.findall(r"def (test_\w+)\(", tests))
