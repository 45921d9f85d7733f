"""Recognises what kind of status page stands at an address, by asking for what each kind answers with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.core.service import AUTO, Source
from bot.core.signals import Cause, State
from bot.status.answers import Unread, document
from bot.status.fetch import Fetcher, FetchFailedError, HttpAnswer
from bot.status.registry import FALLBACK, PROVIDERS, Provider


@dataclass(frozen=True, slots=True)
class Found:
    """What a source is, with its first answer, if there was one.

    `sure` is false if it answers like no kind, or cannot say now: then it is taken for what the service file says.
    """

    source: Source
    answer: HttpAnswer | None
    sure: bool


async def recognise(fetcher: Fetcher, source: Source) -> Found:
    """What kind of page a source is.

    The kind in the service file is tried first, but for pages that pretend to be another. If an answer of that kind
    only says that something is wrong now, no other is asked for. Raises FetchFailedError if nothing could be asked.
    """
    taken_for = replace(source, kind=FALLBACK) if source.kind == AUTO else source
    asked: dict[tuple[object, ...], HttpAnswer] = {}
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
        read = await document(answer, provider.decode)
        if not isinstance(read, Unread) and provider.fits(read):
            return Found(replace(source, kind=kind, url=_root(url, source, provider)), answer, sure=True)
        if isinstance(read, Unread) and (read.cause is Cause.RATE_LIMITED or (kind == source.kind and _passes(read))):
            return Found(taken_for, answer, sure=False)
    return Found(taken_for, None, sure=False)


def _passes(read: Unread) -> bool:
    """Whether the answer only says that something is wrong now, rather than that this is another kind of page."""
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
    """What `urls` of this kind starts from."""
    return source.url if url in provider.urls(source) else url
