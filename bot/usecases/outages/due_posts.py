"""Finds the posts that are due, the most urgent first, and the next action for each.

An internet-wide outage has a post in each of many thousands of servers. All are checked, in batches, as often as a
small share of the process's time allows. If more edits are due than Discord accepts per minute, the posts that waited
longest come first, so that none is forgotten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Container
from enum import Enum, IntEnum, auto
from operator import itemgetter
from typing import NamedTuple

from bot.core.board import Board
from bot.core.outage_life import ONGOING, OPEN, Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY, HOUR
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries, PostDelivery, visible
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache

EDIT_EVERY, EDIT_OLD_EVERY = 60, 600
"""Seconds between two edits of a message. Discord allows few edits of messages older than an hour."""

CALLED_WITHIN = 7 * DAY
"""A call that could not be sent within this time is dropped, together with the people's ids."""

_BATCH = 1000
"""Posts that are checked before other tasks can run: about two milliseconds."""

_CHECK_EVERY, _SHARE = 1.0, 0.05
"""Seconds between two checks, and the share of the process's time that they may take: with many posts, checks are
rarer."""


def pause_between_edits(age: float, *, new_phase: bool) -> int:
    """Seconds from one edit of a message of this age (seconds) to the next; shorter for a new phase."""
    return EDIT_OLD_EVERY if age > HOUR and not new_phase else EDIT_EVERY


class PostAction(Enum):
    """The next action for a post."""

    SEND = auto()
    EDIT = auto()
    THREAD = auto()
    RETRY_LOST = auto()
    """Its channel may be open again."""
    FINISH = auto()


class _Urgency(IntEnum):
    """The order of the work. Work without a request to Discord comes before edits."""

    ANNOUNCEMENT = auto()
    PING = auto()
    CALL = auto()
    OTHER = auto()
    """Reminders and summaries."""
    OURS = auto()
    NEW_PHASE = auto()
    """An edit that says that it is on, or back."""
    THREAD = auto()
    EDIT = auto()


_UNSENT = {PostKind.ANNOUNCEMENT: _Urgency.ANNOUNCEMENT, PostKind.PING: _Urgency.PING, PostKind.CALL: _Urgency.CALL}


class _Due(NamedTuple):
    """A post that is due; with the same urgency, the lowest `order` comes first."""

    urgency: _Urgency
    order: float
    post: Post
    action: PostAction


class _Seen(NamedTuple):
    """An outage as seen in this round: what its posts show, and whether it may go on."""

    outage: Outage
    may_go_on: bool


class Backlog(NamedTuple):
    """The unsent posts: how many, and when the oldest of them became due."""

    waiting: int = 0
    since: float | None = None

    def with_one(self, since: float) -> "Backlog":
        """The backlog with one more post."""
        return Backlog(self.waiting + 1, since if self.since is None else min(self.since, since))


