"""Following: what other processes changed is taken into our memory, in the order in which it was written.

Whatever is read twice does no harm, as everything is told as it is now. What cannot be read (another version wrote it)
is left out: the database has it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

import structlog

from bot.core.errors import NotJustYouError, StoreError
from bot.core.guild_settings import from_document
from bot.core.reports import MINUTE
from bot.core.signals import SignalBoard
from bot.core.talk import Talk
from bot.core.tally import Board
from bot.usecases.cluster.events import EventKind, as_outage, as_reading, as_report
from bot.usecases.cluster.peers import HEARTBEAT, Peers
from bot.usecases.cluster.ports import EventStore, LeftBehindError, StoredEvent
from bot.usecases.outages.ports import PostStore
from bot.usecases.outages.simulate import SimulateOutage
from bot.usecases.outages.watch import WatchServices
from bot.usecases.ports import Clock
from bot.usecases.replies.notice_message import OptOutCache
from bot.usecases.upkeep.forget import Privacy
from bot.usecases.upkeep.forget_servers import Caches

READ_EVERY = 1.0
"""Seconds between two reads, if nobody wakes us: what is counted in one process is counted in all within two."""

_NEW_FOR = 2 * MINUTE
"""Seconds for which a report counts in the minute in which we hear of it."""
_POSTS_AT_ONCE = 1000
_HEARD_AT_ONCE = 200
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """What this process holds of what others change, too."""

    board: Board
    signals: SignalBoard
    talk: Mapping[str, Talk]
    caches: Caches
    opt_outs: OptOutCache
    privacy: Privacy
    watch: WatchServices
    simulate: SimulateOutage
    wake: Callable[[], None]
    """Wakes the announcer."""
    posts: PostStore
    services: Collection[str]
    clock: Clock


class ApplyEvents:
    """One task reads; use as an async context manager, or call `catch_up`. `ended` hears why we cannot go on."""

    def __init__(
        self, news: EventStore, memory: Memory, peers: Peers, ended: Callable[[NotJustYouError], None]
    ) -> None:
        self._news = news
        self._memory = memory
        self._peers = peers
        self._ended = ended
        self._unheard: deque[StoredEvent] = deque()
        self._watch_is_old = False
        self._wake = asyncio.Event()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._take: Mapping[str, Callable[[Any], Awaitable[None] | None]] = {
            EventKind.REPORTED: self._reported,
            EventKind.WITHDRAWN: self._withdrawn,
            EventKind.SYMPTOM: self._symptom,
            EventKind.FORGOTTEN: memory.privacy.forget_here,
            EventKind.SETTINGS: self._settings,
            EventKind.OPT_OUT: lambda told: memory.opt_outs.apply(*told),
            EventKind.STEP: self._step,
            EventKind.POST: self._post,
            EventKind.POST_DONE: memory.caches.posts.done,
            EventKind.STOPPED: lambda told: memory.caches.posts.forget_person(*told),
            EventKind.SERVERS_LEFT: memory.caches.guilds.left,
            EventKind.SERVERS_BACK: memory.caches.guilds.returned,
            EventKind.SERVER_PURGED: memory.caches.forget,
            EventKind.READ: self._read,
            EventKind.LEFT: peers.left,
        }

    def wake(self) -> None:
        """There may be news."""
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="news")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def catch_up(self) -> None:
        """Take in all that was written up to now. Raises StoreError."""
        async with self._reading:
            self._unheard.extend(await self._news.fresh())
            while self._unheard:
                await self._hear(self._unheard[0])
                self._unheard.popleft()
                if not len(self._unheard) % _HEARD_AT_ONCE:
                    await asyncio.sleep(0)
            if self._watch_is_old:
                await self._memory.watch.follow()
                self._watch_is_old = False

    async def _run(self) -> None:
        failing = False
        while True:
            self._wake.clear()
            try:
                await self.catch_up()
                failing = False
            except LeftBehindError as error:
                self._ended(error)
                return
            except StoreError as error:
                if not failing:
                    _log.warning("news of other processes not read; trying again", error=str(error))
                failing = True
            except Exception:
                _log.exception("reading news failed")
            try:
                async with asyncio.timeout(READ_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _hear(self, told: StoredEvent) -> None:
        kind, what = told.news.kind, told.news.told
        try:
            if kind == HEARTBEAT:
                self._peers.heard(told.origin, what)
            elif (take := self._take.get(kind)) is not None and (waiting := take(what)) is not None:
                await waiting
        except StoreError:
            raise
        except Exception:
            _log.exception("news not understood", kind=kind)

    def _reported(self, told: Any) -> None:
        report, now = as_report(told), int(self._memory.clock())
        # A machine whose clock is ahead must not make ours look as if it had been set back; of one that is behind, or
        # whose word came late, the detector would never hear, as it has gone on. A backlog is not news of this minute.
        at, this_minute = min(report.at, now), now - now % MINUTE
        report = report._replace(at=max(at, this_minute) if now - at < _NEW_FOR else at)
        if report.service in self._memory.services:
            self._memory.board.mirror(report.service).add(report)

    def _withdrawn(self, told: Any) -> None:
        service, reporter, report_id = told
        mirror = self._memory.board.mirror(service)
        newest = mirror.newest(reporter, self._memory.clock())
        # Where the same person reported in two servers at once, another report of theirs still counts them.
        if newest is not None and newest.id == report_id:
            mirror.withdraw(reporter)

    def _symptom(self, told: Any) -> None:
        service, reporter, report_id, said = told
        mirror = self._memory.board.mirror(service)
        newest = mirror.newest(reporter, self._memory.clock())
        if newest is not None and newest.id == report_id:
            mirror.replace_newest(newest._replace(symptom=said))

    def _settings(self, told: Any) -> None:
        guild_id, document = told
        self._memory.caches.guilds.put(guild_id, from_document(document))

    async def _step(self, told: Any) -> None:
        outages, posts = self._memory.caches.outages, self._memory.caches.posts
        # First of all: posts of an outage that we do not know, or cannot read, would be taken for those of none.
        if told["outage"] is not None:
            outages.put(as_outage(told["outage"]))
        if told["posts"] is not None:
            await self._learn(*told["posts"])
        for post_id, pinged, reminded in told["changed"]:
            posts.change(post_id, pinged=pinged, reminded=reminded)
        self._watch_is_old |= told["watch"]
        self._memory.wake()

    async def _learn(self, first: int, last: int) -> None:
        """Posts of another process, a page at a time: there may be one for each of thousands of servers."""
        posts = self._memory.caches.posts
        with posts.reading():
            for start in range(first, last + 1, _POSTS_AT_ONCE):
                posts.add(await self._memory.posts.between(start, min(start + _POSTS_AT_ONCE - 1, last)))
                await asyncio.sleep(0)

    def _post(self, told: Any) -> None:
        post_id, changed = told
        self._memory.caches.posts.change(post_id, **changed)

    def _read(self, told: Any) -> None:
        service, readings = told
        for reading in readings:
            self._memory.signals.put(service, as_reading(reading))
