"""Announcing: brings every post to where people read it, once, and keeps announcements true.

Before a message is tried, that is written down, and its id is the nonce: after a crash Discord recognises
it, or we find it in the channel. What Discord will never take is given up; what did not work is tried again; a channel
that is closed to us waits until it is open.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import structlog

from bot.core.errors import StoreError
from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.posts import Kind, Post
from bot.core.reports import DAY, HOUR
from bot.core.tally import Board
from bot.usecases.closed_channels import ClosedChannels
from bot.usecases.configure_guild import GuildBook
from bot.usecases.outage_book import OutageBook
from bot.usecases.ports import Clock, Herald, NotReachedError, NotTakenError, PostStore

EDIT_EVERY, EDIT_OLD_EVERY = 60, 600
"""Seconds between two edits of a message; Discord allows few of one older than an hour."""

AT_ONCE = 8
"""Posts on their way at a time; the herald paces them."""

CALLED_WITHIN = 7 * DAY
"""A call that could not be brought by then is given up, and the ids with it."""

_FIRST_PAUSE, _LONGEST_PAUSE = 2, 300
_ROUND_EVERY = 1.0
_GOING_ON = frozenset({Phase.SUSPECTED, Phase.ON})
_Work: TypeAlias = Callable[[Post, Outage], Awaitable[None]]
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Shown:
    """What a message showed when it was last sent or edited; `outage` is None if that is not known."""

    at: float
    outage: Outage | None


def visible(outage: Outage) -> Outage:
    """What an announcement shows of an outage: two that are equal need no edit between them."""
    usual, recent = (round(outage.usual, 1), outage.recent) if outage.phase in _GOING_ON else (0.0, 0)
    return replace(outage, seen=0, doubted=None, usual=usual, recent=recent)


class AnnounceOutages:
    """One task tells the servers that this process `owns`; use as an async context manager, or call `round`."""

    def __init__(
        self,
        book: OutageBook,
        store: PostStore,
        guilds: GuildBook,
        board: Board,
        herald: Herald,
        closed: ClosedChannels,
        clock: Clock,
        chance: random.Random,
        *,
        owns: Callable[[int], bool] = lambda _guild: True,
    ) -> None:
        self._book = book
        self._store = store
        self._guilds = guilds
        self._board = board
        self._herald = herald
        self._closed = closed
        self._clock = clock
        self._chance = chance
        self._owns = owns
        self._shown: dict[int, _Shown] = {}
        self._failures: dict[int, tuple[int, float]] = {}
        self._no_thread: set[int] = set()
        self._opened: set[int] = set()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There may be something to tell."""
        self._wake.set()

    def opened(self, channels: Container[int]) -> None:
        """These channels may be open to us again."""
        self._opened |= {post.id for post in self._book.posts.values() if post.lost and post.channel_id in channels}
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="announcer")
        return self

    async def __aexit__(self, *_: object) -> None:
        # What is on its way is looked for after the restart; what waits is in the database.
        tasks = [task for task in (self._task, *self._under_way.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        """Look for what is due every second, and begin it as slots get free: one slow server holds up no other."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            try:
                due, until = self._due(), loop.time() + _ROUND_EVERY
                while due and loop.time() < until:
                    await self._begin(*due.pop(0))
            except Exception:
                _log.exception("round of announcements failed")
            try:
                async with asyncio.timeout(_ROUND_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def round(self) -> None:
        """Do all that is due now, and wait until it is done."""
        for post, work in self._due():
            await self._begin(post, work)
        if self._under_way:
            done, _ = await asyncio.wait(list(self._under_way.values()))
            for task in done:
                task.result()

    async def _begin(self, post: Post, work: _Work) -> None:
        await self._slots.acquire()
        if post.id in self._under_way:
            self._slots.release()
            return
        task = asyncio.create_task(self._try(post, work), name=f"post {post.id}")
        self._under_way[post.id] = task
        task.add_done_callback(lambda _: self._done(post.id))

    def _done(self, post_id: int) -> None:
        self._under_way.pop(post_id, None)
        self._slots.release()

    def _due(self) -> list[tuple[Post, _Work]]:
        """New announcements first, where most people reported; then those who asked to be called; then edits."""
        if not self._herald.ready:
            return []
        now = self._clock()
        ours = [p for p in self._book.posts.values() if self._owns(p.guild_id)]
        posts = [p for p in ours if p.id not in self._under_way and not self._pauses(p, now)]
        people = self._people(now)
        rank = {Kind.ANNOUNCEMENT: 0, Kind.PING: 1, Kind.CALL: 2}
        unsent = [p for p in posts if not p.sent and not p.lost and not self._waits_for_calm(p)]
        unsent.sort(key=lambda p: (rank.get(p.kind, 3), -people.get(p.guild_id, 0), p.id))
        due: list[tuple[Post, _Work]] = [(p, self._send) for p in unsent]
        summaries = {p.channel_id for p in ours if p.kind is Kind.SUMMARY}
        seen = {
            outage_id: visible(outage)
            for outage_id in {p.outage_id for p in posts}
            if (outage := self._book.get(outage_id))
        }
        for post in posts:
            if post.outage_id not in seen or (post.lost and self._hopeless(post)):
                due.append((post, self._finish))
            elif post.lost and post.id in self._opened:
                due.append((post, self._find_again))
            elif post.sent and not post.lost:
                work = self._next(post, seen[post.outage_id], now, ending=post.thread_id not in summaries)
                due.extend([(post, work)] if work else [])
        return due

    def _pauses(self, post: Post, now: float) -> bool:
        # A clock that was set back must not silence a post for a day.
        return 0 < self._failures.get(post.id, (0, now))[1] - now <= _LONGEST_PAUSE

    def _hopeless(self, post: Post) -> bool:
        """A last word and a call wait a while for the channel to open; all else is past with the outage."""
        outage = self._book.get(post.outage_id)
        waits = post.kind is Kind.CALL or (post.sent and self._closed.is_known(post.channel_id))
        return self._long_past(outage) if waits else outage is None or outage.phase not in OPEN

    def _long_past(self, outage: Outage | None) -> bool:
        """Whether nobody waits for its last word or a call any more."""
        return outage is None or self._clock() - outage.seen > CALLED_WITHIN

    def _waits_for_calm(self, post: Post) -> bool:
        """Nobody is told that it is back while it fails again."""
        outage = self._book.get(post.outage_id)
        return post.kind is Kind.CALL and outage is not None and outage.phase in _GOING_ON

    def _next(self, post: Post, outage: Outage, now: float, *, ending: bool) -> _Work | None:
        if (
            outage.phase is Phase.ON
            and post.thread_id is None
            and post.id not in self._no_thread
            and self._guilds.get(post.guild_id).outage_thread
        ):
            return self._open_thread
        shown = self._shown.setdefault(post.id, _Shown(now, None))
        if shown.outage == outage:
            return self._finish if outage.phase not in OPEN and ending else None
        turned = shown.outage is None or shown.outage.phase is not outage.phase
        old = now - (post.attempted or now) > HOUR
        pause = EDIT_OLD_EVERY if old and not turned else EDIT_EVERY
        return None if 0 <= now - shown.at < pause else self._edit

    def _people(self, now: float) -> dict[int, int]:
        people: dict[int, int] = {}
        for service in {outage.service for outage in self._book.open()}:
            for guild, count in self._board.mirror(service).servers_by_reports(now).items():
                people[guild] = people.get(guild, 0) + count
        return people

    async def _try(self, post: Post, work: _Work) -> None:
        try:
            outage, now = self._book.get(post.outage_id), self._book.posts.get(post.id)
            if now is None:
                return  # whom it would have called had it deleted since it became due
            post = now
            await (self._drop(post) if outage is None else work(post, outage))
            self._failures.pop(post.id, None)
        except (NotReachedError, StoreError) as error:
            self._try_later(post, error)
        except NotTakenError as error:
            await self._give_up(post, error)
        except Exception:
            self._failures[post.id] = 0, self._clock() + _LONGEST_PAUSE
            _log.exception("post failed", kind=post.kind, guild=post.guild_id)

    def _try_later(self, post: Post, error: Exception, *, pause: float = 0) -> None:
        times = self._failures.get(post.id, (0, 0.0))[0] + 1
        pause = pause or min(_FIRST_PAUSE * 2 ** (times - 1), _LONGEST_PAUSE)
        pause *= self._chance.uniform(0.7, 1)  # those that failed together do not come again together
        self._failures[post.id] = times, self._clock() + pause
        _log.info("post not delivered yet", kind=post.kind, guild=post.guild_id, times=times, error=str(error))

    async def _give_up(self, post: Post, error: NotTakenError) -> None:
        """What is gone is gone; a channel may be opened to us again."""
        _log.warning("post not taken", kind=post.kind, guild=post.guild_id, gone=error.gone, error=str(error))
        is_open, announces = self._book.is_open(post.outage_id), post.kind is Kind.ANNOUNCEMENT
        last_word = post.sent and not self._long_past(self._book.get(post.outage_id))
        if error.closed is None and announces and not error.gone and (is_open or last_word):
            self._try_later(post, error, pause=_LONGEST_PAUSE)
            return
        opens_again = error.closed is not None and (post.sent or post.kind is Kind.CALL)
        try:
            if post.guild_id and ((announces and is_open) or opens_again):
                await self._keep(post, lost=True)
            else:
                await self._drop(post)
        except StoreError as failure:
            self._try_later(post, failure)
            return
        if error.closed is not None:
            # Last: while moderators are told, the channel may open, and finds what waits for it.
            await self._closed.close(post.guild_id, post.channel_id, error.closed)

    async def _send(self, post: Post, outage: Outage) -> None:
        stale = post.kind in {Kind.ANNOUNCEMENT, Kind.PING, Kind.REMINDER} and outage.phase not in _GOING_ON
        overdue = post.kind is Kind.CALL and self._long_past(outage)
        if overdue or (stale and (post.attempted is None or post.kind is not Kind.ANNOUNCEMENT)):
            await self._drop(post)  # it was over before anybody was told
            return
        self._must_be_open(post)
        found = None if post.attempted is None else await self._find(post)
        if found is None and stale:
            await self._drop(post)
            return
        if post.attempted is None:
            await self._keep(post, attempted=int(self._clock()))
        self._shown[post.id] = _Shown(self._clock(), None if found else visible(outage))
        message_id = found or await self._bring(post, outage)
        await self._closed.worked(post.channel_id)
        if post.kind is Kind.ANNOUNCEMENT:
            await self._keep(post, message_id=message_id)
            return
        if post.kind is Kind.SUMMARY:
            await self._herald.close_thread(post.channel_id)
        await self._drop(post)

    async def _find(self, post: Post) -> int | None:
        place = self._place(post)
        try:
            return await self._herald.find(place)
        except NotTakenError:
            if place.channel_id == post.channel_id:
                raise
            return None  # a thread that is gone says nothing of its channel

    def _must_be_open(self, post: Post) -> None:
        """Spare Discord a request that it refuses."""
        if self._closed.is_closed(post.channel_id):
            raise NotTakenError("the channel is closed to us", closed=0)

    async def _bring(self, post: Post, outage: Outage) -> int:
        """Send it; into the channel where the thread is gone or closed to us."""
        place = self._place(post)
        try:
            return await self._herald.send(place, outage)
        except NotTakenError:
            announced = self._announced(post)
            if post.kind is Kind.SUMMARY or announced is None or place.channel_id != announced.thread_id:
                raise
            return await self._herald.send(replace(post, channel_id=announced.channel_id), outage)

    def _place(self, post: Post) -> Post:
        """Who asked under the announcement is called in its thread."""
        if post.kind is not Kind.CALL:
            return post
        announced = self._announced(post)
        if announced is None or announced.thread_id is None:
            return post
        return replace(post, channel_id=announced.thread_id) if post.channel_id == announced.channel_id else post

    def _announced(self, post: Post) -> Post | None:
        return self._book.announcements(post.outage_id).get(post.guild_id)

    async def _edit(self, post: Post, outage: Outage) -> None:
        self._must_be_open(post)
        before = self._shown[post.id].outage
        self._shown[post.id] = _Shown(self._clock(), before)  # also a try that fails starts the minute
        await self._herald.edit(post, outage)
        await self._closed.worked(post.channel_id)
        self._shown[post.id].outage = visible(outage)

    async def _open_thread(self, post: Post, outage: Outage) -> None:
        try:
            thread_id = await self._herald.open_thread(post, outage)
        except NotTakenError as error:
            _log.warning("no thread", guild=post.guild_id, error=str(error))
            self._no_thread.add(post.id)
            return
        await self._keep(post, thread_id=thread_id)

    async def _find_again(self, post: Post, _outage: Outage) -> None:
        await self._keep(post, lost=False)
        self._opened.discard(post.id)

    async def _finish(self, post: Post, _outage: Outage) -> None:
        await self._drop(post)

    async def _keep(self, post: Post, **changed: Any) -> None:
        # The disk first; and only our columns: the watch may have changed its own meanwhile.
        await self._store.update(post.id, changed)
        self._book.change(post.id, **changed)

    async def _drop(self, post: Post) -> None:
        await self._store.drop(post)
        self._book.done(post.id)
        self._shown.pop(post.id, None)
        self._failures.pop(post.id, None)
        self._no_thread.discard(post.id)
        self._opened.discard(post.id)
