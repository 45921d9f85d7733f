"""The documents: short enough, complete, and without broken links."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

import pytest

from bot.exits import Exit
from tests.docs.markdown import github_anchors, links, site_anchors, without_code
from tests.docs.tables import DOCS, TABLES, brought_up_to_date

ROOT = Path(__file__).parents[2]
LEFT_OUT = {".venv", ".site", "site", "node_modules", ".git", "dist"}
MARKDOWN = sorted(
    file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*.md") if not LEFT_OUT & set(file.relative_to(ROOT).parts)
)


def test_the_readme_can_be_read_in_five_minutes() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= 900


def test_the_readme_names_the_command_that_runs_the_tests() -> None:
    assert re.search(r"^make test$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", sorted({page for page, _ in TABLES}))
def test_what_is_made_from_the_code_is_fresh(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == brought_up_to_date(page), "run `make texts`"


@pytest.mark.parametrize("file", MARKDOWN)
def test_every_link_and_anchor_is_there(file: str) -> None:
    wrong = list(_broken(file))
    assert wrong == []


def _broken(file: str) -> Iterator[str]:
    for link in links((ROOT / file).read_text("utf-8")):
        target, _, anchor = link.partition("#")
        if re.match(r"\w+:", target):
            continue
        leads_to = ROOT / (normpath(PurePosixPath(file).parent / unquote(target)) if target else file)
        if not leads_to.exists():
            yield f"{link}: there is no {leads_to.relative_to(ROOT)}"
        elif anchor and leads_to.suffix == ".md":
            text = leads_to.read_text("utf-8")
            if anchor not in github_anchors(text) & site_anchors(text):
                yield f"{link}: no heading with this anchor, on GitHub and in the site alike"


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(link).name for file in MARKDOWN for link in links((ROOT / file).read_text("utf-8"))}
    assert {file.name for file in (DOCS / "pictures").iterdir()} <= shown


def test_every_exit_code_says_what_it_means_and_what_to_do() -> None:
    text = (DOCS / "operators" / "exit-codes.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|.*\| (yes|no)? ?\|$", text, re.MULTILINE) or re.findall(
        r"^\| (\d+) \| (.+?) \| (yes|no)? ?\|$", text, re.MULTILINE
    )
    assert {int(code) for code, _, _ in rows} == set(Exit)
    for code, _, restart in rows:
        assert restart != "no" or re.search(rf"^\| {code} \| .* \|$", text.split("What to do", 1)[1], re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](b.md#c)", ["b.md#c"]),
        ("`[a](b.md)`", []),
        ("```\n[a](b.md)\n```\n[`a`](c.md)", ["c.md"]),
        ("![what is *shown* (here)](a.png) and [x [y]](z)", ["a.png", "z"]),
    ],
)
def test_links_are_found_and_examples_in_code_are_not(text: str, found: list[str]) -> None:
    assert list(links(text)) == found
    assert len(without_code(text)) == len(text)
