"""Several processes of one bot on one PostgreSQL: claiming our shards, and following the other processes."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.core.errors import StoreError
from bot.core.service import Service
from bot.core.shards import WantedShards
from bot.core.signals import Reading
from bot.core.talk import Talk
from bot.discord_ui.connection.client import Client
from bot.discord_ui.connection.gateway import IDENTIFY_EVERY, IdentifyTurn, OwnTurns
from bot.discord_ui.connection.handover import Handover
from bot.jobs import Job, Supervisor
from bot.process import FatalError, Process
from bot.usecases.cluster import claim_shards, events
from bot.usecases.cluster.apply_events import ApplyEvents, Memory
from bot.usecases.cluster.claim_shards import ClaimShards
from bot.usecases.cluster.events import PeerMessage
from bot.usecases.cluster.leader import RENEW_EVERY, LeaseLeadership
from bot.usecases.cluster.peers import HEARTBEAT_EVERY, Peers
from bot.usecases.leadership import LeaseLostError
from bot.usecases.ports import Clock, Sleep
from bot.usecases.tasks import cancel

if TYPE_CHECKING:
    from bot.storage.cluster import Shared

PURGE_EVERY = 60.0
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Member:
    """A process that has claimed its shards, and the parts it shares with the others."""

    process: Process
    shared: "Shared"
    claim: ClaimShards
    leadership: LeaseLeadership

    def cluster(self, talk: Mapping[str, Talk], reachable: Callable[[], bool], clock: Clock) -> "Cluster":
        """This process among the others. `reachable` says whether people can reach it."""
        return Cluster(self, talk, reachable, clock)


@asynccontextmanager
async def claim_place(
    wanted: WantedShards, shared: "Shared", rng: random.Random, sleep: Sleep
) -> AsyncGenerator[Member]:
    """Claim the wanted shards, and keep them while this is open. Raises StoreError."""
    fatal, claim, leadership = FatalError(), ClaimShards(shared.leases, sleep), LeaseLeadership(shared.leases)
    shards = await claim.claim(wanted)

    async def keep() -> None:
        try:
            await claim.renew()
        except LeaseLostError as error:
            fatal.because(error)

    process = Process(
        shards,
        leadership,
        _shared_turns(shared, rng),
        Handover(shards.of, claim.coming),
        fatal,
        worker_id=shared.origin,
    )
    try:
        # Renew from the start, because loading millions of reports takes longer than a lease.
        async with Supervisor([_frequent("shards", keep, claim_shards.RENEW_EVERY)], rng):
            await shared.events.begin()
            _logger.info(
                "shards taken",
                extra={"shards": str(shards), "origin": shared.origin, "after_another": bool(claim.coming)},
            )
            yield Member(process, shared, claim, leadership)
    finally:
        with suppress(StoreError):
            await leadership.release()
            await claim.release()


def _shared_turns(shared: "Shared", rng: random.Random) -> IdentifyTurn:
    own = OwnTurns()

    async def turn(bucket: int) -> float:
        try:
            return await shared.leases.turn(f"identify {bucket}", IDENTIFY_EVERY)
        except StoreError as error:
            # We can answer people without the database. If two processes identify at once, Discord rejects one.
            _logger.warning(
                "could not coordinate identify slots with other processes; using a local schedule",
                extra={"error": str(error)},
            )
            return await own.turn(bucket) + rng.uniform(0, IDENTIFY_EVERY)

    return turn


class Cluster:
    """This process among the others. `reachable` says whether people can reach this process."""

    def __init__(self, member: Member, talk: Mapping[str, Talk], reachable: Callable[[], bool], clock: Clock) -> None:
        self._member = member
        self._peers = Peers(member.shared.events, member.process.shards, talk, reachable, clock)

    def reachable(self) -> bool:
        """Whether people can reach enough of the bot, including the other processes."""
        return self._peers.reachable()

    async def publish_readings(self, service: Service, readings: Sequence[Reading]) -> None:
        """Send the readings of our sources to the other processes. Never raises."""
        try:
            await self._member.shared.events.publish(PeerMessage.READINGS, events.readings(service.id, readings))
        except StoreError as error:
            _logger.warning("readings not sent to other processes", extra={"error": str(error)})

    @asynccontextmanager
    async def follow(self, memory: Memory) -> AsyncGenerator["Following"]:
        """Apply the changes of others to `memory` while this is open."""
        shared = self._member.shared
        apply = ApplyEvents(shared.events, memory, self._peers, self._member.process.fatal.because)
        async with apply:
            listening = asyncio.create_task(shared.listen(apply.wake), name="listen")
            try:
                yield Following(self._member, memory, self._peers, apply)
            finally:
                await cancel(listening)


class Following:
    """A process that follows the others: its jobs, and the handover of shards."""

    def __init__(self, member: Member, memory: Memory, peers: Peers, apply: ApplyEvents) -> None:
        self._member = member
        self._memory = memory
        self._peers = peers
        self._apply = apply

    def jobs(self) -> list[Job]:
        """The jobs that keep this process a member of the cluster."""
        return [
            Job("lead", self._renew_leadership, lambda: self._member.leadership.pause, longest_pause=RENEW_EVERY),
            _frequent("heartbeat", self._peers.send_heartbeat, HEARTBEAT_EVERY),
            Job("purge events", self._purge, PURGE_EVERY),
        ]

    async def catch_up(self) -> None:
        """Apply all changes of other processes so far. Raises StoreError."""
        await self._apply.catch_up()

    async def arrive(self, client: Client) -> None:
        """Take over from the previous process, if there is one: each shard once we are connected to it.

        Raises StoreError.
        """
        member = self._member
        if not member.claim.coming:
            return

        async def begin(shard: int) -> None:
            await self._apply.catch_up()
            # Changes of these are not published, because only the process with the server uses them. Until now that was
            # the previous process, so load them again.
            for cache in (self._memory.caches.replies, self._memory.caches.rules, self._memory.caches.closed):
                await cache.load()
            member.process.handover.begin(shard, self._peers.left_at(shard))
            await self._memory.simulate.end_unplayed()

        def connected(shard: int) -> bool:
            return client.has_shard(shard) if member.process.shards.count is not None else client.connected

        await member.claim.arrive(connected, begin)
        _logger.info("took over the shards of the previous process")

    async def leave(self) -> None:
        """If another process waits for our shards, keep running until it is connected. Raises StoreError."""
        member = self._member

        async def leave(shard: int) -> None:
            await member.shared.events.publish(PeerMessage.SHARD_LEFT, [shard, member.process.handover.leave(shard)])

        await member.claim.hand_over(leave)

    async def _renew_leadership(self) -> None:
        await self._member.leadership.renew(self._take_over)

    async def _take_over(self) -> None:
        # The previous leader can no longer write: the fencing token of the lease prevents it.
        await self._apply.catch_up()
        await self._memory.watch.take_over()

    async def _purge(self) -> None:
        if self._member.leadership.is_leader:
            await self._member.shared.events.purge()


def forgotten_elsewhere(shared: "Shared") -> Callable[[int], Awaitable[None]]:
    """A function that notifies the other processes that all data about a person was deleted."""
    return partial(shared.events.publish, PeerMessage.FORGOTTEN)


def _frequent(name: str, work: Callable[[], Awaitable[None]], every: float) -> Job:
    return Job(name, work, every, longest_pause=every)
