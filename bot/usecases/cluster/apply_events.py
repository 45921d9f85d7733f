"""Apply the changes of other processes to our memory, in the order in which they were written.

Applying a change twice does no harm, because it contains the new state. A change that cannot be read (written by
another version) is skipped; it is still in the database.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.core.board import Board
from bot.core.errors import NotJustYouError, StoreError
from bot.core.guild_settings import from_document
from bot.core.reports import MINUTE, Report
from bot.core.signals import SignalBoard
from bot.core.talk import Talk
from bot.usecases.cluster.events import PeerMessage, as_outage, as_reading, as_report
from bot.usecases.cluster.peers import Peers
from bot.usecases.cluster.ports import ChangeEvent, EventStore, LeftBehindError
from bot.usecases.outages.ports import PostStore
from bot.usecases.outages.simulate import SimulateOutage
from bot.usecases.outages.watch import WatchServices
from bot.usecases.ports import Clock
from bot.usecases.replies.notice_message import OptOutCache
from bot.usecases.tasks import cancel
from bot.usecases.upkeep.forget import Privacy
from bot.usecases.upkeep.forget_servers import Caches

READ_EVERY = 1.0
"""Seconds between two reads without a notification. So a report counts in all processes within two seconds."""

_NEW_FOR = 2 * MINUTE
"""A report that is at most this many seconds old counts in the minute in which we receive it."""
_POSTS_AT_ONCE = 1000
_APPLIED_AT_ONCE = 200
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """The data that this process holds in memory and that other processes can change."""

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
    services: Container[str]
    clock: Clock


Apply = Callable[[Any], Awaitable[None] | None]


class ApplyEvents:
    """Use as an async context manager, which reads in a task, or call `catch_up`.

    `on_fatal` gets the error that ends it.
    """

    def __init__(
        self, events: EventStore, memory: Memory, peers: Peers, on_fatal: Callable[[NotJustYouError], None]
    ) -> None:
        self._events = events
        self._memory = memory
        self._peers = peers
        self._on_fatal = on_fatal
        self._waiting: deque[ChangeEvent] = deque()
        self._watch_is_stale = False
        self._wake = asyncio.Event()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._apply: Mapping[str, Apply] = {
            **self._reports(),
            **self._servers(),
            **self._outages(),
            PeerMessage.READINGS: self._read,
            PeerMessage.SHARD_LEFT: peers.left,
            PeerMessage.FORGOTTEN: memory.privacy.forget_here,
        }

    def _reports(self) -> dict[str, Apply]:
        opt_outs = self._memory.opt_outs
        return {
            "report INSERT": self._report_added,
            "report UPDATE": self._report_changed,
            "report DELETE": self._report_deleted,
            "opt_out INSERT": lambda reporter: opt_outs.apply(reporter, True),
            "opt_out DELETE": lambda reporter: opt_outs.apply(reporter, False),
        }

    def _servers(self) -> dict[str, Apply]:
        caches = self._memory.caches
        return {
            "guild_settings INSERT": self._settings,
            "guild_settings UPDATE": self._settings,
            "guild_settings DELETE": caches.guilds.forget,
            "removed_server INSERT": lambda guild_id: caches.guilds.left([guild_id]),
            "removed_server UPDATE": lambda guild_id: caches.guilds.left([guild_id]),
            "removed_server DELETE": lambda guild_id: caches.guilds.returned([guild_id]),
            "rule_score DELETE": caches.rules.forget,
            "auto_reply DELETE": caches.replies.forget,
            "closed_channel DELETE": caches.closed.forget,
        }

    def _outages(self) -> dict[str, Apply]:
        caches = self._memory.caches
        return {
            "watch INSERT": self._watch_changed,
            "watch UPDATE": self._watch_changed,
            "outage INSERT": self._outage,
            "outage UPDATE": self._outage,
            "outage DELETE": caches.outages.forget,
            "post INSERT": self._posts_added,
            "post UPDATE": self._post_changed,
            "post DELETE": caches.posts.forget,
        }

    def wake(self) -> None:
        """Read soon: there may be new events."""
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="change events")
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel(self._task)

    async def catch_up(self) -> None:
        """Apply everything written so far. Raises StoreError."""
        async with self._reading:
            self._waiting.extend(await self._events.fresh())
            while self._waiting:
                await self._apply_one(self._waiting[0])
                self._waiting.popleft()
                if not len(self._waiting) % _APPLIED_AT_ONCE:
                    await asyncio.sleep(0)
            if self._watch_is_stale:
                await self._memory.watch.follow()
                self._watch_is_stale = False

    async def _run(self) -> None:
        failing = False
        while True:
            self._wake.clear()
            try:
                await self.catch_up()
                failing = False
            except LeftBehindError as error:
                self._on_fatal(error)
                return
            except StoreError as error:
                if not failing:
                    _logger.warning("change events not read; retrying", extra={"error": str(error)})
                failing = True
            except Exception:
                _logger.exception("reading change events failed")
            try:
                async with asyncio.timeout(READ_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _apply_one(self, event: ChangeEvent) -> None:
        try:
            if event.kind == PeerMessage.HEARTBEAT:
                self._peers.on_heartbeat(event.origin, event.data)
            elif (apply := self._apply.get(event.kind)) is not None and (waiting := apply(event.data)) is not None:
                await waiting
        except StoreError:
            raise
        except Exception:
            _logger.exception("change event skipped: it could not be applied", extra={"kind": event.kind})

    def _report_added(self, row: Any) -> None:
        report, now = as_report(row), int(self._memory.clock())
        # The clocks of two machines differ. A time in the future would look as if our clock had been set back. A time
        # in a past minute would not reach the detector, which has closed that minute. A backlog keeps its times.
        at, this_minute = min(report.at, now), now - now % MINUTE
        report = report._replace(at=max(at, this_minute) if now - at < _NEW_FOR else at)
        if report.service in self._memory.services:
            self._memory.board.mirror(report.service).add(report)

    def _report_changed(self, row: Any) -> None:
        newest = self._newest(row)
        if newest is not None:
            self._memory.board.mirror(newest.service).replace_newest(newest._replace(symptom=row["symptom"]))

    def _report_deleted(self, row: Any) -> None:
        newest = self._newest(row)
        if newest is not None:
            self._memory.board.mirror(newest.service).withdraw(newest.reporter)

    def _newest(self, row: Any) -> Report | None:
        """The report in a row, if its reporter counts through it.

        A person who reported in two servers at once may count through the other report.
        """
        if row["service"] not in self._memory.services:
            return None
        newest = self._memory.board.mirror(row["service"]).newest(row["reporter"], self._memory.clock())
        return newest if newest is not None and newest.id == row["id"] else None

    def _settings(self, row: Any) -> None:
        self._memory.caches.guilds.put(row["guild_id"], from_document(json.loads(row["document"]), stored=True))

    def _watch_changed(self, _service: Any) -> None:
        self._watch_is_stale = True
        self._memory.wake()

    def _outage(self, row: Any) -> None:
        self._memory.caches.outages.put(as_outage(row))
        self._memory.wake()

    async def _posts_added(self, ids: Any) -> None:
        """Read the posts of another process in batches, because there may be one for each of thousands of servers."""
        posts, last = self._memory.caches.posts, ids["last"]
        with posts.reading():
            for start in range(ids["first"], last + 1, _POSTS_AT_ONCE):
                posts.add(await self._memory.posts.between(start, min(start + _POSTS_AT_ONCE - 1, last)))
                await asyncio.sleep(0)
        self._memory.wake()

    def _post_changed(self, changed: Any) -> None:
        posts, values = self._memory.caches.posts, dict(changed)
        post_id, people = values.pop("id"), values.pop("people", None)
        if people is not None:
            posts.keep_people(post_id, json.loads(people))
        posts.change(post_id, **values)
        if values.keys() & {"pinged", "reminded"}:
            self._memory.wake()

    def _read(self, data: Any) -> None:
        service, readings = data
        for reading in readings:
            self._memory.signals.put(service, as_reading(reading))
