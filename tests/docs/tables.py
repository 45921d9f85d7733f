"""The tables in the documents that are made from the code: `python -m tests.docs.tables --write`.

Each stands between two markers in its page; the text around it is written by hand.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs import for_discord, for_operators

DOCS = Path(__file__).parents[2] / "docs"
TABLES: Mapping[tuple[str, str], Callable[[], str]] = {
    ("operators/settings.md", "settings"): for_operators.settings,
    ("operators/commands.md", "commands"): for_operators.commands,
    ("operators/errors.md", "failures"): for_discord.failures,
    ("operators/errors.md", "refusals"): for_discord.refusals,
    ("moderators/settings.md", "fields"): for_discord.fields,
    ("moderators/index.md", "permissions"): for_discord.permissions,
    ("moderators/index.md", "pages"): for_discord.pages,
    ("members/commands.md", "members"): for_discord.members,
    ("members/commands.md", "moderators"): for_discord.moderators,
    ("members/commands.md", "options"): for_discord.options,
}


def brought_up_to_date(page: str) -> str:
    """The text of a page with its tables brought up to date."""
    text = (DOCS / page).read_text("utf-8")
    for (where, name), made in TABLES.items():
        if where == page:
            begin, end = f"<!-- {name}: written by `make texts` -->\n", f"<!-- end of {name} -->"
            before, mark, rest = text.partition(begin)
            _, closed, after = rest.partition(end)
            assert mark and closed, f"docs/{page} must contain the markers {begin!r} and {end!r}"
            text = f"{before}{begin}\n{made()}\n\n{end}{after}"
    return text


def main() -> None:
    """Write all tables again."""
    for page in dict.fromkeys(page for page, _ in TABLES):
        (DOCS / page).write_text(brought_up_to_date(page), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.docs.tables --write")
    main()
