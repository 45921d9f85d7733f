"""The metrics of this process: counters since its start, and current values.

Labels are services, shards and sources, never people, servers or channels.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.core.board import Board
from bot.core.durations import Durations
from bot.core.errors import StoreError
from bot.core.outage_life import Phase
from bot.core.outages import Level
from bot.core.service import Service
from bot.core.signals import Signal, SignalBoard, State
from bot.core.talk import Talk
from bot.usecases.leadership import Leadership
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries, Result
from bot.usecases.outages.due_posts import DuePosts
from bot.usecases.outages.send_webhooks import SendWebhooks, WebhookResult
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import JudgeReplies
from bot.usecases.reports.record_report import Outcome, RecordReport
from bot.usecases.upkeep.diagnose import Vitals

_ANSWERS_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard's connection. Ages and the latency are in seconds, None if unknown."""

    id: int
    connected: bool
    heard_age: float | None
    """Age of the last event from Discord, including heartbeats."""
    heartbeat_age: float | None
    """Age of Discord's last heartbeat acknowledgement."""
    latency: float | None
    """From a heartbeat to its acknowledgement."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The connection to Discord; the other numbers are by kind of interaction."""

    shards: tuple[Shard, ...]
    servers: int
    acknowledged: Mapping[str, Durations]
    """How long acknowledged interactions took, from their arrival here to Discord's answer."""
    unanswered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Writes:
    """The writes to the database."""

    commits: Durations
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True)
class SourceMetrics:
    """A source of a service; `age` is None before it was first read."""

    signal: Signal
    state: State
    age: float | None


@dataclass(frozen=True, slots=True)
class ServiceMetrics:
    """The metrics of a followed service. `reporters` and `talking` are people in the last 15 minutes."""

    id: str
    level: Level
    evidence: Mapping[str, float]
    reporters: int
    usual: float | None
    talking: int
    phase: Phase | None
    """The phase of its open outage; None without one."""
    sources: tuple[SourceMetrics, ...]


@dataclass(frozen=True, slots=True)
class Outbox:
    """The posts about outages: the waiting ones, and the results of all attempts."""

    waiting: int
    oldest_age: float
    results: Mapping[Result, int]


@dataclass(frozen=True, slots=True)
class WebhookOutbox:
    """The webhook events: the waiting ones, and the results of all attempts."""

    waiting: int
    oldest_age: float
    results: Mapping[WebhookResult, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """All metrics. `database_bytes` is None if the database did not report it."""

    leads: bool
    vitals: Vitals
    gateway: Gateway
    failures: int
    reports: Mapping[tuple[str, Outcome], int]
    replies: Mapping[str, int]
    wrong_replies: Mapping[str, int]
    watched: tuple[ServiceMetrics, ...]
    outbox: Outbox
    webhooks: WebhookOutbox
    writes: Writes
    database_bytes: int | None


@dataclass(frozen=True, slots=True)
class OutageParts:
    """The parts of the outage feature that are measured."""

    board: Board
    signals: SignalBoard
    talk: Mapping[str, Talk]
    cache: OutageCache
    states: WatchStates
    due: DuePosts
    deliveries: Deliveries
    webhooks: SendWebhooks


@dataclass(frozen=True, slots=True)
class Machinery:
    """Values that only the running parts have."""

    vitals: Callable[[], Vitals]
    gateway: Callable[[], Gateway]
    failures: Callable[[], int]
    writes: Callable[[], Writes]
    database_bytes: Callable[[], Awaitable[int]]


class Measure:
    """Collects the metrics. Only the size of a database server's database is queried; everything else is in memory."""

    def __init__(
        self,
        *,
        followed: Iterable[Service],
        outages: OutageParts,
        record: RecordReport,
        replies: ReplyCache,
        judge: JudgeReplies,
        machinery: Machinery,
        leadership: Leadership,
        clock: Clock,
    ) -> None:
        self._followed = followed
        self._outages = outages
        self._record = record
        self._replies = replies
        self._judge = judge
        self._machinery = machinery
        self._leadership = leadership
        self._clock = clock

    async def now(self) -> Figures:
        """The current metrics."""
        machinery = self._machinery
        size = await self._database_bytes()
        return Figures(
            leads=self._leadership.is_leader,
            vitals=machinery.vitals(),
            gateway=machinery.gateway(),
            failures=machinery.failures(),
            reports=self._record.outcomes,
            replies=self._replies.sent,
            wrong_replies=self._judge.wrong_ones,
            watched=tuple(map(self._watched, self._followed)),
            outbox=self._outbox(),
            webhooks=self._webhooks(),
            writes=machinery.writes(),
            database_bytes=size,
        )

    async def _database_bytes(self) -> int | None:
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                return await self._machinery.database_bytes()
        except (StoreError, TimeoutError):
            return None

    def _watched(self, service: Service) -> ServiceMetrics:
        outages, now = self._outages, self._clock()
        talk, tally = outages.talk[service.id], outages.board.tally(service.id, now, None)
        talking, open_ = talk.people(now), outages.cache.current(service.id)
        return ServiceMetrics(
            service.id,
            outages.states.detector(service.id).level,
            outages.states.evidence(service.id, now, talking, talk.usual),
            tally.everywhere.quarter,
            tally.usual,
            talking,
            None if open_ is None else open_.phase,
            tuple(self._source(service.id, source.signal) for source in service.sources),
        )

    def _source(self, service_id: str, signal: Signal) -> SourceMetrics:
        seen = self._outages.signals.get(service_id, signal)
        if seen is None:
            return SourceMetrics(signal, State.UNKNOWN, None)
        return SourceMetrics(signal, seen.now.state, max(0.0, self._clock() - seen.now.at))

    def _outbox(self) -> Outbox:
        backlog = self._outages.due.backlog
        age = 0.0 if backlog.since is None else max(0.0, self._clock() - backlog.since)
        return Outbox(backlog.waiting, age, self._outages.deliveries.results)

    def _webhooks(self) -> WebhookOutbox:
        webhooks = self._outages.webhooks
        ages = [self._clock() - delivery.at for delivery in webhooks.waiting]
        return WebhookOutbox(len(ages), max((0.0, *ages)), webhooks.results)
