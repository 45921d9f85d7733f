"""The peers: the processes of this bot that are there, and what each of them sees and hears alone."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.shards import Shards
from bot.core.talk import Talk
from bot.usecases.cluster.events import PeerMessage
from bot.usecases.cluster.ports import EventStore
from bot.usecases.ports import Clock

HEARTBEAT_EVERY = 3.0
GONE_AFTER = 15.0
"""Seconds without a word after which a process does not count any more."""


@dataclass(frozen=True, slots=True)
class _Heartbeat:
    at: float
    shards: int
    hears: bool
    talk: Mapping[str, int]


class Peers:
    """Tells the others how we are, and knows how they are. `hears` says whether people can reach this process."""

    def __init__(
        self,
        events: EventStore,
        shards: Shards,
        talk: Mapping[str, Talk],
        hears: Callable[[], bool],
        clock: Clock,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = events
        self._shards = shards
        self._talk = talk
        self._hears = hears
        self._clock = clock
        self._now = now
        self._heartbeats: dict[int, _Heartbeat] = {}
        self._left_at: dict[int, int] = {}

    async def beat(self) -> None:
        """Tell the others. Raises StoreError."""
        now = self._clock()
        self._add_up()
        talking = {service: talk.heard(now) for service, talk in self._talk.items()}
        how = {"shards": len(self._shards.ids), "hears": self._hears(), "talk": talking}
        await self._events.tell(PeerMessage.HEARTBEAT, how)

    def heard(self, origin: int, how: Any) -> None:
        """Another process told how it is."""
        talking = {str(service): int(people) for service, people in how["talk"].items()}
        self._heartbeats[origin] = _Heartbeat(self._now(), int(how["shards"]), bool(how["hears"]), talking)
        self._add_up()

    def left(self, data: Any) -> None:
        """A process has left a shard to another; `last` is the newest interaction that it answers there."""
        shard, last = data
        self._left_at[int(shard)] = int(last)

    def left_at(self, shard: int) -> int:
        """The newest interaction in a shard that the process before us answered."""
        return self._left_at.get(shard, 0)

    def sighted(self) -> bool:
        """Whether people can reach us: on at least half of the shards, the others' included."""
        if self._shards.count is None:
            return self._hears()
        reached = sum(beat.shards for beat in self._there() if beat.hears)
        reached += len(self._shards.ids) if self._hears() else 0
        return 2 * reached >= self._shards.count

    def _add_up(self) -> None:
        there = self._there()
        for service, talk in self._talk.items():
            talk.elsewhere = sum(beat.talk.get(service, 0) for beat in there)

    def _there(self) -> list[_Heartbeat]:
        now = self._now()
        self._heartbeats = {origin: beat for origin, beat in self._heartbeats.items() if now - beat.at < GONE_AFTER}
        return list(self._heartbeats.values())
