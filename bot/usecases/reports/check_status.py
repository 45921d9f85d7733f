"""`/status`: reads every source now. At most one round per service runs at a time, with 10 seconds between two."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.core.service import Service
from bot.core.signals import Cause, Reading, SignalBoard, State
from bot.usecases.ports import Clock
from bot.usecases.reports.ports import StatusSource
from bot.usecases.tasks import cancel

MIN_GAP = 10.0
ReadingsListener = Callable[[Service, Sequence[Reading]], Awaitable[None]]
"""Called with the readings of each round."""


class CheckStatus:
    """Reads the sources of a service, puts the readings on the signal board, and calls `on_readings` with them."""

    def __init__(
        self, source: StatusSource, signals: SignalBoard, clock: Clock, on_readings: ReadingsListener | None = None
    ) -> None:
        self._source = source
        self._signals = signals
        self._clock = clock
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._last_read: dict[str, float] = {}
        self._on_readings = on_readings

    async def look(self, service: Service) -> None:
        """Read all sources, unless they were read in the last 10 seconds. A round that is running is joined."""
        round_ = self._rounds.get(service.id)
        if round_ is None:
            if abs(self._clock() - self._last_read.get(service.id, float("-inf"))) < MIN_GAP:
                return
            round_ = asyncio.create_task(self._read_all(service), name=f"look:{service.id}")
            self._rounds[service.id] = round_
            round_.add_done_callback(lambda _: self._rounds.pop(service.id))
        # Shielded: if one caller is cancelled, the round must go on for the others.
        await asyncio.shield(round_)

    def seen(self, service: Service) -> bool:
        """Whether all sources of the service were read at least once."""
        return all(self._signals.get(service.id, source.signal) for source in service.sources)

    def in_trouble(self, service: Service) -> bool:
        """Whether any source reports trouble or may be down; such services are polled more often."""
        seen_sources = [seen for source in service.sources if (seen := self._signals.get(service.id, source.signal))]
        now = self._clock()
        return any(s.now.troubled(now) or s.down_looks or s.now.cause is Cause.OWN_NETWORK for s in seen_sources)

    def gone(self, service: Service) -> bool:
        """Whether every source is gone; such services are polled less often."""
        seen_sources = [self._signals.get(service.id, source.signal) for source in service.sources]
        return bool(seen_sources) and all(seen and seen.now.state is State.GONE for seen in seen_sources)

    def forget(self, service_id: str) -> None:
        """Allow the next reading at once, because the sources of a service may have changed."""
        self._last_read.pop(service_id, None)

    async def close(self) -> None:
        """Cancel the rounds that are running."""
        await cancel(*self._rounds.values())

    async def _read_all(self, service: Service) -> None:
        try:
            readings = await asyncio.gather(*(self._source.look(s) for s in service.sources))
            for reading in readings:
                self._signals.put(service.id, reading)
            if self._on_readings is not None:
                await self._on_readings(service, readings)
        finally:
            self._last_read[service.id] = self._clock()
