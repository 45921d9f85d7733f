"""The simulation for benchmarks/scaling.py: Discord behind a shared proxy, the disk, and our assumptions."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiolimiter import AsyncLimiter

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import Report
from bot.discord_ui.posting.notifier import PER_SECOND
from bot.usecases.outages.ports import PostRefusedError, PostUndeliveredError

GLOBAL = 50
"""Requests a second that Discord accepts from a bot, without answers to commands and buttons."""

IN_CHANNEL, IN_SECONDS = 5, 5.0
"""Messages that Discord accepts in a channel, and the seconds for these."""


@dataclass(frozen=True, slots=True)
class World:
    """The assumptions. Everything else follows from them."""

    servers: int = 100_000
    with_channel: float = 0.3
    """Share of the servers that have set an outage channel."""
    closed: float = 0.03
    """Share of those channels in which the bot may not write."""
    failing: float = 0.002
    """Share of requests that fail temporarily (429, 5xx)."""
    takes: tuple[float, float] = (0.12, 0.4)
    """Minimum and maximum seconds that Discord takes for a message with a picture."""
    on: int = 30
    """Length of the outage in minutes."""
    others: float = 5.0
    """Other requests per second that count towards the limit, such as auto-replies."""
    people: int = 100_000
    """People who report in the first quarter of an hour, one per server."""
    again: float = 0.2
    """Share of people who press again although they are counted."""


class Discord:
    """Discord behind a shared proxy, which counts per clock second (like nirn-proxy), and handles requests in order."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world = world
        self._rng = rng
        self._loop = asyncio.get_running_loop()
        self._turn = asyncio.Lock()
        self._second, self._taken = -1, 0
        self._in_channel: dict[int, deque[float]] = {}
        self.by_second: Counter[int] = Counter()
        self.arrivals: list[float] = []
        self.closed: set[int] = set()

    async def take(self, channel_id: int) -> None:
        """Send a request. Returns when Discord has answered it."""
        async with self._turn:
            if self._taken >= GLOBAL and int(self._loop.time()) == self._second:
                await asyncio.sleep(self._second + 1 - self._loop.time())
            if int(self._loop.time()) != self._second:
                self._second, self._taken = int(self._loop.time()), 0
            self._taken += 1
        before = self._in_channel.setdefault(channel_id, deque(maxlen=IN_CHANNEL))
        if len(before) == IN_CHANNEL:
            await asyncio.sleep(max(0.0, before[0] + IN_SECONDS - self._loop.time()))
        now = self._loop.time()
        before.append(now)
        self.by_second[int(now)] += 1
        self.arrivals.append(now)
        await asyncio.sleep(self._rng.uniform(*self._world.takes))
        if channel_id in self.closed:
            raise PostRefusedError("403 50013", closed=50013)
        if self._rng.random() < self._world.failing:
            raise PostUndeliveredError("503")

    def busiest(self) -> int:
        """The largest number of requests in any period of one second."""
        most, first = 0, 0
        for last, at in enumerate(self.arrivals):
            while self.arrivals[first] <= at - 1:
                first += 1
            most = max(most, last - first + 1)
        return most


@dataclass
class Arrivals:
    """When each server got which message, in seconds since the alarm, and how often its message was edited."""

    on: dict[int, float] = field(default_factory=dict)
    thread: dict[int, float] = field(default_factory=dict)
    back: dict[int, float] = field(default_factory=dict)
    over: dict[int, float] = field(default_factory=dict)
    edits: Counter[int] = field(default_factory=Counter)


class Notifier:
    """Sends posts at the rate of one process."""

    ready = True

    def __init__(self, discord: Discord, arrivals: Arrivals) -> None:
        self._discord = discord
        self._arrivals = arrivals
        self._pace = AsyncLimiter(1, 1 / PER_SECOND)
        self._now = asyncio.get_running_loop().time

    async def _take(self, channel_id: int) -> None:
        async with self._pace:
            await self._discord.take(channel_id)

    async def find(self, post: Post) -> int | None:
        """Search for a post. In this simulation no answer of Discord is lost, so it finds nothing."""
        await self._take(post.channel_id)

    async def send(self, post: Post, _outage: Outage) -> int:
        """Send an announcement, or the final message in its thread."""
        await self._take(post.channel_id)
        if post.kind is PostKind.ANNOUNCEMENT:
            self._arrivals.on[post.guild_id] = self._now()
        return post.id

    async def edit(self, post: Post, outage: Outage) -> None:
        """Edit an announcement."""
        await self._take(post.channel_id)
        if outage.phase is Phase.ON:
            self._arrivals.edits[post.guild_id] += 1
        else:
            self._arrivals.back.setdefault(post.guild_id, self._now())

    async def open_thread(self, post: Post, _outage: Outage) -> int:
        """Open a thread on an announcement."""
        await self._take(post.channel_id)
        self._arrivals.thread[post.guild_id] = self._now()
        return post.id + (1 << 40)

    async def close_thread(self, thread_id: int) -> None:
        """Close the thread: the last request for a server."""
        await self._take(thread_id)
        self._arrivals.over[thread_id] = self._now()


class Disk:
    """A store for posts and closed channels that keeps nothing. The cost of the disk is measured elsewhere."""

    async def all(self) -> Sequence[Any]:
        """Read nothing."""
        return ()

    async def update(self, _post_id: int, _changed: Mapping[str, Any]) -> None:
        """Take the time of a commit."""
        await asyncio.sleep(0.002)

    async def drop(self, _what: Any) -> None:
        """Take the time of a commit."""
        await asyncio.sleep(0.002)

    async def put(self, _closed: Any) -> None:
        """Take the time of a commit."""
        await asyncio.sleep(0.002)


class Log:
    """Reports in memory, which count as durable after the time of a group commit."""

    def __init__(self) -> None:
        self.kept: list[Report] = []

    async def append(self, report: Report, within: float = 0.0) -> None:
        """Take the time of a group commit."""
        del within
        await asyncio.sleep(0.005)
        self.kept.append(report)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)
