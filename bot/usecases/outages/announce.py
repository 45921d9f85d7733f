"""Announcing: sends every post once, and keeps announcements up to date.

Each attempt is recorded before the message is sent, and the post's id is the nonce. After a crash Discord recognises
the message by it, or we find it in the channel. A post that Discord will never accept is dropped, a failed one is
retried, and a post whose channel is closed to us waits until the channel is open.
"""

import asyncio
import logging
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any, Self

from bot.core.errors import StoreError
from bot.core.outage_life import ONGOING, Outage
from bot.core.posts import Post, PostKind
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import LONGEST_PAUSE, Deliveries
from bot.usecases.outages.due_posts import DuePosts, PostAction
from bot.usecases.outages.ports import Notifier, PostRefusedError, PostStore, PostUndeliveredError
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.tasks import cancel

_IN_THREADS = frozenset({PostKind.SUMMARY, PostKind.REOPENED})
"""Posts that only make sense in the thread."""

AT_ONCE = 8
"""Posts that are sent concurrently; the notifier respects Discord's rate limits."""

_logger = logging.getLogger(__name__)


class AnnounceOutages:
    """One task sends the posts that are due. Use as an async context manager, or call `round`."""

    def __init__(
        self,
        due: DuePosts,
        deliveries: Deliveries,
        outages: OutageCache,
        posts: PostCache,
        store: PostStore,
        notifier: Notifier,
        closed: ClosedChannels,
        clock: Clock,
    ) -> None:
        self._due = due
        self._deliveries = deliveries
        self._outages = outages
        self._posts = posts
        self._store = store
        self._notifier = notifier
        self._closed = closed
        self._clock = clock
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Check for due posts now."""
        self._wake.set()

    def opened(self, channels: Container[int]) -> None:
        """These channels may be open to us again."""
        self._deliveries.reopened(post.id for post in self._posts.all() if post.lost and post.channel_id in channels)
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="announcer")
        return self

    async def __aexit__(self, *_: object) -> None:
        # The next start searches for messages that are being sent now; waiting posts are in the database.
        await cancel(self._task, *self._under_way.values())

    async def _run(self) -> None:
        """Find due posts, and start them as slots become free, so that a slow server does not hold up others."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            began = loop.time()
            try:
                for post, action in await self._find_due():
                    if loop.time() - began >= self._due.check_every:
                        break
                    await self._begin(post, action)
            except Exception:
                _logger.exception("announcement pass failed")
            try:
                async with asyncio.timeout_at(began + self._due.check_every):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _find_due(self) -> Sequence[tuple[Post, PostAction]]:
        return await self._due.find(self._under_way) if self._notifier.ready else ()

    async def round(self) -> None:
        """Process all posts that are due now, and wait until they are done."""
        for post, action in await self._find_due():
            await self._begin(post, action)
        if self._under_way:
            done, _ = await asyncio.wait(list(self._under_way.values()))
            for task in done:
                task.result()

    async def _begin(self, post: Post, action: PostAction) -> None:
        await self._slots.acquire()
        if post.id in self._under_way:
            self._slots.release()
            return
        task = asyncio.create_task(self._try(post, action), name=f"post {post.id}")
        self._under_way[post.id] = task
        task.add_done_callback(lambda _: self._ended(post.id))

    def _ended(self, post_id: int) -> None:
        self._under_way.pop(post_id, None)
        self._slots.release()

    async def _try(self, post: Post, action: PostAction) -> None:
        try:
            outage, now = self._outages.get(post.outage_id), self._posts.get(post.id)
            if now is None:
                self._deliveries.forget(post.id)
                return  # removed since it became due, because the people in it deleted their data
            post = now
            await (self._finish(post) if outage is None else self._do(post, action, outage))
            self._deliveries.succeeded(post.id)
        except (PostUndeliveredError, StoreError) as error:
            self._try_later(post, error)
        except PostRefusedError as error:
            await self._give_up(post, error)
        except Exception:
            self._deliveries.broke(post.id)
            _logger.exception("post failed", extra={"kind": post.kind, "guild": post.guild_id})

    async def _do(self, post: Post, action: PostAction, outage: Outage) -> None:
        match action:
            case PostAction.SEND:
                await self._send(post, outage)
            case PostAction.EDIT:
                await self._edit(post, outage)
            case PostAction.THREAD:
                await self._open_thread(post, outage)
            case PostAction.RETRY_LOST:
                await self._change(post, lost=False)
                self._deliveries.retried(post.id)
            case PostAction.FINISH:
                if self._due.may_have_thread(post, outage):
                    await self._close_thread(replace(post, channel_id=post.message_id or 0))
                await self._finish(post)

    def _try_later(self, post: Post, error: Exception, *, pause: float | None = None) -> None:
        times = self._deliveries.failed(post.id, pause=pause)
        _logger.info(
            "post not delivered yet",
            extra={"kind": post.kind, "guild": post.guild_id, "times": times, "error": str(error)},
        )

    async def _give_up(self, post: Post, error: PostRefusedError) -> None:
        """Drop a post whose channel or message is deleted; a channel that refuses us may be opened again."""
        post = self._posts.get(post.id) or post
        self._deliveries.refused()
        _logger.warning(
            "Discord rejected a post",
            extra={"kind": post.kind, "guild": post.guild_id, "gone": error.gone, "error": str(error)},
        )
        if error.closed is None and not error.gone and self._is_still_wanted(post):
            self._try_later(post, error, pause=LONGEST_PAUSE)
            return
        try:
            await (self._change(post, lost=True) if self._may_open_again(post, error) else self._finish(post))
        except StoreError as failure:
            self._try_later(post, failure)
            return
        if error.closed is not None:
            # Do this last: the channel may open while we notify moderators, and then the lost post must be found.
            await self._closed.close(post.guild_id, post.channel_id, error.closed)

    def _is_still_wanted(self, post: Post) -> bool:
        """Whether it is an announcement that people still read, or that must still be edited to say that it is over."""
        if post.kind is not PostKind.ANNOUNCEMENT:
            return False
        must_say_it_is_over = post.may_be_read and not self._due.long_past(self._outages.get(post.outage_id))
        return self._outages.is_open(post.outage_id) or must_say_it_is_over

    def _may_open_again(self, post: Post, error: PostRefusedError) -> bool:
        """Whether to keep the post as lost, until its channel opens or moderators choose another."""
        announces = post.kind is PostKind.ANNOUNCEMENT and self._outages.is_open(post.outage_id)
        opens_again = error.closed is not None and (post.may_be_read or post.kind is PostKind.CALL)
        return bool(post.guild_id) and (announces or opens_again)

    async def _send(self, post: Post, outage: Outage) -> None:
        if self._is_outdated(post, outage):
            await self._finish(post)
            return
        self._raise_if_closed(post)
        found = None if post.attempted is None else await self._find(post)
        if found is None and _is_stale(post, outage):
            await self._finish(post)
            return
        if post.attempted is None:
            await self._change(post, attempted=int(self._clock()))
        message_id = found or await self._deliver(post, outage)
        self._deliveries.shown(post.id, None if found else outage)
        await self._closed.worked(post.channel_id)
        if post.kind is PostKind.ANNOUNCEMENT:
            await self._change(post, message_id=message_id)
            return
        if post.kind is PostKind.SUMMARY:
            await self._close_thread(post)
        await self._finish(post)

    def _is_outdated(self, post: Post, outage: Outage) -> bool:
        """Whether it no longer needs to be sent. An announcement that was attempted may have arrived."""
        if post.kind is PostKind.CALL:
            return self._due.long_past(outage)
        return _is_stale(post, outage) and not post.may_be_read

    async def _find(self, post: Post) -> int | None:
        place = self._place(post)
        try:
            return await self._notifier.find(place)
        except PostRefusedError:
            if place.channel_id == post.channel_id:
                raise
            return None  # a deleted thread says nothing about its channel

    def _raise_if_closed(self, post: Post) -> None:
        """Raise PostRefusedError if the channel is closed, so that no request is sent that Discord would refuse."""
        if self._closed.is_closed(post.channel_id):
            raise PostRefusedError("the channel is closed to us", closed=0)

    async def _deliver(self, post: Post, outage: Outage) -> int:
        """Send it. If Discord refuses it, it certainly did not arrive."""
        try:
            return await self._send_to_its_place(post, outage)
        except PostRefusedError:
            await self._change(post, attempted=None)
            raise

    async def _send_to_its_place(self, post: Post, outage: Outage) -> int:
        """Send it to its place, or to the channel if the thread is deleted or closed to us."""
        place = self._place(post)
        try:
            return await self._notifier.send(place, outage)
        except PostRefusedError:
            announced = self._announcement(post)
            if post.kind in _IN_THREADS or announced is None or place.channel_id != announced.thread_id:
                raise
            return await self._notifier.send(replace(post, channel_id=announced.channel_id), outage)

    def _place(self, post: Post) -> Post:
        """The post with its channel: people who asked under the announcement are mentioned in its thread."""
        if post.kind is not PostKind.CALL:
            return post
        announced = self._announcement(post)
        if announced is None or announced.thread_id is None:
            return post
        return replace(post, channel_id=announced.thread_id) if post.channel_id == announced.channel_id else post

    def _announcement(self, post: Post) -> Post | None:
        return self._posts.announcement(post.outage_id, post.guild_id)

    async def _edit(self, post: Post, outage: Outage) -> None:
        self._raise_if_closed(post)
        try:
            await self._notifier.edit(post, outage)
        finally:
            # The minute until the next edit starts when Discord has answered, even if it refused this one.
            self._deliveries.edit_answered(post.id)
        self._deliveries.shown(post.id, outage)
        await self._closed.worked(post.channel_id)

    async def _open_thread(self, post: Post, outage: Outage) -> None:
        try:
            thread_id = await self._notifier.open_thread(post, outage)
        except PostRefusedError as error:
            _logger.warning("Discord rejected a thread", extra={"guild": post.guild_id, "error": str(error)})
            self._deliveries.thread_refused(post.id)
            return
        await self._change(post, thread_id=thread_id)

    async def _close_thread(self, post: Post) -> None:
        try:
            await self._notifier.close_thread(post.channel_id)
        except PostRefusedError as error:
            # The summary is there, and Discord archives the thread by itself, so moderators need not do anything.
            _logger.info("Discord refused to archive a thread", extra={"guild": post.guild_id, "error": str(error)})

    async def _change(self, post: Post, **changed: Any) -> None:
        # Write to the database first, and only our columns: the watch may have changed its own meanwhile.
        await self._store.update(post.id, changed)
        self._posts.change(post.id, **changed)

    async def _finish(self, post: Post) -> None:
        await self._store.delete(post)
        self._posts.forget(post.id)
        self._deliveries.forget(post.id)


def _is_stale(post: Post, outage: Outage) -> bool:
    """Whether its text is wrong: it says that the outage is on although it is not, or over although it goes on."""
    if post.kind is PostKind.END:
        return outage.phase in ONGOING
    says_on = post.kind in {PostKind.ANNOUNCEMENT, PostKind.PING, PostKind.REMINDER, PostKind.REOPENED}
    return says_on and outage.phase not in ONGOING
