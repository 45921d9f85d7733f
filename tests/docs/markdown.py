"""Markdown of the documents: tables, headings with their anchors, links."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_FENCED = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"(?P<image>!?)\[(?P<label>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Bars are escaped, because a bar inside a cell would end it."""
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def without_code(text: str) -> str:
    """The text with all code replaced by spaces, so that positions stay the same."""
    for kind in (_FENCED, _CODE):
        text = kind.sub(lambda found: re.sub(r"\S", "x", found[0]), text)
    return text


def links(text: str) -> Iterator[str]:
    """The targets of the links and pictures."""
    return (found["target"] for found in LINK.finditer(without_code(text)))


def headings(text: str) -> list[str]:
    """The headings, without their marks."""
    plain = _FENCED.sub("", text)
    return [re.sub(r"[`*]|\[|\]\([^)]*\)", "", one) for one in re.findall(r"^#{1,6} (.+?)\s*#*$", plain, re.MULTILINE)]


def github_anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings."""
    made: set[str] = set()
    for heading in headings(text):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        again = (f"{anchor}-{n}" for n in range(1, 99))
        made.add(anchor if anchor not in made else next(one for one in again if one not in made))
    return made


def site_anchors(text: str) -> set[str]:
    """The anchors that the site gives them (the `toc` extension of Python-Markdown)."""
    made: set[str] = set()
    for heading in headings(text):
        ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
        anchor = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())
        again = (f"{anchor}_{n}" for n in range(1, 99))
        made.add(anchor if anchor not in made else next(one for one in again if one not in made))
    return made
