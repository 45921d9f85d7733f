"""Looks at a source with the provider that understands it; every outcome is a Reading."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Protocol, cast

from bot.core.service import Source
from bot.core.signals import Reading, State
from bot.status import http_probe, statuspage
from bot.status.fetch import Answer, Fetcher, LookFailedError

NOT_MODIFIED = 304


class Provider(Protocol):
    """What a provider module offers: where to look, and what an answer means."""

    def url(self, source: Source) -> str:
        """Where to look."""
        ...

    def read(self, source: Source, answer: Answer, at: float) -> Reading:
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
    """The status source over HTTP; remembers ETags, so that an unchanged page costs next to nothing."""

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._cache: dict[tuple[object, ...], _Cached] = {}

    async def look(self, source: Source) -> Reading:
        """One look, now."""
        provider = PROVIDERS[source.kind]
        url = provider.url(source)
        # Sources may share an address and still read it differently.
        key = (source.signal, source.kind, url, source.link, tuple(sorted(source.expect.items())))
        cached = self._cache.get(key)
        headers = {"Accept": "application/json"}
        if cached is not None:
            headers["If-None-Match"] = cached.etag
        try:
            answer = await self._fetcher.get(url, headers)
        except LookFailedError as error:
            return Reading(source.signal, State.UNKNOWN, error.cause, self._clock(), source.link, error.detail)
        if answer.status == NOT_MODIFIED and cached is not None:
            return replace(cached.reading, at=self._clock())
        reading = provider.read(source, answer, self._clock())
        self._cache.pop(key, None)
        if reading.known and (etag := answer.headers.get("etag")):
            self._cache[key] = _Cached(etag, reading)
        return reading
