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
"""Requests a second that Discord takes of a bot; answers to commands and buttons are not among them."""

IN_CHANNEL, IN_SECONDS = 5, 5.0
"""Messages that Discord takes in a channel, and in how many seconds."""


@dataclass(frozen=True, slots=True)
class World:
    """The assumptions. Everything else follows."""

    servers: int = 100_000
    with_channel: float = 0.3
    """Share of the servers that name an outage channel."""
    closed: float = 0.03
    """Share of those channels in which we may not write."""
    failing: float = 0.002
    """Share of requests that fail for no lasting reason (429, 5xx)."""
    takes: tuple[float, float] = (0.12, 0.4)
    """Seconds that Discord takes for a message with a picture, from and to."""
    on: int = 30
    """Minutes that it lasts."""
    others: float = 5.0
    """Other requests per second that count towards the limit, such as auto-replies."""
    people: int = 100_000
    """Who report in the first quarter of an hour: one a server."""
    again: float = 0.2
    """Share of presses by people who are counted already."""


class Discord:
    """Discord behind the shared proxy, which counts by the second of the clock, as nirn-proxy does; in turn."""

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
        """One request; returns when Discord has answered it."""
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
        """The most requests within any one second, wherever it begins."""
        most, first = 0, 0
        for last, at in enumerate(self.arrivals):
            while self.arrivals[first] <= at - 1:
                first += 1
            most = max(most, last - first + 1)
        return most


@dataclass
class Told:
    """When each server was told what, in seconds since the onset was called; and how often its message was edited."""

    on: dict[int, float] = field(default_factory=dict)
    thread: dict[int, float] = field(default_factory=dict)
    back: dict[int, float] = field(default_factory=dict)
    over: dict[int, float] = field(default_factory=dict)
    edits: Counter[int] = field(default_factory=Counter)


class Notifier:
    """Carries posts at the pace of one process."""

    ready = True

    def __init__(self, discord: Discord, told: Told) -> None:
        self._discord = discord
        self._told = told
        self._pace = AsyncLimiter(1, 1 / PER_SECOND)
        self._now = asyncio.get_running_loop().time

    async def _take(self, channel_id: int) -> None:
        async with self._pace:
            await self._discord.take(channel_id)

    async def find(self, post: Post) -> int | None:
        """Nothing is lost between Discord and us here."""
        await self._take(post.channel_id)

    async def send(self, post: Post, _outage: Outage) -> int:
        """An announcement, or the last word in its thread."""
        await self._take(post.channel_id)
        if post.kind is PostKind.ANNOUNCEMENT:
            self._told.on[post.guild_id] = self._now()
        return post.id

    async def edit(self, post: Post, outage: Outage) -> None:
        """What it says now."""
        await self._take(post.channel_id)
        if outage.phase is Phase.ON:
            self._told.edits[post.guild_id] += 1
        else:
            self._told.back.setdefault(post.guild_id, self._now())

    async def open_thread(self, post: Post, _outage: Outage) -> int:
        """A thread under it."""
        await self._take(post.channel_id)
        self._told.thread[post.guild_id] = self._now()
        return post.id + (1 << 40)

    async def close_thread(self, thread_id: int) -> None:
        """The last request there."""
        await self._take(thread_id)
        self._told.over[thread_id] = self._now()


class Disk:
    """Posts, and channels that are closed, kept nowhere: what the disk costs is measured elsewhere."""

    async def all(self) -> Sequence[Any]:
        """Nothing."""
        return ()

    async def update(self, _post_id: int, _changed: Mapping[str, Any]) -> None:
        """A commit."""
        await asyncio.sleep(0.002)

    async def drop(self, _what: Any) -> None:
        """A commit."""
        await asyncio.sleep(0.002)

    async def put(self, _closed: Any) -> None:
        """A commit."""
        await asyncio.sleep(0.002)


class Log:
    """Reports in memory, durable after a group commit's time."""

    def __init__(self) -> None:
        self.kept: list[Report] = []

    async def append(self, report: Report, within: float = 0.0) -> None:
        """A group commit."""
        del within
        await asyncio.sleep(0.005)
        self.kept.append(report)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)
