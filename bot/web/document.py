"""A document of the page, and for what it is made."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.core.texts import Texts
from bot.usecases.reports.public_state import PublicService

HTML = "text/html; charset=utf-8"


class Asked(NamedTuple):
    """The sentences of the reader's language, what is known, as of when, and whether the reader chose the language.

    `root` leads from the document to the page's root. All links are relative, because a reverse proxy may have the page
    below a path of its own.
    """

    texts: Texts
    services: Sequence[PublicService]
    at: float
    chosen: bool = False
    root: str = "./"

    @property
    def query(self) -> str:
        """What links of the page must carry, so that the chosen language stays."""
        return f"?lang={self.texts.language}" if self.chosen else ""


def root_of(path: str) -> str:
    """What leads from the document at `path` to the root."""
    return "../" * (path.count("/") - 1) or "./"


class Document(NamedTuple):
    """Its text and its media type."""

    text: str
    kind: str
