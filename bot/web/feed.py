"""Outages as an Atom feed (RFC 4287): one entry each, which changes once when the outage is over."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.core.outage_life import ONGOING, Outage
from bot.core.service import Service
from bot.discord_ui.render import words
from bot.discord_ui.render.outage import headline
from bot.usecases.reports.public_state import PublicService
from bot.web.document import Document, DocumentRequest

_ATOM = "http://www.w3.org/2005/Atom"
_MOST = 50


def feed(request: DocumentRequest, services: Iterable[PublicService], path: str) -> Document:
    """The newest outages of these services. `path` is the path of the feed below the root."""
    found = [(outage, one.service) for one in services for outage in one.outages]
    newest = sorted(found, key=lambda pair: pair[0].began, reverse=True)[:_MOST]
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": request.texts.language})
    _add(root, "title", request.texts.say("Outages"))
    _add(root, "id", _id(path))
    _add(root, "updated", _when(max((_updated(outage) for outage, _ in newest), default=int(request.at))))
    SubElement(SubElement(root, "author"), "name").text = "NotJustYou"
    SubElement(root, "link", {"rel": "self", "href": f"{request.root}{path[1:]}{request.query}"})
    SubElement(root, "link", {"rel": "alternate", "href": f"{request.root}{request.query}"})
    for outage, service in newest:
        _entry(root, request, outage, service)
    text = tostring(root, "unicode")
    return Document(f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n', "application/atom+xml; charset=utf-8")


def _entry(root: Element, request: DocumentRequest, outage: Outage, service: Service) -> None:
    entry = SubElement(root, "entry")
    _add(entry, "id", _id(service.id, str(outage.began)))
    _add(entry, "title", headline(request.texts, service, outage))
    _add(entry, "published", _when(outage.began))
    _add(entry, "updated", _when(_updated(outage)))
    SubElement(entry, "link", {"rel": "alternate", "href": f"{request.root}services/{service.id}{request.query}"})
    _add(entry, "summary", _summary(request, outage))


def _summary(request: DocumentRequest, outage: Outage) -> str:
    texts = request.texts
    if outage.phase in ONGOING:
        return texts.say("Ongoing since {when}.", when=_utc(outage.began))
    lasted = texts.say("It lasted about {lasted}.", lasted=words.duration(texts, outage.lasted))
    people = words.people(texts, outage.peak, exact=False)
    return " ".join(
        (lasted, texts.say("Most in 15 minutes: {people}, at {when}.", people=people, when=_utc(outage.peak_at)))
    )


def _updated(outage: Outage) -> int:
    return (outage.detected or outage.began) if outage.ended is None else outage.ended


def _id(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "/".join(("https://notjustyou.invalid", *parts))).urn


def _when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
