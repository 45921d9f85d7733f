"""The composition root: settings become running parts, on one exit stack that owns every lifetime.

Tests and the demo open the same app and replace what they need by an argument.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from bot.content.services import read_services
from bot.content.texts import Catalogues
from bot.content.words import Vocabulary
from bot.core.privacy import ReporterKey
from bot.core.reports import ReportIds
from bot.core.service import Service
from bot.core.shards import Shards
from bot.core.signals import SignalBoard
from bot.core.talk import Talk
from bot.core.tally import Board
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.speech import Speech
from bot.discord_ui.connection.circuit_breaker import CircuitBreaker
from bot.discord_ui.connection.client import Client
from bot.discord_ui.connection.endpoint import Endpoint
from bot.discord_ui.connection.gateway import Pace
from bot.discord_ui.connection.internals import Internals
from bot.discord_ui.interface import Interface
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.posting.moderators import Moderators
from bot.discord_ui.posting.notifier import DiscordNotifier
from bot.jobs import Job, Supervisor
from bot.pictures.gallery import Gallery
from bot.processes import Cluster, FatalError, Place, beside, join_cluster, take_place
from bot.settings import Settings
from bot.status.controls import Controls
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from bot.storage.database import database
from bot.storage.keys import must_be_the_key, reporter_key
from bot.stores import Stores, open_stores
from bot.usecases.cluster.apply_events import Memory
from bot.usecases.cluster.claim_shards import Sleep
from bot.usecases.cluster.peers import Peers
from bot.usecases.lead import Lead
from bot.usecases.outages.announce import AnnounceOutages
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries
from bot.usecases.outages.due_posts import DuePosts
from bot.usecases.outages.history import ShowHistory
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.simulate import SimulateOutage
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch import Sources, WatchServices
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.outages.write_steps import WriteSteps
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import JudgeReplies, RuleCache
from bot.usecases.replies.notice_message import NoticeMessage, OptOutCache
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.reports.check_status import CheckStatus
from bot.usecases.reports.load_board import LoadBoard
from bot.usecases.reports.ports import StatusSource
from bot.usecases.reports.record_report import RecordReport
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import ConfigureGuild, GuildCache
from bot.usecases.services import Services
from bot.usecases.upkeep.diagnose import Diagnose, Vitals
from bot.usecases.upkeep.forget import Privacy
from bot.usecases.upkeep.forget_servers import Caches, ForgetServers
from bot.usecases.upkeep.retention import Retention

LOOK_EVERY = 60.0
LOOK_IN_TROUBLE_EVERY = 20.0
LOOK_WHEN_GONE_EVERY = 900.0
TIDY_EVERY = 3600.0
BACK_UP_EVERY = 3600.0
REFRESH_EVERY = 30.0
TICK_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class App:
    """The running parts that others reach for: the CLI, the demo, tests."""

    services: Services
    stores: Stores
    board: Board
    signals: SignalBoard
    answers: AnswerHelp
    record: RecordReport
    check: CheckStatus
    privacy: Privacy
    servers: ForgetServers
    configure: ConfigureGuild
    closed: ClosedChannels
    failures: Failures
    live: LiveReplies
    watch: WatchServices
    states: WatchStates
    simulate: SimulateOutage
    announce: AnnounceOutages
    outages: OutageCache
    posts: PostCache
    diagnose: Diagnose
    memory: Memory
    lead: Lead
    tidy: Retention
    _place: Place
    _current: CurrentClient
    _interface: Interface
    peers: Peers | None
    together: Cluster | None = None
    """The other processes of this bot; None if there can be none."""

    @property
    def ending(self) -> FatalError:
        """Whether this process cannot go on."""
        return self._place.ending

    def client(self, *, message_content: bool, shards: Shards | None = None) -> Client:
        """A fresh client for Discord, for our shards if no others are given.

        A refused intent or a restart takes a new one; the rest stays.
        """
        client = self._interface.client(message_content=message_content, shards=shards or self._place.shards)
        self._current.use(client)
        return client

    def hears(self) -> bool:
        """Whether people can reach us."""
        return self._current.ready


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock = time.time,
    rng: random.Random | None = None,
    source: StatusSource | None = None,
    jobs: bool = True,
    decides: bool = True,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[App]:
    """Open everything but Discord. `source` replaces the looks at the network; `jobs` runs the background.

    Only one process may run the background on a SQLite file, and on PostgreSQL only one for each shard; others may open
    it beside, and decide nothing then (`decides`). `sleep` is how a spare waits for shards to be free.
    Raises ConfigurationError or StoreError, each with a sentence for the operator.
    """
    services = Services(read_services(settings.services_dir))
    ours = database(settings.database_url)
    ours.make_room()
    key = reporter_key(settings.reporter_key.get_secret_value() if settings.reporter_key else None, ours.key_folder)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(
            open_stores(settings, [s.id for s in services], alone=jobs, clock=clock)
        )
        if ours.key_folder is None:
            await must_be_the_key(key, stores.meta)
        if source is None:
            fetcher = await stack.enter_async_context(Fetcher(allow_private=settings.allow_private_status_hosts))
            controls = Controls(fetcher, settings.control_urls, clock) if settings.control_urls else None
            source = Looker(fetcher, clock, controls)
        rng = rng or random.Random()  # noqa: S311 - jitter and play, not secrets
        shared = stores.shared if jobs else None
        place = beside()
        if decides:
            place = await stack.enter_async_context(take_place(settings.wanted_shards, shared, rng, sleep))
        app, loading = await _assemble(stores, services, key, clock, rng, source, settings, place)
        await stack.enter_async_context(loading)
        stack.push_async_callback(app.check.close)
        await stack.enter_async_context(app.live)
        together: Cluster | None = None
        if jobs:
            together, more = await stack.enter_async_context(join_cluster(place, app.memory, app.check, app.peers))
            jobs_now = [*_jobs(app), *more]
            if backup := ours.daily_backup(clock, stores.damaged.set):
                jobs_now.append(Job("back up", backup.back_up, lambda: BACK_UP_EVERY))
            await stack.enter_async_context(Supervisor(jobs_now, rng))
            await stack.enter_async_context(app.announce)
        yield replace(app, together=together)


async def _assemble(
    stores: Stores,
    services: Services,
    key: ReporterKey,
    clock: Clock,
    rng: random.Random,
    source: StatusSource,
    settings: Settings,
    place: Place,
) -> tuple[App, LoadBoard]:
    languages = Catalogues.read()
    guilds = GuildCache(stores.settings)
    opt_outs = OptOutCache(stores.opt_outs, key, clock)
    replies = ReplyCache(stores.replies, clock)
    board, signals = Board([service.id for service in services]), SignalBoard()
    rules = RuleCache(stores.rules)
    speech, current = Speech(languages, guilds), CurrentClient()
    closed = ClosedChannels(stores.closed, clock, Moderators(current, guilds, speech))
    for cache in (guilds, opt_outs, replies, rules, closed):
        await cache.load()
    outages, posts, scopes = await _load_outages(stores, clock)
    caches = Caches(guilds, rules, replies, outages, posts, closed)
    servers = ForgetServers(stores.servers, caches, clock)
    await servers.load()
    loading = LoadBoard(stores.reports, board, clock)
    last = await loading.begin()
    talk = {service.id: Talk() for service in services}
    sources, owns = Sources(board, signals, talk, guilds), place.owns
    states = WatchStates(services, stores.outages, outages, place.lead, clock)
    steps = WriteSteps(outages, posts, stores.outages, out_of_step=place.ending.because)
    history = ShowHistory(board, signals, outages, states, stores.hours, guilds, Gallery(clock), clock)
    waiting = WaitForRecovery(stores.subscribers, posts, clock)
    answers = AnswerHelp(board, signals, outages, posts, scopes, key, clock)
    record = RecordReport(stores.reports, board, key, clock, ReportIds(last, place.worker_id))
    check = CheckStatus(source, signals, clock)
    privacy = Privacy(stores.reports, stores.settings, opt_outs, guilds, waiting, board, talk, key)
    configure = ConfigureGuild(stores.settings, guilds, services, languages, clock)
    failures, breaker = Failures(speech), CircuitBreaker()
    live = LiveReplies(current, replies, services, answers, speech, closed, failures)
    notifier = DiscordNotifier(current, services, guilds, speech, history)
    deliveries = Deliveries(clock, rng)
    due = DuePosts(outages, posts, deliveries, guilds, board, closed, clock, owns=owns)
    announce = AnnounceOutages(due, deliveries, outages, posts, stores.posts, notifier, closed, clock)
    closed.on_opened(announce.opened)
    simulate = SimulateOutage(services, guilds, outages, steps, clock, rng, owns=owns, wake=announce.wake)
    await simulate.end_unplayed()
    peers = Peers(place.shared.news, place.shards, talk, lambda: current.ready, clock) if place.shared else None
    watch = WatchServices(
        services=services,
        sources=sources,
        states=states,
        outages=outages,
        posts=posts,
        scopes=scopes,
        steps=steps,
        store=stores.outages,
        lead=place.lead,
        clock=clock,
        reachable=peers.sighted if peers else lambda: current.ready,
        wake=announce.wake,
    )
    await watch.load()
    vocabulary = Vocabulary.read()
    notice = NoticeMessage(
        services=services,
        detectors={service.id: vocabulary.detector(service, services) for service in services},
        talk=talk,
        guilds=guilds,
        opt_outs=opt_outs,
        rules=rules,
        key=key,
        clock=clock,
        ignored=frozenset(settings.ignored_ids),
    )
    interface = Interface(
        context=Context(services, guilds, answers, speech, clock),
        speech=speech,
        languages=languages,
        failures=failures,
        live=live,
        current=current,
        endpoint=Endpoint(settings.discord_api_url),
        internals=Internals.verified(),
        meta=stores.meta,
        breaker=breaker,
        pace=Pace(),
        turn=place.turn,
        handover=place.handover,
        rng=rng,
        record=record,
        check=check,
        privacy=privacy,
        opt_outs=opt_outs,
        configure=configure,
        notice=notice,
        judge=JudgeReplies(rules, replies),
        rules=rules,
        key=key,
        automod_phrases=vocabulary.automod_phrases,
        answers=answers,
        replies=replies,
        outages=outages,
        history=history,
        waiting=waiting,
        simulate=simulate,
        closed=closed,
        servers=servers,
    )

    def vitals() -> Vitals:
        silence = current.client.silence() if current.client else None
        return Vitals(notifier.ready, silence, watch.tick_age(), stores.writer.waiting, breaker.refused, breaker.on)

    tidy = Retention(
        log=stores.reports,
        hours=stores.hours,
        replies=stores.replies,
        outages=stores.outages,
        cache=outages,
        posts=posts,
        states=states,
        waiting=waiting,
        servers=servers,
        closed=closed,
        checkpoint=stores.checkpoint,
        services=services,
        clock=clock,
        lead=place.lead,
    )
    ids = frozenset(service.id for service in services)
    memory = Memory(
        board=board,
        signals=signals,
        talk=talk,
        caches=caches,
        opt_outs=opt_outs,
        privacy=privacy,
        watch=watch,
        simulate=simulate,
        wake=announce.wake,
        posts=stores.posts,
        services=ids,
        clock=clock,
    )
    app = App(
        services=services,
        stores=stores,
        board=board,
        signals=signals,
        answers=answers,
        record=record,
        check=check,
        privacy=privacy,
        servers=servers,
        configure=configure,
        closed=closed,
        failures=failures,
        live=live,
        watch=watch,
        states=states,
        simulate=simulate,
        announce=announce,
        outages=outages,
        posts=posts,
        diagnose=Diagnose(services, signals, stores.meta, clock, vitals),
        memory=memory,
        lead=place.lead,
        tidy=tidy,
        _place=place,
        _current=current,
        _interface=interface,
        peers=peers,
    )
    return app, loading


async def _load_outages(stores: Stores, clock: Clock) -> tuple[OutageCache, PostCache, OutageScopes]:
    outages, scopes = OutageCache(), OutageScopes()
    posts = PostCache(outages)
    await outages.load(stores.outages, clock)
    await posts.load(stores.posts)
    scopes.load(outages, posts)
    return outages, posts, scopes


def until_next_look(check: CheckStatus, service: Service) -> float:
    """Seconds from one look at a service to the next: sooner in trouble or doubt, seldom when there is no page left."""
    if check.in_trouble(service):
        return LOOK_IN_TROUBLE_EVERY
    return LOOK_WHEN_GONE_EVERY if check.gone(service) else LOOK_EVERY


def _jobs(app: App) -> list[Job]:
    def watch(service: Service) -> Job:
        async def look() -> None:
            # Who decides looks, and tells the others; at its start each takes a look of its own.
            if app.lead.held or not app.check.seen(service):
                await app.check.look(service)

        return Job(f"watch {service.id}", look, lambda: until_next_look(app.check, service))

    watches = [watch(service) for service in app.services if service.sources]
    return [
        *watches,
        Job("watch the reports", app.watch.tick, lambda: TICK_EVERY, longest_pause=6 * TICK_EVERY),
        Job("play simulations", app.simulate.tick, lambda: TICK_EVERY, longest_pause=6 * TICK_EVERY),
        Job("tidy", app.tidy.tidy, lambda: TIDY_EVERY),
        Job("closed channels", app.closed.look_again, lambda: TIDY_EVERY),
        Job("keep replies true", app.live.refresh, lambda: REFRESH_EVERY),
    ]
