"""The commands page of the documents names exactly the commands that are registered with Discord."""

import re
from pathlib import Path

from tests.discord_ui.conftest import Stage

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "members" / "commands.md"


async def test_the_page_of_commands_names_all_that_discord_is_told(stage: Stage) -> None:
    everybody, moderators, _ = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    for part, theirs in ((everybody, False), (moderators, True)):
        commands = [one for one in stage.env.bot.tree.get_commands() if (one.default_permissions is not None) is theirs]
        named = re.findall(r"^\| (?:`/|\*Apps\* → \*)(.+?)[`*] ", part, re.MULTILINE)
        assert sorted(named) == sorted(command.name for command in commands)


async def test_so_does_the_readme(stage: Stage) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [c.name for c in stage.env.bot.tree.get_commands() if c.name not in readme] == []
