"""The site of the documents: complete, and without anything loaded from elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import yaml

from tests.docs.markdown import links
from tests.docs.site import FROM_THE_TOP, ROOT, build, sources, staged

SITE: Any = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))


def test_every_page_is_in_the_navigation_once() -> None:
    named = list(_pages(SITE["nav"]))
    pages = [place for place in sources() if place.endswith(".md")]
    assert sorted(named) == sorted(pages), "name each page in `nav` of mkdocs.yml"


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for one in nav.values() if isinstance(nav, dict) else nav:
            yield from _pages(one)


def test_the_site_has_no_link_out_of_itself_but_to_the_web() -> None:
    found = sources()
    places = {source: place for place, source in found.items()}
    assert set(FROM_THE_TOP.values()) <= set(found)
    for place, source in found.items():
        if place.endswith(".md"):
            for link in links(staged(place, source, places)):
                target = link.partition("#")[0]
                inside = normpath(PurePosixPath(place).parent / target) if target else place
                assert re.match(r"https?:", target) or inside in found, f"{place}: {link}"


def test_the_site_is_built_and_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    assert build(tmp_path / "site") == 0
    pages = [tmp_path / "site" / place.replace(".md", ".html") for place in sources() if place.endswith(".md")]
    fetched = re.compile(
        r"<(?:script|img|link rel=\"?(?:stylesheet|icon|preconnect)\"?)[^>]* (?:src|href)=\"?(?:https?:)?//"
    )
    assert [page.name for page in pages if fetched.search(page.read_text("utf-8"))] == []
