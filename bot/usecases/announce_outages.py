"""Announcing: brings every post to where people read it, once, and keeps announcements true.

Before a message is tried, that is written down, and its id is the nonce: after a crash Discord recognises
it, or we find it in the channel. What Discord will never take is given up; what did not work is tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import structlog

from bot.core.errors import StoreError
from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.posts import Kind, Post
from bot.core.tally import Board
from bot.usecases.configure_guild import GuildBook
from bot.usecases.outage_book import OutageBook
from bot.usecases.ports import Clock, Herald, NotReachedError, NotTakenError, PostStore

EDIT_EVERY = 60
"""Seconds between two edits of a message."""

AT_ONCE = 8
"""Posts on their way at a time; the herald paces them."""

_FIRST_PAUSE, _LONGEST_PAUSE = 2, 300
_ROUND_EVERY = 1.0
_Work: TypeAlias = Callable[[Post, Outage], Awaitable[None]]
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Shown:
    """What a message showed when it was last sent or edited; `outage` is None after a restart."""

    at: float
    outage: Outage | None


def visible(outage: Outage) -> Outage:
    """What an announcement shows of an outage: two that are equal need no edit between them."""
    going_on = outage.phase in {Phase.SUSPECTED, Phase.ON}
    usual, recent = (round(outage.usual, 1), outage.recent) if going_on else (0.0, 0)
    return replace(outage, seen=0, doubted=None, usual=usual, recent=recent)


class AnnounceOutages:
    """One task tells all servers of this process; use as an async context manager, or call `round`."""

    def __init__(
        self, book: OutageBook, store: PostStore, guilds: GuildBook, board: Board, herald: Herald, clock: Clock
    ) -> None:
        self._book = book
        self._store = store
        self._guilds = guilds
        self._board = board
        self._herald = herald
        self._clock = clock
        self._shown: dict[int, _Shown] = {}
        self._failures: dict[int, tuple[int, float]] = {}
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There may be something to tell."""
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="announcer")
        return self

    async def __aexit__(self, *_: object) -> None:
        # What is on its way is looked for after the restart; what waits is in the database.
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.round()
            except Exception:
                _log.exception("round of announcements failed")
            try:
                async with asyncio.timeout(_ROUND_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def round(self) -> None:
        """Do all that is due now, in order of need, a few at a time."""
        if not self._herald.ready:
            return
        due = self._due(self._clock())
        async with asyncio.TaskGroup() as group:
            for post, work in due:
                await self._slots.acquire()
                group.create_task(self._try(post, work))

    def _due(self, now: float) -> list[tuple[Post, _Work]]:
        """New announcements first, where most people reported; then those who asked to be called; then edits."""
        posts = [p for p in self._book.posts.values() if not p.lost and self._failures.get(p.id, (0, 0))[1] <= now]
        unsent = [p for p in posts if not p.sent]
        people = self._people(now)
        rank = {Kind.ANNOUNCEMENT: 0, Kind.PING: 1, Kind.CALL: 2}
        unsent.sort(key=lambda p: (rank.get(p.kind, 3), -people.get(p.guild_id, 0), p.id))
        due: list[tuple[Post, _Work]] = [(p, self._send) for p in unsent]
        for post in posts:
            if not post.sent or (outage := self._book.get(post.outage_id)) is None:
                continue
            if outage.phase is Phase.ON and post.thread_id is None and self._wants_thread(post):
                due.append((post, self._open_thread))
            due.extend((post, work) for work in self._follow(post, outage, now))
        gone = [p for p in self._book.posts.values() if p.lost and not self._is_open(p)]
        return [*due, *((p, self._finish) for p in gone)]

    def _follow(self, post: Post, outage: Outage, now: float) -> list[_Work]:
        shown = self._shown.setdefault(post.id, _Shown(now, None))
        if shown.outage == visible(outage):
            waits = any(p.kind is Kind.SUMMARY and p.channel_id == post.thread_id for p in self._book.posts.values())
            return [] if outage.phase in OPEN or waits else [self._finish]
        # A clock that was set back must not silence a message for a day.
        return [self._edit] if not 0 <= now - shown.at < EDIT_EVERY else []

    def _people(self, now: float) -> dict[int, int]:
        people: dict[int, int] = {}
        for service in {outage.service for outage in self._book.open()}:
            for guild, count in self._board.mirror(service).servers_by_reports(now).items():
                people[guild] = people.get(guild, 0) + count
        return people

    def _wants_thread(self, post: Post) -> bool:
        return self._guilds.get(post.guild_id).outage_thread

    def _is_open(self, post: Post) -> bool:
        return self._book.is_open(post.outage_id)

    async def _try(self, post: Post, work: _Work) -> None:
        try:
            outage = self._book.get(post.outage_id)
            if outage is None:
                await self._drop(post)
                return
            await work(self._book.posts.get(post.id, post), outage)
            self._failures.pop(post.id, None)
        except NotTakenError as error:
            _log.warning("post not taken, given up", kind=post.kind, guild=post.guild_id, error=str(error))
            await self._give_up(post)
        except (NotReachedError, StoreError) as error:
            times = self._failures.get(post.id, (0, 0.0))[0] + 1
            pause = min(_FIRST_PAUSE * 2 ** (times - 1), _LONGEST_PAUSE)
            self._failures[post.id] = times, self._clock() + pause
            _log.info("post not delivered yet", kind=post.kind, guild=post.guild_id, times=times, error=str(error))
        except Exception:
            self._failures[post.id] = 0, self._clock() + _LONGEST_PAUSE
            _log.exception("post failed", kind=post.kind, guild=post.guild_id)
        finally:
            self._slots.release()

    async def _send(self, post: Post, outage: Outage) -> None:
        stale = post.kind in {Kind.ANNOUNCEMENT, Kind.PING, Kind.REMINDER} and outage.phase not in {
            Phase.SUSPECTED,
            Phase.ON,
        }
        if stale and post.attempted is None:
            await self._drop(post)  # it was over before anybody was told
            return
        if post.attempted is None:
            await self._keep(post, attempted=int(self._clock()))
        self._shown[post.id] = _Shown(self._clock(), visible(outage))
        # The post as it was before: only a second try is worth a search.
        message_id = await self._herald.send(self._where(post), outage)
        if post.kind is Kind.ANNOUNCEMENT:
            await self._keep(post, message_id=message_id)
            return
        if post.kind is Kind.SUMMARY:
            await self._herald.close_thread(post.channel_id)
        await self._drop(post)

    def _where(self, post: Post) -> Post:
        """Who asked under the announcement is called in its thread."""
        announced = self._book.announcements(post.outage_id).get(post.guild_id)
        if post.kind is not Kind.CALL or announced is None or announced.thread_id is None:
            return post
        return replace(post, channel_id=announced.thread_id) if post.channel_id == announced.channel_id else post

    async def _edit(self, post: Post, outage: Outage) -> None:
        self._shown[post.id] = _Shown(self._clock(), None)  # also a try that fails starts the minute
        await self._herald.edit(post, outage)
        self._shown[post.id] = _Shown(self._shown[post.id].at, visible(outage))

    async def _open_thread(self, post: Post, outage: Outage) -> None:
        await self._keep(post, thread_id=await self._herald.open_thread(post, outage))

    async def _finish(self, post: Post, _outage: Outage) -> None:
        await self._drop(post)

    async def _keep(self, post: Post, **changed: Any) -> None:
        # The watch may have changed its own columns meanwhile: only ours are touched.
        self._book.posts[post.id] = replace(self._book.posts[post.id], **changed)
        await self._store.update(post.id, changed)

    async def _give_up(self, post: Post) -> None:
        try:
            if post.kind is Kind.ANNOUNCEMENT and self._is_open(post):
                await self._keep(post, lost=True)
            else:
                await self._drop(post)
        except StoreError as error:
            _log.warning("post not written", error=str(error))

    async def _drop(self, post: Post) -> None:
        await self._store.drop(post)
        self._book.posts.pop(post.id, None)
        self._shown.pop(post.id, None)
        self._failures.pop(post.id, None)
