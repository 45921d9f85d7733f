"""The peers: the running processes of this bot, and the state that only each of them knows."""

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
"""A process without a heartbeat for this many seconds counts as stopped."""


@dataclass(frozen=True, slots=True)
class _Heartbeat:
    at: float
    shards: int
    reachable: bool
    talk: Mapping[str, int]


class Peers:
    """Sends our heartbeat, and keeps those of the other processes.

    `reachable` says whether people can reach this process.
    """

    def __init__(
        self,
        events: EventStore,
        shards: Shards,
        talk: Mapping[str, Talk],
        reachable: Callable[[], bool],
        clock: Clock,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = events
        self._shards = shards
        self._talk = talk
        self._reachable = reachable
        self._clock = clock
        self._now = now
        self._heartbeats: dict[int, _Heartbeat] = {}
        self._left_at: dict[int, int] = {}

    async def send_heartbeat(self) -> None:
        """Send our heartbeat. Raises StoreError."""
        now = self._clock()
        self._sum_talk()
        talking = {service: talk.people_here(now) for service, talk in self._talk.items()}
        state = {"shards": len(self._shards.ids), "hears": self._reachable(), "talk": talking}
        await self._events.publish(PeerMessage.HEARTBEAT, state)

    def on_heartbeat(self, origin: int, state: Any) -> None:
        """Store the heartbeat of another process."""
        talking = {str(service): int(people) for service, people in state["talk"].items()}
        self._heartbeats[origin] = _Heartbeat(self._now(), int(state["shards"]), bool(state["hears"]), talking)
        self._sum_talk()

    def left(self, data: Any) -> None:
        """Note that a process has left a shard.

        `data` has the shard and the newest interaction that it still answers there.
        """
        shard, last = data
        self._left_at[int(shard)] = int(last)

    def left_at(self, shard: int) -> int:
        """The newest interaction in a shard that the previous process answers; 0 if unknown."""
        return self._left_at.get(shard, 0)

    def reachable(self) -> bool:
        """Whether people can reach us on at least half of all shards, including those of the other processes."""
        if self._shards.count is None:
            return self._reachable()
        reached = sum(heartbeat.shards for heartbeat in self._alive() if heartbeat.reachable)
        reached += len(self._shards.ids) if self._reachable() else 0
        return 2 * reached >= self._shards.count

    def _sum_talk(self) -> None:
        alive = self._alive()
        for service, talk in self._talk.items():
            talk.elsewhere = sum(heartbeat.talk.get(service, 0) for heartbeat in alive)

    def _alive(self) -> list[_Heartbeat]:
        now = self._now()
        self._heartbeats = {
            origin: heartbeat for origin, heartbeat in self._heartbeats.items() if now - heartbeat.at < GONE_AFTER
        }
        return list(self._heartbeats.values())
