"""*Simulate an outage*: a quarter of an hour of invented reports, seen by a real detector, told to one server.

Everything after the reports is the real thing: detector, outage, posts, announcer. Its minutes lie in the last
three quarters of an hour, so that its times read as past, and pass much faster than real ones.
"""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from bot.core.outage_life import Look, Outage, Phase, advance
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE

QUIET_DAYS = 3
_BEFORE, _OUTAGE = 2, 12
_BEGINS_AGO = 45 * MINUTE
_USUAL = 1 / 30
"""People a minute before the invented outage."""


class Simulation:
    """An outage that is none. `outage` is what was last written of it."""

    def __init__(self, service_id: str, guild_id: int, channel_id: int, now: float, rng: random.Random) -> None:
        """Let the detector learn invented quiet days; takes some tenths of a second, so call it in a thread."""
        self.service_id = service_id
        self.guild_id = guild_id
        self.channel_id = channel_id
        self.outage: Outage | None = None
        self._rng = rng
        self._minute = int(now - _BEGINS_AGO) // MINUTE
        self._detector = OutageDetector()
        self._quarter: deque[int] = deque(maxlen=15)
        for minute in range(self._minute - QUIET_DAYS * DAY // MINUTE, self._minute):
            self._see(minute, int(rng.random() < _USUAL))
        self._script = self._minutes()

    def step(self) -> Outage | None:
        """The outage after another invented minute; None while there is nothing to tell."""
        outage = self._next()
        while outage is not None and outage.phase is Phase.RECOVERING and self.outage is not None:
            if self.outage.phase is not Phase.RECOVERING:
                return outage
            outage = self._next(outage)  # the half hour in which it might come back passes at once
        return outage

    def _next(self, before: Outage | None = None) -> Outage | None:
        newly = next(self._script)
        self._see(self._minute, newly)
        look = Look.by(self._detector, self._minute, newly, self._servers())
        self._minute += 1
        after = advance(before or self.outage, look, self.service_id)
        return None if after is None else replace(after, guild_id=self.guild_id)

    def _see(self, minute: int, newly: int) -> None:
        self._quarter.append(newly)
        self._detector.update(minute, newly, self._servers())

    def _servers(self) -> int:
        # Each invented person sits in a server of their own, up to six.
        return min(6, sum(self._quarter))

    def _minutes(self) -> Iterator[int]:
        yield from (0 for _ in range(_BEFORE))
        yield from (self._rng.randint(3, 7) for _ in range(_OUTAGE))
        while True:
            yield 0
