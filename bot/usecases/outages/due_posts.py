"""Which posts are due, the most urgent first: what an announcement needs next, and when it may have it.

An internet-wide outage has a post for each of many thousands of servers. All of them are looked through, in bites, as
often as a small share of our time allows; where there is more to edit than Discord takes in a minute, those that waited
longest come first, so that nobody's is forgotten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Container
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, auto
from operator import itemgetter
from typing import NamedTuple

from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY, HOUR
from bot.core.tally import Board
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache

EDIT_EVERY, EDIT_OLD_EVERY = 60, 600
"""Seconds between two edits of a message; Discord allows few of one older than an hour."""

CALLED_WITHIN = 7 * DAY
"""A call that could not be brought by then is given up, and the ids with it."""

LONGEST_PAUSE = 300
"""Seconds until a post that could not be brought is tried again, at most."""

_AT_A_TIME = 1000
"""Posts that are looked at before other things have their turn: two milliseconds or so."""

_LOOK_EVERY, _SHARE = 1.0, 0.05
"""Seconds between two looks, and the share of our time that they may take: with very many posts we look more seldom."""

_GOING_ON = frozenset({Phase.SUSPECTED, Phase.ON})


class PostAction(Enum):
    """What is to be done with a post."""

    SEND = auto()
    EDIT = auto()
    THREAD = auto()
    FIND_AGAIN = auto()
    """Its channel may be open to us again."""
    FINISH = auto()


class _Urgency(IntEnum):
    """What comes before what. What costs Discord nothing waits for no edit."""

    ANNOUNCEMENT = auto()
    PING = auto()
    CALL = auto()
    WORD = auto()
    """Reminders and last words."""
    OURS = auto()
    TURN = auto()
    """An edit that says that it is on, or back."""
    THREAD = auto()
    EDIT = auto()


_UNSENT = {PostKind.ANNOUNCEMENT: _Urgency.ANNOUNCEMENT, PostKind.PING: _Urgency.PING, PostKind.CALL: _Urgency.CALL}


@dataclass(slots=True)
class Shown:
    """What a message showed when it was last sent or edited; `outage` is None if that is not known."""

    at: float
    outage: Outage | None


class _Due(NamedTuple):
    """A post that is due; of the same urgency those of the lowest `order` come first."""

    urgency: _Urgency
    order: float
    post: Post
    need: PostAction


def visible(outage: Outage) -> Outage:
    """What an announcement shows of an outage: two that are equal need no edit between them."""
    usual, recent = (round(outage.usual, 1), outage.recent) if outage.phase in _GOING_ON else (0.0, 0)
    return replace(outage, seen=0, doubted=None, usual=usual, recent=recent)


class DuePosts:
    """`owns` says whether a server is ours to tell. The members are what this process knows of its posts."""

    def __init__(
        self,
        outages: OutageCache,
        posts: PostCache,
        guilds: GuildCache,
        board: Board,
        closed: ClosedChannels,
        clock: Clock,
        owns: Callable[[int], bool] = lambda _guild: True,
    ) -> None:
        self._outages = outages
        self._posts = posts
        self._guilds = guilds
        self._board = board
        self._closed = closed
        self._clock = clock
        self._owns = owns
        self.look_every = _LOOK_EVERY
        """Seconds from one look to the next."""
        self.shown: dict[int, Shown] = {}
        self.failures: dict[int, tuple[int, float]] = {}
        """How often a post failed, and until when it rests."""
        self.no_thread: set[int] = set()
        """Announcements that may have no thread."""
        self.opened: set[int] = set()
        """Posts that were lost, and whose channel may be open again."""

    def open_channels(self, channels: Container[int]) -> None:
        """These channels may be open to us again."""
        self.opened |= {post.id for post in self._posts.all() if post.lost and post.channel_id in channels}

    def forget(self, post_id: int) -> None:
        """A post is done with."""
        self.shown.pop(post_id, None)
        self.failures.pop(post_id, None)
        self.no_thread.discard(post_id)
        self.opened.discard(post_id)

    def long_past(self, outage: Outage | None) -> bool:
        """Whether nobody waits for its last word or a call any more."""
        return outage is None or self._clock() - outage.seen > CALLED_WITHIN

    async def look(self, under_way: Container[int]) -> list[tuple[Post, PostAction]]:
        """All that may begin now; of new announcements first those where most people reported."""
        loop = asyncio.get_running_loop()
        began, now = loop.time(), self._clock()
        due, seen, last_words = list[_Due](), dict[int, Outage | None](), set[int]()
        async for post in self._ours():
            if post.kind is PostKind.SUMMARY:
                last_words.add(post.channel_id)
            if post.id in under_way or self._rests(post, now):
                continue
            if post.outage_id not in seen:
                outage = self._outages.get(post.outage_id)
                seen[post.outage_id] = outage and visible(outage)
            one = self._next(post, seen[post.outage_id], now)
            if one is not None:
                due.append(one)
        # An announcement is done with after the last word in its thread.
        due = [one for one in due if one.need is not PostAction.FINISH or one.post.thread_id not in last_words]
        due.sort(key=itemgetter(0, 1))
        self.look_every = max(_LOOK_EVERY, (loop.time() - began) / _SHARE)
        return [(one.post, one.need) for one in due]

    async def _ours(self) -> AsyncIterator[Post]:
        for number, post in enumerate(self._posts.all()):
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            if self._owns(post.guild_id):
                yield post

    def _rests(self, post: Post, now: float) -> bool:
        # A clock that was set back must not silence a post for a day.
        failed = self.failures.get(post.id)
        return failed is not None and 0 < failed[1] - now <= LONGEST_PAUSE

    def _next(self, post: Post, outage: Outage | None, now: float) -> _Due | None:
        if outage is None or (post.lost and self._hopeless(post)):
            return _Due(_Urgency.OURS, 0, post, PostAction.FINISH)
        if post.lost:
            return _Due(_Urgency.OURS, 0, post, PostAction.FIND_AGAIN) if post.id in self.opened else None
        if post.sent:
            return self._next_of_sent(post, outage, now)
        if post.kind is PostKind.CALL and outage.phase in _GOING_ON:
            return None  # nobody is told that it is back while it fails again
        people = self._board.mirror(outage.service).people_in(post.guild_id, now)
        return _Due(_UNSENT.get(post.kind, _Urgency.WORD), -people, post, PostAction.SEND)

    def _next_of_sent(self, post: Post, outage: Outage, now: float) -> _Due | None:
        shown = self.shown.get(post.id)
        if shown is None:
            shown = self.shown[post.id] = Shown(now, None)
        if (
            outage.phase is Phase.ON
            and post.thread_id is None
            and post.id not in self.no_thread
            and self._guilds.get(post.guild_id).outage_thread
        ):
            return _Due(_Urgency.THREAD, shown.at, post, PostAction.THREAD)
        if shown.outage == outage:
            return None if outage.phase in OPEN else _Due(_Urgency.OURS, 0, post, PostAction.FINISH)
        turned = shown.outage is None or shown.outage.phase is not outage.phase
        old = now - (post.attempted or now) > HOUR
        if 0 <= now - shown.at < (EDIT_OLD_EVERY if old and not turned else EDIT_EVERY):
            return None
        return _Due(_Urgency.TURN if turned else _Urgency.EDIT, shown.at, post, PostAction.EDIT)

    def _hopeless(self, post: Post) -> bool:
        """A last word and a call wait a while for the channel to open; all else is past with the outage."""
        outage = self._outages.get(post.outage_id)
        waits = post.kind is PostKind.CALL or (post.sent and self._closed.is_known(post.channel_id))
        return self.long_past(outage) if waits else outage is None or outage.phase not in OPEN
