"""Reads a source with its provider; every result is a Reading.

If we cannot connect to a probe's address, the service is only down if our own network is known to work. If we cannot
connect to an official page, the state is unknown: a fault of the page is not a fault of the service.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bot.core.service import HTTP, JSON, Source
from bot.core.signals import NOT_CONNECTED, Cause, Reading, Signal, State
from bot.status import probe
from bot.status.answers import Unread, document
from bot.status.controls import Controls
from bot.status.fetch import Fetcher, FetchFailedError, HttpAnswer
from bot.status.page import reading_of
from bot.status.pauses import Pause, pause_after
from bot.status.recognise import RecognisedSource, recognise
from bot.status.registry import PROVIDERS

NOT_MODIFIED = 304
FULL_EVERY = 300.0
"""Seconds after which a page is requested in full, even if its ETag stays the same: some ETags never change."""
RECOGNISED_FOR = 86_400.0
"""Seconds after which the kind of a page is determined again."""
LOST_FOR = 900.0
"""The same for a page that does not, or no longer, answer like a known kind."""
_LOST = frozenset({Cause.PAGE_GONE, Cause.NOT_JSON, Cause.WRONG_SHAPE})

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Cached:
    etag: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Recognised:
    """The kind that a source was found to be, with the time; only assumed if `sure` is false."""

    source: Source
    at: float
    sure: bool


class Looker:
    """The status source over HTTP. It remembers ETags, so that an unchanged page costs almost nothing.

    The reading of an unchanged page has the time of its content: "unchanged" says nothing about the present.
    Without `controls` a connection failure always means unknown.
    """

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float], controls: Controls | None = None) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._controls = controls
        self._recognised: dict[_Key, _Recognised] = {}
        self._cache: dict[_Key, _Cached] = {}
        self._pauses: dict[_Key, Pause] = {}

    async def look(self, source: Source) -> Reading:
        """Read the source now, or return the last reading while the source requests a pause."""
        key = _key(source)
        pause = self._pauses.get(key)
        if pause is not None and pause.lasts(self._clock()):
            return pause.reading
        try:
            reading, retry_after = await self._read(source, key)
        except FetchFailedError as error:
            return await self._failed_reading(source, error)
        self._pauses.pop(key, None)
        if next_pause := pause_after(reading, retry_after, pause):
            self._pauses[key] = next_pause
        return reading

    def seen_as(self, source: Source) -> Source:
        """The source with its recognised kind and the address that is read."""
        known = self._recognised.get(_key(source))
        return known.source if known is not None else source

    async def _read(self, source: Source, key: _Key) -> tuple[Reading, str]:
        """A reading, and the requested pause."""
        if source.kind == HTTP:
            answer = await self._fetcher.get(probe.url(source), {"Accept": "application/json"})
            return probe.read(source, answer, self._clock()), answer.headers.get("retry-after", "")
        known, first = await self._recognise(source, key)
        reading, retry_after = await self._read_page(known.source, key, first)
        if reading.cause in _LOST and abs(self._clock() - known.at) >= LOST_FOR:
            self._recognised.pop(key)
            known, first = await self._recognise(source, key)
            reading, retry_after = await self._read_page(known.source, key, first)
        if reading.cause in _LOST:
            # If it answers again, it may be another kind that pretends to be this one.
            self._recognised[key] = replace(known, sure=False)
        return reading, retry_after

    async def _recognise(self, source: Source, key: _Key) -> tuple[_Recognised, HttpAnswer | None]:
        """The kind of the source, and its answer if it was just requested."""
        known = self._recognised.get(key)
        if known is not None and abs(self._clock() - known.at) < (RECOGNISED_FOR if known.sure else LOST_FOR):
            return known, None
        found = (
            RecognisedSource(source, None, sure=True) if source.kind == JSON else await recognise(self._fetcher, source)
        )
        known = self._recognised[key] = _Recognised(found.source, self._clock(), found.sure and not found.again)
        return known, found.answer

    async def _read_page(self, source: Source, key: _Key, first: HttpAnswer | None) -> tuple[Reading, str]:
        provider = PROVIDERS[source.kind]
        urls = provider.urls(source)
        cached = self._recent(key) if len(urls) == 1 else None
        headers = {"Accept": provider.accept}
        if cached is not None:
            headers["If-None-Match"] = cached.etag
        first = first or await self._fetcher.get(urls[0], headers, limit=provider.limit)
        if first.status == NOT_MODIFIED and cached is not None:
            return cached.reading, ""
        more = [await self._more(url, source, headers, provider.limit) for url in urls[1:]]
        reading = await _read(source, [first, *more], self._clock())
        self._cache.pop(key, None)
        if reading.known and (etag := first.headers.get("etag")):
            self._cache[key] = _Cached(etag, reading)
        return reading, first.headers.get("retry-after", "")

    async def _more(self, url: str, source: Source, headers: Mapping[str, str], limit: int) -> HttpAnswer:
        """A further document of a page. One that cannot be fetched is missing, unless our parts may stand in it."""
        try:
            return await self._fetcher.get(url, headers, limit=limit)
        except FetchFailedError:
            if source.components:
                raise
            return HttpAnswer(0, b"", {})

    def _recent(self, key: _Key) -> _Cached | None:
        """The last reading with an ETag, unless the full page is due again."""
        cached = self._cache.get(key)
        return cached if cached is not None and abs(self._clock() - cached.reading.at) < FULL_EVERY else None

    async def _failed_reading(self, source: Source, error: FetchFailedError) -> Reading:
        state, cause, detail = State.UNKNOWN, error.cause, error.detail
        unconnected = not error.answered and cause in {*NOT_CONNECTED, Cause.UNREACHABLE}
        if unconnected and self._controls is not None:
            if not await self._controls.answer():
                cause, detail = Cause.OWN_NETWORK, ""
            elif source.signal is Signal.PROBE and source.kind == HTTP and cause in NOT_CONNECTED:
                state = State.DOWN
        return Reading(source.signal, state, cause, self._clock(), source.link, detail)


def _key(source: Source) -> _Key:
    """Sources with the same address may read it differently."""
    rules = (repr(sorted(source.expect.items())), source.pointer, repr(source.states))
    return (source.signal, source.kind, source.url, source.link, source.components, *rules)


async def _read(source: Source, answers: Sequence[HttpAnswer], at: float) -> Reading:
    """Convert answers to a reading. Never raises, whatever they contain.

    Only the first answer must be valid; the others add parts or incidents.
    """
    provider = PROVIDERS[source.kind]
    documents: list[Any] = [await document(answer, provider.decode) for answer in answers]
    first = documents[0]
    if isinstance(first, Unread):
        return Reading(source.signal, first.state, first.cause, at, source.link, first.detail)
    page = provider.read(source, documents, at)
    if page is None:
        return Reading(source.signal, State.UNKNOWN, Cause.WRONG_SHAPE, at, source.link)
    return reading_of(source, page, at)


@asynccontextmanager
async def open_looker(
    clock: Callable[[], float], *, allow_private: bool, control_urls: Sequence[str]
) -> AsyncGenerator[Looker]:
    """A looker with an open session. Without `control_urls` a connection failure always means unknown."""
    async with Fetcher(allow_private=allow_private) as fetcher:
        yield Looker(fetcher, clock, Controls(fetcher, control_urls, clock) if control_urls else None)
