"""`/status`: a live look at every source. At most one flight per service, and 10 seconds between two."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.core.service import Service
from bot.core.signals import TROUBLE, Cause, Reading, SignalBoard, State
from bot.usecases.ports import Clock
from bot.usecases.reports.ports import StatusSource

MIN_GAP = 10.0
Looked = Callable[[Service, Sequence[Reading]], Awaitable[None]]
"""Is given the readings of each look."""


class CheckStatus:
    """Looks at the sources of a service and keeps the readings on the signal board; `looked` is given each look."""

    def __init__(self, source: StatusSource, signals: SignalBoard, clock: Clock, looked: Looked | None = None) -> None:
        self._source = source
        self._signals = signals
        self._clock = clock
        self._flights: dict[str, asyncio.Task[None]] = {}
        self._looked_at: dict[str, float] = {}
        self._looked = looked

    async def look(self, service: Service) -> None:
        """Take a fresh look, unless one was taken less than 10 seconds ago; join one that is under way."""
        flight = self._flights.get(service.id)
        if flight is None:
            if abs(self._clock() - self._looked_at.get(service.id, float("-inf"))) < MIN_GAP:
                return
            flight = asyncio.create_task(self._fly(service), name=f"look:{service.id}")
            self._flights[service.id] = flight
            flight.add_done_callback(lambda _: self._flights.pop(service.id))
        # Shielded: one impatient asker must not cut the flight short for the others.
        await asyncio.shield(flight)

    def seen(self, service: Service) -> bool:
        """Whether anybody has looked at all its sources."""
        return all(self._signals.get(service.id, source.signal) for source in service.sources)

    def in_trouble(self, service: Service) -> bool:
        """Whether any source says so now, or could not be connected to; such services are looked at more often."""
        held = [seen for source in service.sources if (seen := self._signals.get(service.id, source.signal))]
        return any(one.now.state in TROUBLE or one.unreached or one.now.cause is Cause.OWN_NETWORK for one in held)

    def gone(self, service: Service) -> bool:
        """Whether every source is gone; such services are looked at less often."""
        held = [self._signals.get(service.id, source.signal) for source in service.sources]
        return bool(held) and all(seen and seen.now.state is State.GONE for seen in held)

    async def close(self) -> None:
        """End flights that are under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _fly(self, service: Service) -> None:
        try:
            readings = await asyncio.gather(*(self._source.look(s) for s in service.sources))
            for reading in readings:
                self._signals.put(service.id, reading)
            if self._looked is not None:
                await self._looked(service, readings)
        finally:
            self._looked_at[service.id] = self._clock()
