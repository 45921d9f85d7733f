"""Recognises the kind of status page at an address, by requesting the documents of each kind."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.core.service import AUTO, Source
from bot.core.signals import Cause, State
from bot.status.answers import Unread, document
from bot.status.fetch import Fetcher, FetchFailedError, HttpAnswer
from bot.status.registry import FALLBACK, PROVIDERS, Provider


@dataclass(frozen=True, slots=True)
class RecognisedSource:
    """The kind of a source, with its first answer, if there was one.

    `sure` is false if it answers like no kind, or cannot answer now: then the kind in the service file is assumed.
    `again`: another kind could not be asked just now, so it may only pretend to be this one.
    """

    source: Source
    answer: HttpAnswer | None
    sure: bool
    again: bool = False


async def recognise(fetcher: Fetcher, source: Source) -> RecognisedSource:
    """Find the kind of a source's page.

    The kind in the service file is tried first, except for pages that pretend to be another kind. If an answer of that
    kind only shows a temporary failure, no other kind is tried. A page that has moved may be of another kind at its new
    address, so it is recognised there. Raises FetchFailedError if no request succeeded.
    """
    found, moved = await _recognise(fetcher, source)
    if moved:
        with suppress(FetchFailedError):
            there, _ = await _recognise(fetcher, replace(source, url=moved))
            return there if there.sure else found
    return found


async def _recognise(fetcher: Fetcher, source: Source) -> tuple[RecognisedSource, str]:
    """Return the kind of the page at this address, and the address to which it has moved, if any."""
    taken_for = replace(source, kind=FALLBACK) if source.kind == AUTO else source
    asked: dict[tuple[object, ...], HttpAnswer] = {}
    moved, again = "", False
    for kind, url in _candidates(source):
        provider = PROVIDERS[kind]
        key = (url, provider.accept, provider.limit)
        try:
            if key not in asked:
                asked[key] = await fetcher.get(url, {"Accept": provider.accept}, limit=provider.limit)
        except FetchFailedError:
            if not asked:
                raise
            break
        answer = asked[key]
        moved = moved or _new_home(url, source, answer)
        read = await document(answer, provider.decode)
        if not isinstance(read, Unread) and provider.fits(read):
            there = replace(source, kind=kind, url=_root(url, source, provider))
            return RecognisedSource(there, answer, sure=True, again=again), moved
        if isinstance(read, Unread) and (read.cause is Cause.RATE_LIMITED or (kind == source.kind and _passes(read))):
            return RecognisedSource(taken_for, answer, sure=False), ""
        again = again or (isinstance(read, Unread) and read.cause is Cause.SERVER_ERROR)
    return RecognisedSource(taken_for, None, sure=False), moved


def _new_home(url: str, source: Source, answer: HttpAnswer) -> str:
    """The address of the page to which redirects led, if they led away from this one."""
    base = source.url.rstrip("/")
    path = url.removeprefix(base).partition("?")[0]
    home = answer.url.partition("?")[0].removesuffix(path).rstrip("/")
    return home if home and home != base else ""


def _passes(read: Unread) -> bool:
    """Whether the answer only shows a temporary failure, rather than another kind of page."""
    return read.state is not State.GONE and read.cause is not Cause.NOT_JSON


def _candidates(source: Source) -> Iterator[tuple[str, str]]:
    kinds = list(PROVIDERS)
    if source.kind not in {AUTO, FALLBACK}:
        kinds.sort(key=lambda kind: kind != source.kind)
    base = source.url.rstrip("/")
    for kind in kinds:
        for path in PROVIDERS[kind].paths:
            yield kind, base + path if path else source.url


def _root(url: str, source: Source, provider: Provider) -> str:
    """The base address for `urls` of this kind."""
    return source.url if url in provider.urls(source) else url
