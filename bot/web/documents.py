"""The documents by path. Imported on the first visit, because it loads Jinja2."""

from collections.abc import Callable, Mapping

from bot.core.texts import Languages
from bot.usecases.reports.public_state import PublicService
from bot.web import assets
from bot.web.badge import badge
from bot.web.document import Document, DocumentRequest
from bot.web.feed import feed
from bot.web.pages import Pages
from bot.web.status_json import status_json

_SERVICES = "/services/"


class Documents:
    """Makes documents from the current state."""

    def __init__(self, languages: Languages) -> None:
        pages = Pages(languages)
        self._pages = pages
        self._by_path: Mapping[str, Callable[[DocumentRequest], Document]] = {
            "/": pages.overview,
            "/method": pages.method,
            "/status.json": status_json,
            "/status.schema.json": _schema,
            "/feed.atom": lambda request: feed(request, request.services, "/feed.atom"),
        }
        self._of_a_service: Mapping[str, Callable[[DocumentRequest, PublicService], Document]] = {
            "": pages.service,
            "badge.svg": badge,
            "feed.atom": _feed,
        }

    def make(self, path: str, request: DocumentRequest) -> Document | None:
        """The document at a path; None if there is none."""
        if (make := self._by_path.get(path)) is not None:
            return make(request)
        service_id, _, name = path.removeprefix(_SERVICES).partition("/")
        one = next((one for one in request.services if one.service.id == service_id), None)
        found = self._of_a_service.get(name)
        if one is None or found is None or not path.startswith(_SERVICES) or path.endswith("/"):
            return None
        return found(request, one)

    def missing(self, request: DocumentRequest) -> Document:
        """The document for any other path."""
        return self._pages.missing(request)


def _feed(request: DocumentRequest, one: PublicService) -> Document:
    return feed(request, [one], f"{_SERVICES}{one.service.id}/feed.atom")


def _schema(_request: DocumentRequest) -> Document:
    return Document(assets.read("status.schema.json").decode(), "application/schema+json")
