"""The composition root: settings become running parts, on one exit stack that owns every lifetime.

Tests and the demo open the same app and replace what they need by an argument.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.content.services import read_services
from bot.content.texts import Catalogues
from bot.content.words import Vocabulary
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY, ReportIds
from bot.core.service import Service
from bot.core.signals import SignalBoard
from bot.core.talk import Talk
from bot.core.tally import Board
from bot.discord_ui.brake import Brake
from bot.discord_ui.client import Client
from bot.discord_ui.context import Context
from bot.discord_ui.endpoint import use_api
from bot.discord_ui.failures import Failures
from bot.discord_ui.gateway import Pace
from bot.discord_ui.herald import Herald
from bot.discord_ui.interface import Interface
from bot.discord_ui.live_replies import LiveReplies
from bot.discord_ui.moderators import Moderators
from bot.discord_ui.speech import Speech
from bot.jobs import Job, Supervisor
from bot.pictures.gallery import Gallery
from bot.settings import Settings
from bot.status.controls import Controls
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from bot.storage import migrate
from bot.storage.channel_store import SqlClosedChannels
from bot.storage.database import database
from bot.storage.healing import HEALED
from bot.storage.keys import reporter_key
from bot.storage.outage_stores import SqlOutageStore, SqlPostStore, SqlSubscribers
from bot.storage.server_stores import SqlServerStore
from bot.storage.stores import (
    Reader,
    ServiceIds,
    SqlHourCounts,
    SqlMeta,
    SqlOptOuts,
    SqlReplyStore,
    SqlReportLog,
    SqlRuleScores,
    SqlSettingsStore,
)
from bot.storage.writer import Writer
from bot.usecases.announce_outages import AnnounceOutages
from bot.usecases.answer_help import AnswerHelp
from bot.usecases.check_status import CheckStatus
from bot.usecases.closed_channels import ClosedChannels
from bot.usecases.configure_guild import ConfigureGuild, GuildBook
from bot.usecases.diagnose import Diagnose, Vitals
from bot.usecases.follow_replies import ReplyBook
from bot.usecases.forget import Privacy
from bot.usecases.forget_servers import Books, ForgetServers
from bot.usecases.judge_replies import JudgeReplies, RuleBook
from bot.usecases.notice_message import NoticeMessage, OptOutBook
from bot.usecases.outage_book import OutageBook
from bot.usecases.ports import Clock, StatusSource
from bot.usecases.record_report import RecordReport
from bot.usecases.services import Services
from bot.usecases.show_history import ShowHistory
from bot.usecases.simulate_outage import SimulateOutage
from bot.usecases.tidy import Tidy
from bot.usecases.wait_for_recovery import WaitForRecovery
from bot.usecases.watch_services import Sources, WatchServices

LOOK_EVERY = 60.0
LOOK_IN_TROUBLE_EVERY = 20.0
LOOK_WHEN_GONE_EVERY = 900.0
TIDY_EVERY = 3600.0
BACK_UP_EVERY = 3600.0
REFRESH_EVERY = 30.0
TICK_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Stores:
    """The database, open. `damaged` is set once SQLite says that its file is damaged; a new start would heal it."""

    damaged: asyncio.Event
    writer: Writer
    reports: SqlReportLog
    hours: SqlHourCounts
    settings: SqlSettingsStore
    opt_outs: SqlOptOuts
    replies: SqlReplyStore
    rules: SqlRuleScores
    outages: SqlOutageStore
    posts: SqlPostStore
    subscribers: SqlSubscribers
    closed: SqlClosedChannels
    servers: SqlServerStore
    meta: SqlMeta
    scrub: Callable[[], Awaitable[None]]


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
    announce: AnnounceOutages
    outages: OutageBook
    diagnose: Diagnose
    _herald: Herald
    _moderators: Moderators
    _interface: Interface

    def client(self, *, message_content: bool, shard_count: int | None = None) -> Client:
        """A fresh client for Discord. A refused intent or a restart takes a new one; the rest stays."""
        client = self._interface.client(message_content=message_content, shard_count=shard_count)
        self.live.client = self._herald.client = self._moderators.client = client
        return client


@asynccontextmanager
async def open_stores(
    settings: Settings, services: Sequence[str], *, alone: bool = False, clock: Clock = time.time
) -> AsyncGenerator[Stores]:
    """Migrate and open the database; `alone`, as the one bot on it, also heal it if it is damaged.

    Raises StoreError (another bot is on it, or it cannot be used), SchemaError or ConfigurationError.
    """
    ours = database(settings.database_url)
    with ours.claimed(alone=alone, now=clock()) as healing:
        await asyncio.to_thread(migrate.upgrade, settings.database_url, clock())
        engines = ours.engines()
        try:
            reader = Reader(engines.reader)
            async with Writer(engines.writer) as writer:
                ids = await ServiceIds.load(writer, services)
                meta = SqlMeta(writer, reader)
                if healing is not None:
                    await meta.put(HEALED, healing.document())
                yield Stores(
                    damaged=engines.damaged,
                    writer=writer,
                    reports=SqlReportLog(writer, reader, ids),
                    hours=SqlHourCounts(writer, reader, ids),
                    settings=SqlSettingsStore(writer, reader),
                    opt_outs=SqlOptOuts(writer, reader),
                    replies=SqlReplyStore(writer, reader, ids),
                    rules=SqlRuleScores(writer, reader),
                    outages=SqlOutageStore(writer, reader, ids),
                    posts=SqlPostStore(writer, reader),
                    subscribers=SqlSubscribers(writer, reader, ids),
                    closed=SqlClosedChannels(writer, reader),
                    servers=SqlServerStore(writer, reader),
                    meta=meta,
                    scrub=ours.scrubber(engines),
                )
        finally:
            await engines.dispose()


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock = time.time,
    chance: random.Random | None = None,
    source: StatusSource | None = None,
    jobs: bool = True,
) -> AsyncGenerator[App]:
    """Open everything but Discord. `source` replaces the looks at the network; `jobs` runs the background.

    Only one process may run the background on a database; others may open it beside.
    Raises ConfigurationError or StoreError, each with a sentence for the operator.
    """
    services = Services(read_services(settings.services_dir))
    key = _key(settings)
    if settings.discord_api_url:
        use_api(settings.discord_api_url)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(
            open_stores(settings, [s.id for s in services], alone=jobs, clock=clock)
        )
        if source is None:
            fetcher = await stack.enter_async_context(Fetcher(allow_private=settings.allow_private_status_hosts))
            controls = Controls(fetcher, settings.control_urls, clock) if settings.control_urls else None
            source = Looker(fetcher, clock, controls)
        chance = chance or random.Random()  # noqa: S311 - jitter and play, not secrets
        app, tidy = await _assemble(stores, services, key, clock, chance, source, frozenset(settings.ignored_ids))
        stack.push_async_callback(app.check.close)
        await stack.enter_async_context(app.live)
        if jobs:
            jobs_now = _jobs(app, tidy)
            if backup := database(settings.database_url).daily_backup(clock, stores.damaged.set):
                jobs_now.append(Job("back up", backup.back_up, lambda: BACK_UP_EVERY))
            await stack.enter_async_context(Supervisor(jobs_now, chance))
            await stack.enter_async_context(app.announce)
        yield app


def _key(settings: Settings) -> ReporterKey:
    given = settings.reporter_key.get_secret_value() if settings.reporter_key else None
    return reporter_key(given, database(settings.database_url).key_folder)


async def _assemble(
    stores: Stores,
    services: Services,
    key: ReporterKey,
    clock: Clock,
    chance: random.Random,
    source: StatusSource,
    ignored: frozenset[int],
) -> tuple[App, Tidy]:
    languages = Catalogues.read()
    guilds = GuildBook(stores.settings)
    opt_outs = OptOutBook(stores.opt_outs, key, clock)
    replies = ReplyBook(stores.replies, clock)
    board, signals = Board([service.id for service in services]), SignalBoard()
    rules, outages = RuleBook(stores.rules), OutageBook()
    closed = ClosedChannels(stores.closed, clock)
    for book in (guilds, opt_outs, replies, rules, closed):
        await book.load()
    await outages.load(stores.outages, stores.posts, clock)
    servers = ForgetServers(stores.servers, Books(guilds, rules, replies, outages, closed), clock)
    await servers.load()
    last = await _load_board(stores, board, services, clock)
    talk = {service.id: Talk() for service in services}
    watch = WatchServices(services, Sources(board, signals, talk, guilds), outages, stores.outages, clock)
    await watch.load()
    history = ShowHistory(board, signals, outages, watch, stores.hours, guilds, Gallery(clock), clock)
    waiting = WaitForRecovery(stores.subscribers, outages, clock)
    answers = AnswerHelp(board, signals, outages, key, clock)
    record = RecordReport(stores.reports, board, key, clock, ReportIds(last))
    check = CheckStatus(source, signals, clock)
    privacy = Privacy(stores.reports, stores.settings, opt_outs, guilds, waiting, board, talk, key)
    configure = ConfigureGuild(stores.settings, guilds, services, languages, clock)
    speech, brake = Speech(languages, guilds), Brake()
    failures = Failures(speech)
    moderators = Moderators(guilds, speech)
    closed.tell, closed.writable = moderators.tell_closed, moderators.writable
    live = LiveReplies(replies, services, answers, speech, closed, failures)
    herald = Herald(services, guilds, speech, history)
    announce = AnnounceOutages(outages, stores.posts, guilds, board, herald, closed, clock, chance)
    closed.opened = announce.opened
    watch.wake, watch.sighted = announce.wake, lambda: herald.ready
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
        ignored=ignored,
    )
    interface = Interface(
        context=Context(services, guilds, answers, speech, clock),
        speech=speech,
        languages=languages,
        failures=failures,
        live=live,
        meta=stores.meta,
        brake=brake,
        pace=Pace(),
        chance=chance,
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
        simulate=SimulateOutage(services, guilds, watch, clock, chance),
        closed=closed,
        servers=servers,
    )

    def vitals() -> Vitals:
        silence = herald.client.silence() if herald.client else None
        return Vitals(herald.ready, silence, watch.tick_age(), stores.writer.waiting, brake.refused, brake.on)

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
        announce=announce,
        outages=outages,
        diagnose=Diagnose(services, signals, stores.meta, clock, vitals),
        _herald=herald,
        _moderators=moderators,
        _interface=interface,
    )
    tidy = Tidy(
        log=stores.reports,
        hours=stores.hours,
        replies=stores.replies,
        outages=stores.outages,
        book=outages,
        watch=watch,
        waiting=waiting,
        servers=servers,
        closed=closed,
        scrub=stores.scrub,
        services=services,
        clock=clock,
    )
    return app, tidy


async def _load_board(stores: Stores, board: Board, services: Services, clock: Clock) -> int:
    """Fill the mirrors with the last day; gives the newest report's id."""
    last, watched = 0, {service.id for service in services}
    async for reports in stores.reports.since(int(clock()) - DAY):
        for report in reports:
            last = max(last, report.id)
            if report.service in watched:
                board.mirror(report.service).add(report)
    return last


def until_next_look(check: CheckStatus, service: Service) -> float:
    """Seconds from one look at a service to the next: sooner in trouble or doubt, seldom when there is no page left."""
    if check.in_trouble(service):
        return LOOK_IN_TROUBLE_EVERY
    return LOOK_WHEN_GONE_EVERY if check.gone(service) else LOOK_EVERY


def _jobs(app: App, tidy: Tidy) -> list[Job]:
    def watch(service: Service) -> Job:
        return Job(f"watch {service.id}", lambda: app.check.look(service), lambda: until_next_look(app.check, service))

    watches = [watch(service) for service in app.services if service.sources]
    return [
        *watches,
        Job("watch the reports", app.watch.tick, lambda: TICK_EVERY, longest_pause=6 * TICK_EVERY),
        Job("tidy", tidy.tidy, lambda: TIDY_EVERY),
        Job("closed channels", app.closed.look_again, lambda: TIDY_EVERY),
        Job("keep replies true", app.live.refresh, lambda: REFRESH_EVERY),
    ]
