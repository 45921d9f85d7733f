"""Renders the HTML of the page. Imported on the first visit, because it loads Jinja2."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.core.texts import Languages, Texts
from bot.usecases.reports.public_state import PublicService
from bot.web.assets import address
from bot.web.document import HTML, Document, DocumentRequest
from bot.web.markup import PageReader, moment
from bot.web.states import PageState
from bot.web.views import GRADES, ServiceView, service_view

TEMPLATES = Path(__file__).with_name("templates")


class Pages:
    """The pages as text. `languages` are the available languages."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages
        self._jinja = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals["asset"] = address
        for name in self._jinja.list_templates():
            self._jinja.get_template(name)

    def overview(self, request: DocumentRequest) -> Document:
        """All services, trouble first; with only one service, its details."""
        views = [service_view(request.texts, one) for one in request.services]
        if len(views) == 1:
            return self._service(request, views[0])
        views.sort(key=lambda view: list(PageState).index(view.state))
        return self._render("overview.html", request, views=views, headline=_headline(request.texts, views))

    def service(self, request: DocumentRequest, one: PublicService) -> Document:
        """The details of one service."""
        return self._service(request, service_view(request.texts, one))

    def method(self, request: DocumentRequest) -> Document:
        """The page about how we count."""
        grades = [(request.texts.say(word), request.texts.say(meaning)) for word, meaning in GRADES.values()]
        return self._render("method.html", request, grades=grades)

    def missing(self, request: DocumentRequest) -> Document:
        """The answer at any other path."""
        return self._render("missing.html", request, here=request.root)

    def _service(self, request: DocumentRequest, view: ServiceView) -> Document:
        return self._render("service.html", request, view=view)

    def _render(self, template: str, request: DocumentRequest, *, here: str = "", **values: Any) -> Document:
        """`here` is the address of the same page in another language."""
        texts, reader = request.texts, PageReader(request.texts.language, request.at)
        last = max((one.heard_at for one in request.services if one.heard_at is not None), default=None)
        text = self._jinja.get_template(template).render(
            say=texts.say,
            many=texts.many,
            language=texts.language,
            languages={tag: name for tag, name in self._languages.names().items() if tag != texts.language},
            query=request.query,
            root=request.root,
            here=here,
            as_of=moment(request.at, "f", reader),
            heard=all(one.heard for one in request.services),
            heard_at=None if last is None else moment(last, "R", reader),
            alone=len(request.services) == 1,
            **values,
        )
        return Document(text, HTML)


def _headline(texts: Texts, views: Sequence[ServiceView]) -> str:
    """All services in a few words."""
    troubled = sum(view.state in {PageState.OUTAGE, PageState.SOME} for view in views)
    if troubled:
        return texts.many("{n} service is having trouble", "{n} services are having trouble", troubled)
    if all(view.state is PageState.UNKNOWN for view in views):
        return texts.say("We can't tell right now")
    return texts.say("No known problems")
