"""Announcing: brings every post to where people read it, once, and keeps announcements true.

Before a message is tried, that is written down, and its id is the nonce: after a crash Discord recognises
it, or we find it in the channel. What Discord will never take is given up; what did not work is tried again; a channel
that is closed to us waits until it is open.
"""

import asyncio
import random
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import Any, Self

import structlog

from bot.core.errors import StoreError
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.tally import Board
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.due_posts import LONGEST_PAUSE, DuePosts, PostAction, Shown, visible
from bot.usecases.outages.ports import Notifier, NotReachedError, NotTakenError, PostStore
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache

AT_ONCE = 8
"""Posts on their way at a time; the notifier paces them."""

_FIRST_PAUSE = 2
_GOING_ON = frozenset({Phase.SUSPECTED, Phase.ON})
_log = structlog.get_logger(__name__)


class AnnounceOutages:
    """One task tells the servers that this process `owns`; use as an async context manager, or call `round`."""

    def __init__(
        self,
        outages: OutageCache,
        posts: PostCache,
        store: PostStore,
        guilds: GuildCache,
        board: Board,
        notifier: Notifier,
        closed: ClosedChannels,
        clock: Clock,
        *,
        rng: random.Random,
        owns: Callable[[int], bool] = lambda _guild: True,
    ) -> None:
        self._outages = outages
        self._posts = posts
        self._store = store
        self._notifier = notifier
        self._closed = closed
        self._clock = clock
        self._rng = rng
        self._due = DuePosts(outages, posts, guilds, board, closed, clock, owns)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There may be something to tell."""
        self._wake.set()

    def opened(self, channels: Container[int]) -> None:
        """These channels may be open to us again."""
        self._due.open_channels(channels)
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
        """Look for what is due, and begin it as slots get free: one slow server holds up no other."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            began = loop.time()
            try:
                for post, need in await self._look():
                    if loop.time() - began >= self._due.look_every:
                        break
                    await self._begin(post, need)
            except Exception:
                _log.exception("round of announcements failed")
            try:
                async with asyncio.timeout_at(began + self._due.look_every):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _look(self) -> Sequence[tuple[Post, PostAction]]:
        return await self._due.look(self._under_way) if self._notifier.ready else ()

    async def round(self) -> None:
        """Do all that is due now, and wait until it is done."""
        for post, need in await self._look():
            await self._begin(post, need)
        if self._under_way:
            done, _ = await asyncio.wait(list(self._under_way.values()))
            for task in done:
                task.result()

    async def _begin(self, post: Post, need: PostAction) -> None:
        await self._slots.acquire()
        if post.id in self._under_way:
            self._slots.release()
            return
        task = asyncio.create_task(self._try(post, need), name=f"post {post.id}")
        self._under_way[post.id] = task
        task.add_done_callback(lambda _: self._done(post.id))

    def _done(self, post_id: int) -> None:
        self._under_way.pop(post_id, None)
        self._slots.release()

    async def _try(self, post: Post, need: PostAction) -> None:
        try:
            outage, now = self._outages.get(post.outage_id), self._posts.get(post.id)
            if now is None:
                return  # whom it would have called had it deleted since it became due
            post = now
            await (self._drop(post) if outage is None else self._do(post, need, outage))
            self._due.failures.pop(post.id, None)
        except (NotReachedError, StoreError) as error:
            self._try_later(post, error)
        except NotTakenError as error:
            await self._give_up(post, error)
        except Exception:
            self._due.failures[post.id] = 0, self._clock() + LONGEST_PAUSE
            _log.exception("post failed", kind=post.kind, guild=post.guild_id)

    async def _do(self, post: Post, need: PostAction, outage: Outage) -> None:
        match need:
            case PostAction.SEND:
                await self._send(post, outage)
            case PostAction.EDIT:
                await self._edit(post, outage)
            case PostAction.THREAD:
                await self._open_thread(post, outage)
            case PostAction.FIND_AGAIN:
                await self._keep(post, lost=False)
                self._due.opened.discard(post.id)
            case PostAction.FINISH:
                await self._drop(post)

    def _try_later(self, post: Post, error: Exception, *, pause: float = 0) -> None:
        times = self._due.failures.get(post.id, (0, 0.0))[0] + 1
        pause = pause or min(_FIRST_PAUSE * 2 ** (times - 1), LONGEST_PAUSE)
        pause *= self._rng.uniform(0.7, 1)  # those that failed together do not come again together
        self._due.failures[post.id] = times, self._clock() + pause
        _log.info("post not delivered yet", kind=post.kind, guild=post.guild_id, times=times, error=str(error))

    async def _give_up(self, post: Post, error: NotTakenError) -> None:
        """What is gone is gone; a channel may be opened to us again."""
        _log.warning("post not taken", kind=post.kind, guild=post.guild_id, gone=error.gone, error=str(error))
        is_open, announces = self._outages.is_open(post.outage_id), post.kind is PostKind.ANNOUNCEMENT
        last_word = post.sent and not self._due.long_past(self._outages.get(post.outage_id))
        if error.closed is None and announces and not error.gone and (is_open or last_word):
            self._try_later(post, error, pause=LONGEST_PAUSE)
            return
        opens_again = error.closed is not None and (post.sent or post.kind is PostKind.CALL)
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
        stale = post.kind in {PostKind.ANNOUNCEMENT, PostKind.PING, PostKind.REMINDER} and outage.phase not in _GOING_ON
        overdue = post.kind is PostKind.CALL and self._due.long_past(outage)
        if overdue or (stale and (post.attempted is None or post.kind is not PostKind.ANNOUNCEMENT)):
            await self._drop(post)  # it was over before anybody was told
            return
        self._must_be_open(post)
        found = None if post.attempted is None else await self._find(post)
        if found is None and stale:
            await self._drop(post)
            return
        if post.attempted is None:
            await self._keep(post, attempted=int(self._clock()))
        message_id = found or await self._bring(post, outage)
        self._due.shown[post.id] = Shown(self._clock(), None if found else visible(outage))
        await self._closed.worked(post.channel_id)
        if post.kind is PostKind.ANNOUNCEMENT:
            await self._keep(post, message_id=message_id)
            return
        if post.kind is PostKind.SUMMARY:
            await self._notifier.close_thread(post.channel_id)
        await self._drop(post)

    async def _find(self, post: Post) -> int | None:
        place = self._place(post)
        try:
            return await self._notifier.find(place)
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
            return await self._notifier.send(place, outage)
        except NotTakenError:
            announced = self._announced(post)
            if post.kind is PostKind.SUMMARY or announced is None or place.channel_id != announced.thread_id:
                raise
            return await self._notifier.send(replace(post, channel_id=announced.channel_id), outage)

    def _place(self, post: Post) -> Post:
        """Who asked under the announcement is called in its thread."""
        if post.kind is not PostKind.CALL:
            return post
        announced = self._announced(post)
        if announced is None or announced.thread_id is None:
            return post
        return replace(post, channel_id=announced.thread_id) if post.channel_id == announced.channel_id else post

    def _announced(self, post: Post) -> Post | None:
        return self._posts.announcement(post.outage_id, post.guild_id)

    async def _edit(self, post: Post, outage: Outage) -> None:
        self._must_be_open(post)
        shown = self._due.shown[post.id]
        try:
            await self._notifier.edit(post, outage)
        finally:
            # The minute starts when Discord has answered, however long that took; also a try that fails starts it.
            shown.at = self._clock()
        shown.outage = visible(outage)
        await self._closed.worked(post.channel_id)

    async def _open_thread(self, post: Post, outage: Outage) -> None:
        try:
            thread_id = await self._notifier.open_thread(post, outage)
        except NotTakenError as error:
            _log.warning("no thread", guild=post.guild_id, error=str(error))
            self._due.no_thread.add(post.id)
            return
        await self._keep(post, thread_id=thread_id)

    async def _keep(self, post: Post, **changed: Any) -> None:
        # The disk first; and only our columns: the watch may have changed its own meanwhile.
        await self._store.update(post.id, changed)
        self._posts.change(post.id, **changed)

    async def _drop(self, post: Post) -> None:
        await self._store.drop(post)
        self._posts.done(post.id)
        self._due.forget(post.id)