class DuePosts:
    """Finds the due posts of the servers that this process `owns`."""

    def __init__(
        self,
        outages: OutageCache,
        posts: PostCache,
        deliveries: Deliveries,
        guilds: GuildCache,
        board: Board,
        closed: ClosedChannels,
        clock: Clock,
        *,
        owns: Callable[[int], bool] = lambda _guild: True,
    ) -> None:
        self._outages = outages
        self._posts = posts
        self._deliveries = deliveries
        self._guilds = guilds
        self._board = board
        self._closed = closed
        self._clock = clock
        self._owns = owns
        self.check_every = _CHECK_EVERY
        """Seconds from one check to the next."""
        self.backlog = Backlog()
        """The result of the last check."""

    def long_past(self, outage: Outage | None) -> bool:
        """Whether the outage is so old that its summary and calls are no longer needed."""
        return outage is None or self._clock() - outage.seen > CALLED_WITHIN

    async def find(self, under_way: Container[int]) -> list[tuple[Post, PostAction]]:
        """All actions that may start now; among new announcements, servers with the most reports come first."""
        loop = asyncio.get_running_loop()
        began, now = loop.time(), self._clock()
        due, seen, awaiting_summary = list[_Due](), dict[int, _Seen | None](), set[int]()
        backlog = Backlog()
        async for post in self._ours():
            if post.kind is PostKind.SUMMARY:
                awaiting_summary.add(post.channel_id)
            if post.outage_id not in seen:
                outage = self._outages.get(post.outage_id)
                seen[post.outage_id] = outage and _Seen(visible(outage), self._may_go_on(outage))
            begun = post.id in under_way or self._deliveries.pauses(post.id, now)
            one = None if begun else self._next(post, seen[post.outage_id], now)
            if one is not None:
                due.append(one)
            if not (post.sent or post.lost) and (begun or one is not None):
                backlog = backlog.with_one(self._deliveries.due_since(post.id, now))
        # An announcement is finished after the summary in its thread.
        due = [one for one in due if one.action is not PostAction.FINISH or one.post.thread_id not in awaiting_summary]
        due.sort(key=itemgetter(0, 1))
        self.backlog = backlog
        self.check_every = max(_CHECK_EVERY, (loop.time() - began) / _SHARE)
        return [(one.post, one.action) for one in due]

    async def _ours(self) -> AsyncIterator[Post]:
        for number, post in enumerate(self._posts.all()):
            if number % _BATCH == 0:
                await asyncio.sleep(0)
            if self._owns(post.guild_id):
                yield post

    def _next(self, post: Post, seen: _Seen | None, now: float) -> _Due | None:
        if seen is None or (post.lost and self._hopeless(post)):
            return _Due(_Urgency.OURS, 0, post, PostAction.FINISH)
        outage = seen.outage
        if post.lost:
            reopened = self._deliveries.is_reopened(post.id)
            return _Due(_Urgency.OURS, 0, post, PostAction.RETRY_LOST) if reopened else None
        if post.sent:
            return self._next_of_sent(post, seen, now)
        if post.kind is PostKind.CALL and outage.phase in ONGOING:
            return None  # do not announce that it is back while it fails again
        people = self._board.mirror(outage.service).people_in(post.guild_id, now)
        return _Due(_UNSENT.get(post.kind, _Urgency.OTHER), -people, post, PostAction.SEND)

    def _next_of_sent(self, post: Post, seen: _Seen, now: float) -> _Due | None:
        outage = seen.outage
        delivery = self._deliveries.of_sent(post.id, now)
        if self._wants_thread(post, outage, delivery):
            return _Due(_Urgency.THREAD, delivery.shown_at, post, PostAction.THREAD)
        shown = delivery.shown
        if shown == outage:
            return None if seen.may_go_on else _Due(_Urgency.OURS, 0, post, PostAction.FINISH)
        new_phase = shown is None or shown.phase is not outage.phase
        if 0 <= now - delivery.shown_at < pause_between_edits(now - (post.attempted or now), new_phase=new_phase):
            return None
        return _Due(_Urgency.NEW_PHASE if new_phase else _Urgency.EDIT, delivery.shown_at, post, PostAction.EDIT)

    def _may_go_on(self, outage: Outage) -> bool:
        """Whether it is open, or a relapse may reopen it, so that its announcements are still needed."""
        if outage.phase in OPEN:
            return True
        if outage.phase is not Phase.OVER or outage.final or outage.simulated:
            return False
        last = self._outages.last(outage.service)
        return last is not None and last.id == outage.id

    def _wants_thread(self, post: Post, outage: Outage, delivery: PostDelivery) -> bool:
        if outage.phase is not Phase.ON or post.thread_id is not None or delivery.thread_refused:
            return False
        return self._guilds.get(post.guild_id).outage_thread

    def may_have_thread(self, post: Post, outage: Outage) -> bool:
        """Whether a thread that we do not know of may be open under it: Discord's answer, or our note of it, was lost.

        It would have the id of the message (Discord's documentation, "Start Thread from Message").
        """
        announced = post.kind is PostKind.ANNOUNCEMENT and post.message_id is not None and post.thread_id is None
        return announced and outage.detected is not None and self._guilds.get(post.guild_id).outage_thread

    def _hopeless(self, post: Post) -> bool:
        """Whether to drop a post. Calls, and announcements that people may read, wait a while for the channel to open.

        Everything else is useless once the outage is over.
        """
        outage = self._outages.get(post.outage_id)
        waits = post.kind is PostKind.CALL or (post.may_be_read and self._closed.is_known(post.channel_id))
        return self.long_past(outage) if waits else outage is None or outage.phase not in OPEN
