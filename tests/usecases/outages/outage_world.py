"""A test world for outages without Discord and disk: stores and a notifier that can fail, and a clock."""

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.board import Board
from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, Outage
from bot.core.outages import OutageDetector
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY, MINUTE, Report
from bot.core.service import Source
from bot.core.signals import Signal, SignalBoard
from bot.core.talk import Talk
from bot.core.watch import WatchState
from bot.usecases.leadership import OnlyProcess
from bot.usecases.outages.announce import AnnounceOutages
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries
from bot.usecases.outages.due_posts import DuePosts
from bot.usecases.outages.ports import PostRefusedError, PostUndeliveredError, WatchStep, WrittenStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.watch import Sources, WatchServices
from bot.usecases.outages.watch_states import WatchStates, to_document
from bot.usecases.outages.write_watch_steps import WriteWatchSteps
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.servers.ports import ClosedChannel
from bot.usecases.services import Services
from tests.usecases.fakes import a_service

SERVICE = "examplia"
START = 20_000 * DAY


class CrashError(BaseException):
    """The process is killed here."""


@dataclass
class Disk:
    """What survives a restart: the outage and post stores together, like a database."""

    watch: dict[str, str] = field(default_factory=dict)
    kept: dict[int, Outage] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    fails: int = 0
    given: int = 0

    def _may_fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise StoreError("the disk is full")

    def _number(self) -> int:
        self.given += 1
        return self.given

    async def watches(self) -> Mapping[str, str]:
        return dict(self.watch)

    async def write(self, step: WatchStep) -> WrittenStep:
        self._may_fail()
        if step.watch is not None:
            self.watch[step.service] = step.watch
        outage, posts = step.outage, list(step.new)
        if outage is not None:
            outage = outage if outage.id else replace(outage, id=self._number())
            self.kept[outage.id] = outage
            if step.call and self.waiting:
                posts.append(Post(outage.id, PostKind.CALL, 1, 10, people=tuple(self.waiting)))
                self.waiting.clear()
            posts = [replace(post, outage_id=outage.id) for post in posts]
        for post in step.changed:
            self.posts[post.id] = replace(self.posts[post.id], pinged=post.pinged, reminded=post.reminded)
        posts = [replace(post, id=self._number()) for post in posts]
        self.posts |= {post.id: post for post in posts}
        return WrittenStep(outage, tuple(posts))

    async def outages(self, since: int) -> Sequence[Outage]:
        return [one for one in self.kept.values() if one.began > since or one.phase in OPEN]

    async def purge(self, before: int) -> int:
        return 0

    async def all(self) -> Sequence[Post]:
        return list(self.posts.values())

    async def update(self, post_id: int, changed: Mapping[str, Any]) -> None:
        self._may_fail()
        self.posts[post_id] = replace(self.posts[post_id], **changed)

    async def delete(self, post: Post) -> None:
        self._may_fail()
        self.posts.pop(post.id, None)


@dataclass
class Message:
    """A message as people see it."""

    post: Post
    outage: Outage
    edits: list[float] = field(default_factory=list)


@dataclass
class RecordingNotifier:
    """A notifier that records what it sends. Each of the `moods` is a failure, or none, for one call."""

    clock: "Clock"
    messages: dict[int, Message] = field(default_factory=dict)
    threads: dict[int, bool] = field(default_factory=dict)
    moods: list[str] = field(default_factory=list)
    ready: bool = True
    locked: dict[int, int] = field(default_factory=dict)
    never_closed: set[int] = field(default_factory=set)
    refused: int = 0
    loses_threads: bool = False

    def _may(self, channel_id: int) -> None:
        if code := self.locked.get(channel_id):
            self.refused += 1
            raise PostRefusedError(f"403 {code}", gone=code == 10003, closed=code)

    def _before(self) -> str:
        mood = self.moods.pop(0) if self.moods else "fine"
        if mood == "unreached":
            raise PostUndeliveredError("503")
        if mood == "not taken":
            raise PostRefusedError("403")
        return mood

    def _after(self, mood: str) -> None:
        if mood == "lost answer":
            raise PostUndeliveredError("the connection broke after it was sent")
        if mood == "crash":
            raise CrashError

    async def find(self, post: Post) -> int | None:
        self._before()
        self._may(post.channel_id)
        return next((number for number, message in self.messages.items() if message.post.id == post.id), None)

    async def send(self, post: Post, outage: Outage) -> int:
        mood = self._before()
        self._may(post.channel_id)
        number = 1000 + len(self.messages)
        self.messages[number] = Message(post, outage)
        if post.kind is PostKind.REOPENED:
            self.threads[post.channel_id] = True  # a message opens an archived thread
        self._after(mood)
        return number

    async def edit(self, post: Post, outage: Outage) -> None:
        mood = self._before()
        self._may(post.channel_id)
        message = self.messages[post.message_id or 0]
        message.outage = outage
        message.edits.append(self.clock.lived)
        self._after(mood)

    async def open_thread(self, post: Post, outage: Outage) -> int:
        mood = self._before()
        self._may(post.channel_id)
        self.threads[post.message_id or 0] = True
        self._after("lost answer" if self.loses_threads else mood)
        return post.message_id or 0

    async def close_thread(self, thread_id: int) -> None:
        if thread_id in self.never_closed:
            raise PostRefusedError("403 50013", closed=50013)
        if thread_id not in self.threads:
            raise PostRefusedError("404 10003", gone=True, closed=10003)
        self.threads[thread_id] = False


