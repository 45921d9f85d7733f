"""A document of the public page, and the request it is made for."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.core.texts import Texts
from bot.usecases.reports.public_state import PublicService

HTML = "text/html; charset=utf-8"


class DocumentRequest(NamedTuple):
    """The sentences of the reader's language, the state, its time, and whether the reader chose the language.

    `root` is the relative path from the document to the page's root. All links are relative, because a reverse proxy
    may serve the page below a path of its own.
    """

    texts: Texts
    services: Sequence[PublicService]
    at: float
    chosen: bool = False
    root: str = "./"

    @property
    def query(self) -> str:
        """The query for the page's links, so that the chosen language is kept."""
        return f"?lang={self.texts.language}" if self.chosen else ""


def root_of(path: str) -> str:
    """The relative path from the document at `path` to the root."""
    return "../" * (path.count("/") - 1) or "./"


class Document(NamedTuple):
    """The text and media type of a document."""

    text: str
    kind: str
