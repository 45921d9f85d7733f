"""Examines an address for a new service: the kind of status page, and its parts."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from bot.core.service import AUTO, HTTP, JSON, Healthy, Source
from bot.core.signals import Reading, Signal, State
from bot.status import probe
from bot.status.answers import Unread, document
from bot.status.fetch import Fetcher, FetchFailedError, HttpAnswer
from bot.status.page import OfficialPage, reading_of
from bot.status.recognise import RecognisedSource, recognise
from bot.status.registry import PROVIDERS

_MOST_LINKS = 5
_LINK = re.compile(rb"""<a\s[^>]*?href\s*=\s*["']([^"']{1,300})["']""", re.IGNORECASE)
_HEALTH = ("/health", "/healthz", "/api/health", "/api/status", "/status.json", "/ping")
_WELL = frozenset(
    {"ok", "okay", "up", "healthy", "pass", "passing", "operational", "available", "running", "alive", "good", "online"}
)
_SAYS_SO = frozenset({"ok", "healthy", "status", "state", "health", "alive", "up", "success", "available", "online"})


@dataclass(frozen=True, slots=True)
class Examined:
    """A readable page: the source, the names of its parts, and its current reading.

    Some pages only name parts in trouble; then the list is not `complete`.
    """

    source: Source
    parts: Sequence[str]
    reading: Reading
    page: OfficialPage

    @property
    def complete(self) -> bool:
        """Whether these are all of its parts."""
        return self.page.complete

    def reading_of(self, parts: Sequence[str]) -> Reading:
        """What the page says of these parts."""
        return reading_of(replace(self.source, components=tuple(parts)), self.page, self.reading.at)


async def find_page(fetcher: Fetcher, url: str, at: float) -> Examined | None:
    """The status page at this address, or the one that the website there links to. Raises FetchFailedError."""
    found = await examine(fetcher, Source(Signal.OFFICIAL, AUTO, url), at)
    if found is not None:
        return found
    for address in await _candidates(fetcher, url):
        try:
            found = await examine(fetcher, Source(Signal.OFFICIAL, AUTO, address), at)
        except FetchFailedError:
            continue
        if found is not None:
            return found
    return None


async def examine(fetcher: Fetcher, source: Source, at: float) -> Examined | None:
    """Examine the page at a source; None if it answers like none of the known kinds. Raises FetchFailedError."""
    known = RecognisedSource(source, None, sure=True) if source.kind == JSON else await recognise(fetcher, source)
    if not known.sure:
        return None
    provider = PROVIDERS[known.source.kind]
    headers = {"Accept": provider.accept}
    answers = [await fetcher.get(url, headers, limit=provider.limit) for url in provider.urls(known.source)]
    documents: list[Any] = [await document(answer, provider.decode) for answer in answers]
    if isinstance(documents[0], Unread):
        return None
    page = provider.read(known.source, documents, at)
    if page is None:
        return None
    read = replace(known.source, link=source.link or source.url)
    parts = dict.fromkeys(part.name for part in page.parts if part.name and not part.group)
    return Examined(read, list(parts), reading_of(read, page, at), page)


async def find_probe(fetcher: Fetcher, website: str) -> Source | None:
    """Find a URL on the website that answers with JSON of a healthy service. Never raises."""
    for path in _HEALTH:
        try:
            found = await as_probe(fetcher, urljoin(website, path))
        except FetchFailedError:
            return None
        if found is not None and found.expect:
            return found
    return None


async def as_probe(fetcher: Fetcher, url: str) -> Source | None:
    """A probe of this address; None if its answer does not show the service's health. Raises FetchFailedError."""
    source = Source(Signal.PROBE, HTTP, url)
    answer = await fetcher.get(url, {"Accept": "application/json"})
    source = replace(source, expect=_healthy_members(answer))
    return source if probe.read(source, answer, 0.0).state is State.UP else None


def _healthy_members(answer: HttpAnswer) -> dict[str, Healthy]:
    """The members of a JSON answer that say that all is well."""
    try:
        data: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    members = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    return {name: value for name, value in members.items() if len(name) <= 40 and _is_well(name, value)}  # noqa: PLR2004 - no name is longer


def _is_well(name: str, value: Any) -> bool:
    if isinstance(value, str):
        return value.casefold() in _WELL
    return value is True and name.casefold() in _SAYS_SO


async def _candidates(fetcher: Fetcher, url: str) -> list[str]:
    """Possible addresses of a website's status page: its links with that name, and the usual host."""
    try:
        answer = await fetcher.get(url, {"Accept": "text/html"})
    except FetchFailedError:
        return []
    found = list(dict.fromkeys(_links(url, answer)))[:_MOST_LINKS]
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    usual = [f"https://status.{host}"] if re.search(r"\.[a-z]{2,}$", host) and parts.port is None else []
    return [*found, *usual]


def _links(url: str, answer: HttpAnswer) -> Iterator[str]:
    for match in _LINK.finditer(answer.body):
        address = urljoin(url, unescape(match[1].decode("utf-8", "replace")).strip())
        parts = urlsplit(address)
        if parts.scheme in {"http", "https"} and "status" in f"{parts.hostname or ''}{parts.path}".casefold():
            yield address.partition("#")[0].rstrip("/")
