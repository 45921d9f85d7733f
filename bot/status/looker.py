"""Reads a source with its provider; every result is a Reading.

If we cannot connect to a probe's address, the service is down only if our own network is known to work. If we cannot
connect to an official page, the state is unknown: a fault of the page is not one of the service.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol, cast

from bot.core.service import Source
from bot.core.signals import NOT_CONNECTED, Cause, Reading, Signal, State
from bot.status import http_probe, statuspage
from bot.status.controls import Controls
from bot.status.fetch import Fetcher, FetchFailedError, HttpAnswer
from bot.status.pauses import Pause, pause_after

NOT_MODIFIED = 304
FULL_EVERY = 300.0
"""Seconds after which a page is asked for in full, even if its ETag stays the same: some ETags never change."""


class Provider(Protocol):
    """The functions of a provider module."""

    def url(self, source: Source) -> str:
        """The address to request."""
        ...

    def read(self, source: Source, answer: HttpAnswer, at: float) -> Reading:
        """Convert an answer to a reading. Never raises, whatever the answer contains."""
        ...


def _provider(module: ModuleType) -> Provider:
    return cast("Provider", module)


PROVIDERS = {"statuspage": _provider(statuspage), "http": _provider(http_probe)}


@dataclass(frozen=True, slots=True)
class _Cached:
    etag: str
    reading: Reading


class Looker:
    """The status source over HTTP. It remembers ETags, so that an unchanged page costs almost nothing.

    The reading of an unchanged page is as old as its content: the page says "unchanged", not what is true now.
    Without `controls` a connection failure always means unknown.
    """

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float], controls: Controls | None = None) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._controls = controls
        self._cache: dict[tuple[object, ...], _Cached] = {}
        self._pauses: dict[tuple[object, ...], Pause] = {}

    async def look(self, source: Source) -> Reading:
        """Read the source now; or return the last reading while the source has asked for a pause."""
        provider = PROVIDERS[source.kind]
        url = provider.url(source)
        # Sources with the same address may read it differently.
        key = (source.signal, source.kind, url, source.link, repr(sorted(source.expect.items())), source.components)
        pause = self._pauses.get(key)
        if pause is not None and pause.lasts(self._clock()):
            return pause.reading
        cached = self._recent(key)
        headers = {"Accept": "application/json"}
        if cached is not None:
            headers["If-None-Match"] = cached.etag
        try:
            answer = await self._fetcher.get(url, headers)
        except FetchFailedError as error:
            return await self._failed_reading(source, error)
        self._pauses.pop(key, None)
        if answer.status == NOT_MODIFIED and cached is not None:
            return cached.reading
        reading = provider.read(source, answer, self._clock())
        self._cache.pop(key, None)
        if reading.known and (etag := answer.headers.get("etag")):
            self._cache[key] = _Cached(etag, reading)
        if next_pause := pause_after(reading, answer.headers.get("retry-after", ""), pause):
            self._pauses[key] = next_pause
        return reading

    def _recent(self, key: tuple[object, ...]) -> _Cached | None:
        """The last reading with an ETag, unless it is time to ask for the whole page again."""
        cached = self._cache.get(key)
        return cached if cached is not None and abs(self._clock() - cached.reading.at) < FULL_EVERY else None

    async def _failed_reading(self, source: Source, error: FetchFailedError) -> Reading:
        state, cause, detail = State.UNKNOWN, error.cause, error.detail
        unconnected = not error.answered and cause in {*NOT_CONNECTED, Cause.UNREACHABLE}
        if unconnected and self._controls is not None:
            if not await self._controls.answer():
                cause, detail = Cause.OWN_NETWORK, ""
            elif source.signal is Signal.PROBE and source.kind == "http" and cause in NOT_CONNECTED:
                state = State.DOWN
        return Reading(source.signal, state, cause, self._clock(), source.link, detail)


@asynccontextmanager
async def open_looker(
    clock: Callable[[], float], *, allow_private: bool, control_urls: Sequence[str]
) -> AsyncGenerator[Looker]:
    """A looker with an open session. Without `control_urls` a connection failure always means unknown."""
    async with Fetcher(allow_private=allow_private) as fetcher:
        yield Looker(fetcher, clock, Controls(fetcher, control_urls, clock) if control_urls else None)
