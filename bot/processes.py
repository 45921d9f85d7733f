"""Several processes of one bot: which shards this one has, whether it decides, what it hears of the others.

On a SQLite file there is one process, which has and decides all.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from bot.core.errors import NotJustYouError, StoreError
from bot.core.service import Service
from bot.core.shards import Shards, Wanted
from bot.core.signals import Reading
from bot.discord_ui.connection.client import Client
from bot.discord_ui.connection.gateway import IDENTIFY_EVERY, IdentifyTurn, OwnTurns
from bot.discord_ui.connection.handover import Handover
from bot.jobs import Job, Supervisor
from bot.usecases.cluster import claim_shards, events
from bot.usecases.cluster.apply_events import ApplyEvents, Memory
from bot.usecases.cluster.claim_shards import ClaimShards, Sleep
from bot.usecases.cluster.leader import RENEW_EVERY, LeasedLead
from bot.usecases.cluster.peers import HEARTBEAT_EVERY, Peers
from bot.usecases.cluster.ports import LeaseLostError, Shared
from bot.usecases.lead import Alone, Lead, Observer
from bot.usecases.reports.check_status import CheckStatus

PURGE_EVERY = 60.0
_LOOK_EVERY = 0.05
_log = structlog.get_logger(__name__)


class FatalError:
    """Why this process cannot go on; its next start can. The first reason stands."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.reason: NotJustYouError | None = None

    def because(self, reason: NotJustYouError) -> None:
        """It is over."""
        if self.reason is None:
            _log.critical("this process cannot go on", why=str(reason))
            self.reason = reason
            self.event.set()


@dataclass(frozen=True, slots=True)
class Place:
    """This process's place among those of the bot. Alone, it has no `shared` and no `claim`."""

    shards: Shards
    lead: Lead
    turn: IdentifyTurn
    handover: Handover
    ending: FatalError
    shared: Shared | None = None
    claim: ClaimShards | None = None
    worker_id: int = 0
    """The worker id in the ids of the reports that are taken here."""

    def owns(self, guild_id: int) -> bool:
        """Whether a server, or with 0 a direct message, is for us to answer and to tell now."""
        return self.shards.owns(guild_id) and not self.handover.holds(guild_id)


def beside() -> Place:
    """The place of a command that runs beside the bot: it has no shards, and decides nothing."""
    return Place(Shards((), 1), Observer(), OwnTurns().turn, Handover(), FatalError(), worker_id=secrets.randbits(62))


@asynccontextmanager
async def take_place(wanted: Wanted, shared: Shared | None, rng: random.Random, sleep: Sleep) -> AsyncGenerator[Place]:
    """Take the shards that are wanted, and keep them while this is open. Raises StoreError."""
    ending = FatalError()
    if shared is None:
        yield Place(wanted.shards, Alone(), OwnTurns().turn, Handover(), ending)
        return
    claim, lead = ClaimShards(shared.leases, sleep), LeasedLead(shared.leases)
    shards = await claim.claim(wanted)

    async def keep() -> None:
        try:
            await claim.renew()
        except LeaseLostError as error:
            ending.because(error)

    own = OwnTurns()

    async def turn(bucket: int) -> float:
        try:
            return await shared.leases.turn(f"identify {bucket}", IDENTIFY_EVERY)
        except StoreError as error:
            # People can be answered without a database. Whoever comes at another's turn is sent back by Discord.
            _log.warning("the others cannot be asked whose turn it is to connect", error=str(error))
            return await own.turn(bucket) + rng.uniform(0, IDENTIFY_EVERY)

    try:
        # From the first moment: reading millions of reports takes longer than a lease.
        async with Supervisor([_often("shards", keep, claim_shards.RENEW_EVERY)], rng):
            await shared.news.begin()
            _log.info("shards taken", shards=str(shards), process=shared.origin, after_another=bool(claim.coming))
            yield Place(shards, lead, turn, Handover(shards.of, claim.coming), ending, shared, claim, shared.origin)
    finally:
        with suppress(StoreError):
            await lead.let_go()
            await claim.let_go()


class Cluster:
    """This process among the others: hears of them, tells them of itself, and follows or makes room for another."""

    def __init__(self, place: Place, memory: Memory, check: CheckStatus, peers: Peers, follow: ApplyEvents) -> None:
        self._place = place
        self._memory = memory
        self._check = check
        self._peers = peers
        self._follow = follow

    def jobs(self, lead: LeasedLead, shared: Shared) -> list[Job]:
        """What has to be done again and again. From the first run on, what one process does the others hear."""

        async def take_over() -> None:
            # Whoever decided before has written its last: the lease's fence sees to that.
            await self._follow.catch_up()
            await self._memory.watch.take_over()

        async def tell(service: Service, readings: Sequence[Reading]) -> None:
            try:
                await shared.news.tell([events.read(service.id, readings)])
            except StoreError as error:
                _log.warning("a look at the sources was not told to the others", error=str(error))

        async def purge() -> None:
            if lead.held:
                await shared.news.purge()

        lead.take_over, self._check.told = take_over, tell
        return [
            _often("lead", lead.renew, RENEW_EVERY),
            _often("beat", self._peers.beat, HEARTBEAT_EVERY),
            Job("purge news", purge, lambda: PURGE_EVERY),
        ]

    async def catch_up(self) -> None:
        """Take in all that the others did up to now. Raises StoreError."""
        await self._follow.catch_up()

    async def arrive(self, client: Client) -> None:
        """Take over from the process before us, if there is one, shard by shard as we are connected.

        Raises StoreError.
        """
        place = self._place
        if place.claim is None or not place.claim.coming:
            return

        async def begin(shard: int) -> None:
            await self._follow.catch_up()
            # What nobody tells, as it is for whoever has the server: the process before us went on with it until now.
            for cache in (self._memory.caches.replies, self._memory.caches.rules, self._memory.caches.closed):
                await cache.load()
            place.handover.begin(shard, self._peers.left_at(shard))
            await self._memory.simulate.end_unplayed()

        def connected(shard: int) -> bool:
            return client.has_shard(shard) if place.shards.count is not None else client.connected

        await place.claim.arrive(connected, begin)
        _log.info("the process before us has left")

    async def leave(self) -> None:
        """Go on until the process after us is connected, if one waits; from then on it answers. Raises StoreError."""
        claim, shared = self._place.claim, self._place.shared
        if claim is None or shared is None:
            return

        async def leave(shard: int) -> None:
            await shared.news.tell([events.left(shard, self._place.handover.leave(shard))])

        await claim.hand_over(leave)


@asynccontextmanager
async def join_cluster(
    place: Place, memory: Memory, check: CheckStatus, peers: Peers | None
) -> AsyncGenerator[tuple[Cluster | None, list[Job]]]:
    """Hear the others while this is open; with the jobs that belong to it. Alone there is nobody to hear."""
    shared, lead = place.shared, place.lead
    if shared is None or peers is None or not isinstance(lead, LeasedLead):
        yield None, []
        return
    follow = ApplyEvents(shared.news, memory, peers, place.ending.because)
    together = Cluster(place, memory, check, peers, follow)
    async with follow:
        listening = asyncio.create_task(shared.listen(follow.wake), name="listen")
        try:
            yield together, together.jobs(lead, shared)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _often(name: str, work: Callable[[], Awaitable[None]], every: float) -> Job:
    return Job(name, work, lambda: every, longest_pause=every)
