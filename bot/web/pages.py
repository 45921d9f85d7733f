"""Renders the HTML of the page. Imported on the first visit, because it loads Jinja2."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.core.texts import Languages, Texts
from bot.usecases.reports.public_state import PublicService
from bot.web.assets import address
from bot.web.document import HTML, Asked, Document
from bot.web.markup import Reader, moment
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

    def overview(self, asked: Asked) -> Document:
        """All services, trouble first; with only one service, its details."""
        views = [service_view(asked.texts, one) for one in asked.services]
        if len(views) == 1:
            return self._service(asked, views[0])
        views.sort(key=lambda view: list(PageState).index(view.state))
        return self._render("overview.html", asked, views=views, headline=_headline(asked.texts, views))

    def service(self, asked: Asked, one: PublicService) -> Document:
        """The details of one service."""
        return self._service(asked, service_view(asked.texts, one))

    def method(self, asked: Asked) -> Document:
        """The page about how we count."""
        grades = [(asked.texts.say(word), asked.texts.say(meaning)) for word, meaning in GRADES.values()]
        return self._render("method.html", asked, grades=grades)

    def missing(self, asked: Asked) -> Document:
        """The answer at any other path."""
        return self._render("missing.html", asked, here=asked.root)

    def _service(self, asked: Asked, view: ServiceView) -> Document:
        return self._render("service.html", asked, view=view)

    def _render(self, template: str, asked: Asked, *, here: str = "", **values: Any) -> Document:
        """`here` is the address of the same page in another language."""
        texts, reader = asked.texts, Reader(asked.texts.language, asked.at)
        last = max((one.heard_at for one in asked.services if one.heard_at is not None), default=None)
        text = self._jinja.get_template(template).render(
            say=texts.say,
            many=texts.many,
            language=texts.language,
            languages={tag: name for tag, name in self._languages.names().items() if tag != texts.language},
            query=asked.query,
            root=asked.root,
            here=here,
            as_of=moment(asked.at, "f", reader),
            heard=all(one.heard for one in asked.services),
            heard_at=None if last is None else moment(last, "R", reader),
            alone=len(asked.services) == 1,
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
