"""How we are: each part with its age and, where something is wrong, the reason in words for an operator."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.errors import StoreError
from bot.core.reports import MINUTE
from bot.core.signals import SignalBoard
from bot.usecases.ports import Clock, Meta
from bot.usecases.services import Services

MOST_WAITING = 1000
"""Writes that may wait before the database counts as not keeping up."""

SILENT_AFTER = 5 * MINUTE
"""Discord's heartbeat is answered every 41 seconds: a longer silence is a dead connection."""

STUCK_AFTER = 2 * MINUTE
_PROBE_KEY = "health"
_ANSWERS_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One part: `why` says what is wrong, and is empty while it is `ok`. `facts` are ages (seconds) and counts."""

    name: str
    ok: bool
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Vitals:
    """What only the running parts know; ages in seconds, None for never."""

    connected: bool
    event_age: float | None
    tick_age: float | None
    waiting: int
    refused: int = 0
    """Requests that Discord refused in the last ten minutes."""
    braked: bool = False
    """Whether so many were refused that we send none but answers."""


class Diagnose:
    """Asks every part. `vitals` are asked for at each look."""

    def __init__(
        self, services: Services, signals: SignalBoard, meta: Meta, clock: Clock, vitals: Callable[[], Vitals]
    ) -> None:
        self._services = services
        self._signals = signals
        self._meta = meta
        self._clock = clock
        self._vitals = vitals

    async def alive(self) -> list[Check]:
        """What a restart would mend; the sources are told, but their trouble is theirs."""
        vitals = self._vitals()
        return [_gateway(vitals), _watch(vitals), _writer(vitals), _requests(vitals), *self._sources()]

    async def ready(self) -> list[Check]:
        """Whether people are served now."""
        vitals = self._vitals()
        why = "" if vitals.connected else "not connected to Discord (yet, or any more)"
        discord = Check("discord", vitals.connected, why, {"last_event_age": _round(vitals.event_age)})
        breaker = replace(_requests(vitals), ok=not vitals.braked)
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
        for service in self._services:
            for source in service.sources:
                held = self._signals.get(service.id, source.signal)
                facts = {
                    "state": held.now.state if held else "unknown",
                    "cause": held.now.cause if held else "not_yet",
                    "age": _round(now - held.now.at) if held else None,
                }
                checks.append(Check(f"{service.id} {source.signal}", ok=True, facts=facts))
        return checks


class Starting:
    """Stands where `Diagnose` will, until there are parts to ask: alive, and not ready."""

    async def alive(self) -> list[Check]:
        """Nothing that a restart would mend."""
        return []

    async def ready(self) -> list[Check]:
        """Not yet."""
        return [Check("start", ok=False, why="not started yet; a spare waits here until there are shards for it")]


def _gateway(vitals: Vitals) -> Check:
    silent = vitals.event_age is not None and vitals.event_age > SILENT_AFTER
    why = f"no word from Discord for {vitals.event_age:.0f} s" if silent and vitals.event_age else ""
    return Check("gateway", not silent, why, {"last_event_age": _round(vitals.event_age)})


def _watch(vitals: Vitals) -> Check:
    stuck = vitals.tick_age is not None and vitals.tick_age > STUCK_AFTER
    why = f"the watch has not run for {vitals.tick_age:.0f} s" if stuck and vitals.tick_age else ""
    return Check("watch", not stuck, why, {"last_tick_age": _round(vitals.tick_age)})


def _writer(vitals: Vitals) -> Check:
    behind = vitals.waiting >= MOST_WAITING
    why = f"{vitals.waiting} writes are waiting: the disk does not keep up" if behind else ""
    return Check("writer", not behind, why, {"waiting": vitals.waiting})


def _requests(vitals: Vitals) -> Check:
    # A restart would only forget the count: this is never a reason for one.
    why = f"Discord refused {vitals.refused} requests in ten minutes: only answers are sent" if vitals.braked else ""
    return Check("requests", ok=True, why=why, facts={"refused": vitals.refused})


def _round(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 1)