@dataclass
class Clock:
    """`lived` is the true number of seconds; the clock may be wrong by `off`."""

    lived: float = START
    off: float = 0.0

    def __call__(self) -> float:
        return self.lived + self.off


@dataclass
class Doors:
    """Closed channels that survive a restart."""

    kept: dict[int, ClosedChannel] = field(default_factory=dict)

    async def all(self) -> Sequence[ClosedChannel]:
        return list(self.kept.values())

    async def put(self, closed: ClosedChannel) -> None:
        self.kept[closed.channel_id] = closed

    async def delete(self, channel_id: int) -> None:
        self.kept.pop(channel_id, None)


class World:
    """One process at a time, with the data that survive its end."""

    def __init__(self, guilds: Mapping[int, GuildSettings]) -> None:
        self.clock = Clock()
        self.disk = Disk()
        self.channels = RecordingNotifier(self.clock)
        self.doors = Doors()
        self.notified: list[int] = []
        self.mended_at_once = False
        self.reports: list[Report] = []
        self.owners: dict[int, int | None] = {}
        """The owners of servers that share an owner with others."""
        self.guilds = GuildCache(None)  # type: ignore[arg-type]
        for guild_id, settings in guilds.items():
            self.guilds.put(guild_id, settings)
        sources = (
            Source(Signal.PROBE, "http", "https://example.org/health"),
            Source(Signal.OFFICIAL, "statuspage", "https://status.example.org"),
        )
        self.services = Services([replace(a_service(SERVICE), sources=sources)])
        self.signals = SignalBoard()
        self.reachable = True

    async def learn(self, minutes: int = 1440) -> None:
        """Learn a quiet past, in which somebody reports every two hours."""
        detector, now = OutageDetector(), int(self.clock()) // MINUTE
        for minute in range(now - minutes, now):
            detector.update(minute, int(minute % 120 == 0), int(minute % 120 < 15))
        self.disk.watch[SERVICE] = to_document(WatchState(SERVICE, detector, now))

    async def start(self) -> None:
        """Start a process with the data on the disk."""
        self.board, self.cache, self.scopes = Board(), OutageCache(), OutageScopes()
        self.posts = PostCache(self.cache)
        for report in self.reports:
            self.board.mirror(SERVICE).add(report)
        await self.cache.load(self.disk, self.clock)
        await self.posts.load(self.disk)
        self.scopes.load(self.cache, self.posts)
        self.closed = ClosedChannels(self.doors, self.clock, self)
        await self.closed.load()
        self.deliveries = Deliveries(self.clock, random.Random(1))
        self.due = DuePosts(self.cache, self.posts, self.deliveries, self.guilds, self.board, self.closed, self.clock)
        self.announce = AnnounceOutages(
            self.due, self.deliveries, self.cache, self.posts, self.disk, self.channels, self.closed, self.clock
        )
        self.closed.on_opened(self.announce.opened)
        leadership, steps = OnlyProcess(), WriteWatchSteps(self.cache, self.posts, self.disk)
        self.states = WatchStates(self.services, self.disk, self.cache, leadership, self.clock)
        self.watch = WatchServices(
            services=self.services,
            followed=self.services,
            sources=Sources(self.board, self.signals, {SERVICE: Talk()}, self.guilds),
            states=self.states,
            outages=self.cache,
            posts=self.posts,
            scopes=self.scopes,
            steps=steps,
            store=self.disk,
            leadership=leadership,
            clock=self.clock,
            reachable=lambda: self.reachable,
            wake=self.announce.wake,
            owner=lambda guild_id: self.owners.get(guild_id, guild_id),
        )
        await self.watch.load()

    async def notify_closed(self, closed: ClosedChannel) -> bool:
        """Notify moderators of a channel that is closed to us. With `mended_at_once` they open it during the call."""
        self.notified.append(closed.channel_id)
        if self.mended_at_once:
            self.open_door(closed.channel_id)
        return True

    def writable(self, closed: Iterable[ClosedChannel]) -> Iterable[int]:
        """Discord reports no channel as open again."""
        del closed
        return ()

    def open_door(self, channel_id: int) -> None:
        """Moderators give the permission back, and Discord sends the event."""
        self.channels.locked.pop(channel_id, None)
        self.closed.try_again([channel_id])

    def report(self, people: int, symptom: str | None = None) -> None:
        """This number of new people report now, in several servers."""
        for _ in range(people):
            number = len(self.reports) + 1
            report = Report(number, SERVICE, 50 + number % 5, number, symptom, int(self.clock()))
            self.reports.append(report)
            self.board.mirror(SERVICE).add(report)

    async def minute(self, people: int = 0) -> None:
        """Play a minute in which this number of people report. The watch and the announcer run twice in it."""
        for seconds in (30, 30):
            self.report(people // 2 + people % 2 * (seconds == 30))
            self.clock.lived += seconds
            with suppress(StoreError):  # the supervisor tries again
                await self.watch.tick()
            await self.announce.round()
