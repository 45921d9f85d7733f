"""The composition root: builds the running parts from the settings. One exit stack closes them again.

One function in `bot/features` builds each feature. Tests and the demo open the same app, and replace parts through
arguments.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bot.content.resources import Resources
from bot.content.services import open_services
from bot.content.words import second_head
from bot.core.errors import DiscordRefusedError
from bot.core.shards import Shards
from bot.core.webhook_secret import key_of
from bot.discord_ui.answering.router import Router
from bot.discord_ui.connection.acknowledgements import Acknowledgements
from bot.discord_ui.connection.circuit_breaker import CircuitBreaker
from bot.discord_ui.connection.client import Client
from bot.discord_ui.connection.endpoint import Endpoint
from bot.discord_ui.connection.gateway import Pace
from bot.discord_ui.connection.internals import Internals
from bot.features.base import Base, Feature, build_base
from bot.features.channels import build_channels
from bot.features.help import Help
from bot.features.outages import Outages, build_outages
from bot.features.replies import Replies, build_replies
from bot.features.reports import Reports, build_reports
from bot.features.services import ServiceFiles, build_service_files
from bot.features.setup import Setup, build_setup
from bot.features.status import Status
from bot.features.upkeep import Upkeep, build_upkeep
from bot.hearing.encoder import installed
from bot.hearing.encoder_process import EncoderProcess
from bot.jobs import Job, Supervisor
from bot.process import Process, observer, only_process
from bot.settings import Settings
from bot.status.looker import open_looker
from bot.status.poster import Poster
from bot.status.releases import newest_release
from bot.storage.database import Database, database
from bot.storage.keys import must_be_the_key, reporter_key
from bot.stores import open_stores
from bot.usecases.outages.ports import WebhookPoster
from bot.usecases.outages.send_webhooks import Receivers
from bot.usecases.ports import Clock, Sleep
from bot.usecases.replies.ports import SecondStage
from bot.usecases.reports.check_status import CheckStatus
from bot.usecases.reports.look_regularly import LookRegularly
from bot.usecases.reports.ports import StatusSource
from bot.usecases.upkeep.diagnose import Diagnose, Vitals
from bot.usecases.upkeep.measure import Gateway, Machinery, Measure, OutageParts, Writes

if TYPE_CHECKING:
    from bot.cluster import Cluster, Following, Member
    from bot.storage.cluster import Shared
    from bot.usecases.cluster.apply_events import Memory

BACK_UP_EVERY = 3600.0
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """The running features; makes clients for Discord from them."""

    base: Base
    reports: Reports
    status: Status
    replies: Replies
    outages: Outages
    setup: Setup
    upkeep: Upkeep
    files: ServiceFiles
    features: Sequence[Feature]
    breaker: CircuitBreaker
    acknowledgements: Acknowledgements
    pace: Pace
    endpoint: Endpoint
    internals: Internals
    following: "Following | None" = None
    """Follows the other processes of this bot; None if there cannot be any."""

    @property
    def process(self) -> Process:
        """This process."""
        return self.base.process

    @property
    def diagnose(self) -> Diagnose:
        """The health of this process."""
        base = self.base
        return Diagnose(base.followed, base.signals, base.stores.meta, base.clock, self._vitals)

    @property
    def measure(self) -> Measure:
        """The metrics of this process."""
        base, outages = self.base, self.outages
        return Measure(
            followed=base.followed,
            outages=OutageParts(
                base.board,
                base.signals,
                base.talk,
                base.outages,
                outages.states,
                outages.due,
                outages.deliveries,
                outages.webhooks,
            ),
            record=self.reports.record,
            replies=self.replies.cache,
            judge=self.replies.judge,
            machinery=Machinery(
                self._vitals, self._gateway, lambda: base.failures.noted, self._writes, base.stores.size
            ),
            leadership=base.process.leadership,
            clock=base.clock,
        )

    def client(self, *, message_content: bool, shards: Shards | None = None) -> Client:
        """A new client for Discord, for our shards if `shards` is not given.

        After a refused intent or an error only the client is replaced.
        """
        base = self.base
        client = Client(
            cogs=[cog for feature in self.features for cog in feature.cogs()],
            router=Router(base.localizer, base.failures),
            failures=base.failures,
            languages=base.languages,
            meta=base.stores.meta,
            breaker=self.breaker,
            acknowledgements=self.acknowledgements,
            pace=self.pace,
            turn=base.process.turn,
            handover=base.process.handover,
            endpoint=self.endpoint,
            internals=self.internals,
            rng=base.rng,
            message_content=message_content,
            shards=shards or base.process.shards,
        )
        base.discord.use(client)
        return client

    def _vitals(self) -> Vitals:
        base = self.base
        return Vitals(
            base.discord.ready,
            base.discord.seconds_since_event(),
            self.outages.watch.tick_age(),
            base.stores.writer.waiting,
            self.breaker.refused,
            self.breaker.on,
        )

    def _gateway(self) -> Gateway:
        discord, seen = self.base.discord, self.acknowledgements
        return Gateway(tuple(discord.pulses()), discord.servers, seen.taken, seen.unanswered)

    def _writes(self) -> Writes:
        writer = self.base.stores.writer
        return Writes(writer.commits, writer.waiting, writer.refused)


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock = time.time,
    rng: random.Random | None = None,
    source: StatusSource | None = None,
    second: SecondStage | None = None,
    resources: Resources | None = None,
    jobs: bool = True,
    may_lead: bool = True,
    sleep: Sleep = asyncio.sleep,
    wait: Sleep = asyncio.sleep,
) -> AsyncGenerator[App]:
    """Open everything except the connection to Discord.

    `source` replaces the status sources on the network, and `second` the second stage of the mention detector.
    `resources` is the package's own data, which is read now unless it is given. `jobs` starts the background jobs: on a
    SQLite file only one process may do that, on PostgreSQL one per shard. Other processes open the app with `may_lead`
    false. `sleep` is used while waiting for free shards, `wait` by auto-replies that give people time to answer first.
    Raises ConfigurationError or StoreError, each with a sentence for the operator.
    """
    services = open_services(settings.services_dir)
    rng = rng or random.Random()  # noqa: S311 - jitter and simulations, not secrets
    ours = database(settings.database_url)
    ours.make_folder()
    key = reporter_key(settings.reporter_key, ours.key_folder)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(
            open_stores(settings, [one.id for one in services.known], alone=jobs, clock=clock)
        )
        if ours.key_folder is None:
            await must_be_the_key(key, stores.meta)
        source = source or await _network(settings, clock, stack)
        member = await _claim(settings, stores.shared, rng, sleep, stack) if may_lead and jobs else None
        alone = only_process(settings.wanted_shards.shards) if may_lead else observer()
        process = alone if member is None else member.process
        base = await build_base(resources or Resources.read(), services, stores, process, key, clock, rng)
        cluster = None if member is None else member.cluster(base.talk, lambda: base.discord.ready, clock)
        if second is None and may_lead:  # other processes get no messages
            second = await _second_stage(settings, stack)
        poster = Poster(allow_private=settings.allow_private_status_hosts)
        app = await _build(base, source, settings, cluster, wait, second, poster)
        await stack.enter_async_context(app.reports.loading)
        stack.push_async_callback(app.status.close)
        await stack.enter_async_context(app.replies.live)
        if cluster is not None:
            following = await stack.enter_async_context(cluster.follow(_memory(app)))
            app = replace(app, following=following)
        if jobs:
            await stack.enter_async_context(_work(app, ours, poster if settings.webhook_urls else None))
        yield app


@asynccontextmanager
async def _work(app: App, ours: Database, poster: Poster | None) -> AsyncGenerator[None]:
    """The background jobs, the announcements and, with a poster, the webhooks."""
    async with Supervisor(_jobs(app, ours), app.base.rng), app.outages.announce:
        if poster is None:
            yield
        else:
            async with poster, app.outages.webhooks:
                yield


async def _claim(
    settings: Settings, shared: "Shared | None", rng: random.Random, sleep: Sleep, stack: AsyncExitStack
) -> "Member | None":
    if shared is None:
        return None
    from bot.cluster import claim_place  # noqa: PLC0415 - what only several processes need

    return await stack.enter_async_context(claim_place(settings.wanted_shards, shared, rng, sleep))


def _receivers(settings: Settings) -> Receivers:
    secret = settings.webhook_secret
    return Receivers.at(settings.webhook_urls, b"" if secret is None else key_of(secret))


async def _network(settings: Settings, clock: Clock, stack: AsyncExitStack) -> StatusSource:
    private, controls = settings.allow_private_status_hosts, settings.control_urls
    return await stack.enter_async_context(open_looker(clock, allow_private=private, control_urls=controls))


async def _second_stage(settings: Settings, stack: AsyncExitStack) -> SecondStage | None:
    used = settings.second_stage != "off" and installed()
    _logger.info("mention detection ready", extra={"stages": 2 if used else 1, "second_stage": settings.second_stage})
    if not used:
        return None
    return await stack.enter_async_context(EncoderProcess(second_head, time.monotonic))


async def _build(
    base: Base,
    source: StatusSource,
    settings: Settings,
    cluster: "Cluster | None",
    wait: Sleep,
    second: SecondStage | None,
    poster: WebhookPoster,
) -> App:
    channels = await build_channels(base)
    replies = await build_replies(base, channels, frozenset(settings.ignored_ids), wait, second)
    reports = await build_reports(base, replies)
    reachable = cluster.reachable if cluster else lambda: base.discord.ready
    outages = await build_outages(base, channels, reachable, _receivers(settings), poster)
    publish = cluster.publish_readings if cluster else None
    check = CheckStatus(source, base.signals, base.clock, publish)
    looks = LookRegularly(base.followed, check, base.process.leadership, time.monotonic, base.rng)
    status = Status(base, outages, check, looks)
    setup = build_setup(base, channels, replies, outages)
    forgotten, newest = _forgotten_elsewhere(base.stores.shared), _newest_release(settings)
    upkeep = await build_upkeep(base, channels, replies, outages, forgotten, newest)
    files = build_service_files(base, replies, status, outages, settings.services_dir)
    return App(
        base=base,
        reports=reports,
        status=status,
        replies=replies,
        outages=outages,
        setup=setup,
        upkeep=upkeep,
        files=files,
        features=(Help(base), status, reports, upkeep, outages, setup, replies, channels, files),
        breaker=CircuitBreaker(lambda: base.process.fatal.because(DiscordRefusedError())),
        acknowledgements=Acknowledgements(),
        pace=Pace(),
        endpoint=Endpoint(settings.discord_api_url),
        internals=Internals.verified(),
    )


def _forgotten_elsewhere(shared: "Shared | None") -> Callable[[int], Awaitable[None]]:
    """A function that notifies other processes, if there can be any, that all data about a person was deleted."""
    if shared is None:
        return _publish_nothing
    from bot.cluster import forgotten_elsewhere  # noqa: PLC0415 - what only several processes need

    return forgotten_elsewhere(shared)


async def _publish_nothing(_reporter: int) -> None:
    """Do nothing, because there is no other process."""


def _newest_release(settings: Settings) -> Callable[[], Awaitable[str | None]] | None:
    """A function that reads the newest release.

    None if the operator turned it off, or there is no published repository.
    """
    if not settings.update_check or settings.update_url is None:
        return None
    return partial(newest_release, settings.update_url, allow_private=settings.allow_private_status_hosts)


def _memory(app: App) -> "Memory":
    from bot.usecases.cluster.apply_events import Memory  # noqa: PLC0415 - what only several processes need

    base, upkeep = app.base, app.upkeep
    return Memory(
        board=base.board,
        signals=base.signals,
        talk=base.talk,
        caches=upkeep.caches,
        opt_outs=app.replies.opt_outs,
        privacy=upkeep.privacy,
        watch=app.outages.watch,
        simulate=app.outages.simulate,
        wake=app.outages.announce.wake,
        posts=base.stores.posts,
        services=base.services,
        clock=base.clock,
    )


def _jobs(app: App, ours: Database) -> list[Job]:
    found = [job for feature in app.features for job in feature.jobs()]
    if app.following is not None:
        found += app.following.jobs()
    if backup := ours.daily_backup(app.base.clock, app.base.stores.damaged.set):
        found.append(Job("back up", backup.back_up, BACK_UP_EVERY))
    return found
