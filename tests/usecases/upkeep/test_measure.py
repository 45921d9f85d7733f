"""The metrics agree with what happened, and unknown values have no number."""

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from bot.core.board import Board
from bot.core.durations import Durations
from bot.core.errors import StoreError
from bot.core.outage_life import Outage, Phase
from bot.core.outages import Level
from bot.core.privacy import ReporterKey
from bot.core.reports import ReportIds
from bot.core.service import Source
from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.core.talk import Talk
from bot.usecases.leadership import OnlyProcess
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries
from bot.usecases.outages.due_posts import Backlog, DuePosts
from bot.usecases.outages.send_webhooks import Receivers, SendWebhooks
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import JudgeReplies
from bot.usecases.replies.ports import PostedReply
from bot.usecases.reports.record_report import Outcome, RecordReport
from bot.usecases.upkeep import measure
from bot.usecases.upkeep.diagnose import Vitals
from bot.usecases.upkeep.measure import Gateway, Machinery, Measure, Writes
from tests.usecases.fakes import a_service
from tests.usecases.outages.outage_world import Disk

NOW = 1_790_000_000.0
SOURCES = (
    measure.SourceMetrics(Signal.PROBE, State.UP, 40.0),
    measure.SourceMetrics(Signal.OFFICIAL, State.UNKNOWN, None),
)
SERVICE = replace(
    a_service(),
    sources=(
        Source(Signal.PROBE, "http", "https://example.org/health"),
        Source(Signal.OFFICIAL, "statuspage", "https://example.org/status"),
    ),
)


class Log:
    """Keeps reports and replies."""

    async def append(self, report: Any, within: float = 0.0) -> None:
        pass

    async def add(self, reply: PostedReply) -> None:
        pass

    async def put(self, *_: Any) -> None:
        pass


class Bot:
    """The parts that are measured."""

    def __init__(self, size: Any = 4096) -> None:
        self.size = size
        self.board, self.signals, self.cache = Board(), SignalBoard(), OutageCache()
        self.signals.put(SERVICE.id, Reading(Signal.PROBE, State.UP, Cause.ANSWERED, NOW - 40))
        self.states = WatchStates([SERVICE], Disk(), self.cache, OnlyProcess(), self.clock)
        self.deliveries = Deliveries(self.clock, random.Random(1))
        self.due: DuePosts = DuePosts(*[None] * 6, self.clock)  # type: ignore[arg-type, misc]
        log: Any = Log()
        key = ReporterKey(b"k" * 32)
        self.record = RecordReport(log, self.board, key, self.clock, ReportIds())
        self.replies = ReplyCache(log, self.clock)
        none: Any = None
        self.judge = JudgeReplies(none, self.replies, none, none, none, key, self.clock)
        self.talk = {SERVICE.id: Talk()}
        self.webhooks = SendWebhooks(
            Receivers(), none, none, OnlyProcess(), clock=self.clock, elapsed=self.clock, rng=random.Random(1)
        )

    def clock(self) -> float:
        return NOW

    async def database_bytes(self) -> int:
        if isinstance(self.size, Exception):
            raise self.size
        return self.size

    def measure(self) -> Measure:
        vitals = Vitals(connected=True, event_age=1.0, tick_age=2.0, waiting=0)
        gateway = Gateway((), 3, {}, {})
        return Measure(
            followed=[SERVICE],
            outages=measure.OutageParts(
                self.board, self.signals, self.talk, self.cache, self.states, self.due, self.deliveries, self.webhooks
            ),
            record=self.record,
            replies=self.replies,
            judge=self.judge,
            machinery=Machinery(
                lambda: vitals, lambda: gateway, lambda: 7, lambda: Writes(Durations(()), 1, 2), self.database_bytes
            ),
            leadership=OnlyProcess(),
            clock=self.clock,
        )


async def test_what_happened_is_counted() -> None:
    bot = Bot()
    await bot.states.load()
    for person in (1, 1, 2):
        await bot.record.report(SERVICE, person, 5)
    await bot.replies.add(PostedReply(1, 2, 3, SERVICE.id, int(NOW)))
    bot.talk[SERVICE.id].hear(9, NOW)
    bot.cache.put(Outage(SERVICE.id, Phase.ON, int(NOW), id=1))
    figures = await bot.measure().now()
    assert figures.reports == {(SERVICE.id, Outcome.COUNTED): 2, (SERVICE.id, Outcome.ALREADY): 1}
    assert figures.replies == {SERVICE.id: 1} and figures.wrong_replies == {}
    assert (figures.failures, figures.writes.refused, figures.database_bytes, figures.leads) == (7, 2, 4096, True)
    [watched] = figures.watched
    assert (watched.reporters, watched.talking, watched.usual) == (2, 1, None)
    assert (watched.level, watched.phase, watched.sources) == (Level.NORMAL, Phase.ON, SOURCES)
    assert watched.evidence.keys() == {"talk"}


async def test_a_service_that_is_followed_from_now_on_has_no_watch_yet() -> None:
    [watched] = (await Bot().measure().now()).watched
    assert (watched.level, watched.evidence, watched.phase) == (Level.NORMAL, {}, None)


async def test_the_age_of_the_outbox_grows_and_is_never_below_zero() -> None:
    bot = Bot()
    for since, age in ((NOW - 30, 30.0), (NOW + 5, 0.0), (None, 0.0)):
        bot.due.backlog = Backlog(0 if since is None else 4, since)
        assert (await bot.measure().now()).outbox.oldest_age == age


@pytest.mark.parametrize("size", [StoreError("away"), TimeoutError()])
async def test_a_database_that_does_not_say_its_size_has_none(size: Exception) -> None:
    assert (await Bot(size).measure().now()).database_bytes is None


async def test_a_database_that_never_answers_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "_ANSWERS_WITHIN", 0.01)

    class Away(Bot):
        async def database_bytes(self) -> int:
            await asyncio.sleep(3600)
            return 0

    assert (await Away().measure().now()).database_bytes is None
