"""Looks at a source with the provider that understands it; every outcome is a Reading.

A probe that cannot be connected to is down only if our own network is known to work; an official page that
cannot be connected to is unknown, for a page's fault is not the service's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Protocol, cast

from bot.core.service import Source
from bot.core.signals import NOT_CONNECTED, Cause, Reading, Signal, State
from bot.status import http_probe, statuspage
from bot.status.controls import Controls
from bot.status.fetch import Fetcher, HttpAnswer, LookFailedError
from bot.status.rest import Rest, rest_after

NOT_MODIFIED = 304


class Provider(Protocol):
    """What a provider module offers: where to look, and what an answer means."""

    def url(self, source: Source) -> str:
        """Where to look."""
        ...

    def read(self, source: Source, answer: HttpAnswer, at: float) -> Reading:
        """What the answer means. Never raises for what it holds."""
        ...


def _provider(module: ModuleType) -> Provider:
    return cast("Provider", module)


PROVIDERS = {"statuspage": _provider(statuspage), "http": _provider(http_probe)}


@dataclass(frozen=True, slots=True)
class _Cached:
    etag: str
    reading: Reading


class Looker:
    """The status source over HTTP; remembers ETags, so that an unchanged page costs next to nothing.

    Without `controls` a fault of the connection is never more than unknown.
    """

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float], controls: Controls | None = None) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._controls = controls
        self._cache: dict[tuple[object, ...], _Cached] = {}
        self._rests: dict[tuple[object, ...], Rest] = {}

    async def look(self, source: Source) -> Reading:
        """One look, now; or the last one, while a source that asked for fewer requests is left alone."""
        provider = PROVIDERS[source.kind]
        url = provider.url(source)
        # Sources may share an address and still read it differently.
        key = (source.signal, source.kind, url, source.link, tuple(sorted(source.expect.items())))
        rest = self._rests.get(key)
        if rest is not None and rest.lasts(self._clock()):
            return rest.reading
        cached = self._cache.get(key)
        headers = {"Accept": "application/json"}
        if cached is not None:
            headers["If-None-Match"] = cached.etag
        try:
            answer = await self._fetcher.get(url, headers)
        except LookFailedError as error:
            return await self._failed(source, error)
        self._rests.pop(key, None)
        if answer.status == NOT_MODIFIED and cached is not None:
            return replace(cached.reading, at=self._clock())
        reading = provider.read(source, answer, self._clock())
        self._cache.pop(key, None)
        if reading.known and (etag := answer.headers.get("etag")):
            self._cache[key] = _Cached(etag, reading)
        if longer := rest_after(reading, answer.headers.get("retry-after", ""), rest):
            self._rests[key] = longer
        return reading

    async def _failed(self, source: Source, error: LookFailedError) -> Reading:
        state, cause, detail = State.UNKNOWN, error.cause, error.detail
        unconnected = not error.answered and cause in {*NOT_CONNECTED, Cause.UNREACHABLE}
        if unconnected and self._controls is not None:
            if not await self._controls.answer():
                cause, detail = Cause.OWN_NETWORK, ""
            elif source.signal is Signal.PROBE and source.kind == "http" and cause in NOT_CONNECTED:
                state = State.DOWN
        return Reading(source.signal, state, cause, self._clock(), source.link, detail)
