"""The health of the running bot: each part with its age and, if something is wrong, the reason for an operator."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.errors import StoreError
from bot.core.reports import MINUTE
from bot.core.service import Service
from bot.core.signals import SignalBoard
from bot.usecases.ports import Clock, Meta

TOO_MANY_WAITING = 1000
"""With this many waiting writes the database counts as too slow."""

SILENT_AFTER = 5 * MINUTE
"""Discord answers a heartbeat every 41 seconds, so after this silence the connection is dead."""

STUCK_AFTER = 2 * MINUTE
_PROBE_KEY = "health"
_ANSWERS_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """The health of one part. `why` is the fault, empty if `ok`. `facts` are ages (seconds) and counts."""

    name: str
    ok: bool
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Vitals:
    """Values that only the running parts have. Ages are in seconds, None for never."""

    connected: bool
    event_age: float | None
    tick_age: float | None
    waiting: int
    refused: int = 0
    """Requests that Discord refused in the last ten minutes."""
    breaker_open: bool = False
    """Whether the circuit breaker is open: so many requests were refused that only answers are sent."""


class Diagnose:
    """Checks every part. `followed` are the services that are followed now, `vitals` is called for each check."""

    def __init__(
        self, followed: Iterable[Service], signals: SignalBoard, meta: Meta, clock: Clock, vitals: Callable[[], Vitals]
    ) -> None:
        self._followed = followed
        self._signals = signals
        self._meta = meta
        self._clock = clock
        self._vitals = vitals

    async def alive(self) -> list[Check]:
        """Faults that a restart would repair.

        Sources are also listed, always as ok, because their faults are not ours.
        """
        vitals = self._vitals()
        return [_gateway(vitals), _watch(vitals), _writer(vitals), _requests(vitals), *self._sources()]

    async def ready(self) -> list[Check]:
        """Whether the bot can serve people now."""
        vitals = self._vitals()
        why = "" if vitals.connected else "not connected to Discord (yet, or any more)"
        discord = Check("discord", vitals.connected, why, {"last_event_age": _round(vitals.event_age)})
        breaker = replace(_requests(vitals), ok=not vitals.breaker_open)
        return [discord, await self._database(), _writer(vitals), breaker]

    async def _database(self) -> Check:
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                await self._meta.put(_PROBE_KEY, str(int(self._clock())))
        except StoreError as error:
            return Check("database", ok=False, why=str(error))
        except TimeoutError:
            return Check("database", ok=False, why=f"nothing was written within {_ANSWERS_WITHIN:.0f} s")
        return Check("database", ok=True)

    def _sources(self) -> list[Check]:
        now, checks = self._clock(), list[Check]()
        for service in self._followed:
            for source in service.sources:
                seen = self._signals.get(service.id, source.signal)
                facts = {
                    "state": seen.now.state if seen else "unknown",
                    "cause": seen.now.cause if seen else "not_yet",
                    "age": _round(now - seen.now.at) if seen else None,
                }
                checks.append(Check(f"{service.id} {source.signal}", ok=True, facts=facts))
        return checks


class Starting:
    """Used instead of `Diagnose` while the bot starts: alive, but not ready."""

    async def alive(self) -> list[Check]:
        """No faults that a restart would repair."""
        return []

    async def ready(self) -> list[Check]:
        """Not ready yet."""
        return [Check("start", ok=False, why="not started yet; a spare process waits here until shards are free")]


def _gateway(vitals: Vitals) -> Check:
    silent = vitals.event_age is not None and vitals.event_age > SILENT_AFTER
    why = f"nothing received from Discord for {vitals.event_age:.0f} s" if silent and vitals.event_age else ""
    return Check("gateway", not silent, why, {"last_event_age": _round(vitals.event_age)})


def _watch(vitals: Vitals) -> Check:
    stuck = vitals.tick_age is not None and vitals.tick_age > STUCK_AFTER
    why = f"the outage watch has not run for {vitals.tick_age:.0f} s" if stuck and vitals.tick_age else ""
    return Check("watch", not stuck, why, {"last_tick_age": _round(vitals.tick_age)})


def _writer(vitals: Vitals) -> Check:
    behind = vitals.waiting >= TOO_MANY_WAITING
    why = f"{vitals.waiting} writes are waiting: the disk is too slow" if behind else ""
    return Check("writer", not behind, why, {"waiting": vitals.waiting})


def _requests(vitals: Vitals) -> Check:
    # Always ok: a restart would only lose the count.
    why = (
        f"Discord refused {vitals.refused} requests in ten minutes: only answers are sent"
        if vitals.breaker_open
        else ""
    )
    return Check("requests", ok=True, why=why, facts={"refused": vitals.refused})


def _round(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 1)
