"""Notifying very many servers: the order when Discord accepts fewer messages than there are to send."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise

from aiolimiter import AsyncLimiter

from bot.core.board import Board
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import Report
from bot.usecases.outages.announce import AnnounceOutages
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries
from bot.usecases.outages.due_posts import DuePosts
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache
from tests.usecases.outages.outage_world import SERVICE, START, Disk, Doors
from tests.virtual_time import run_virtually

ON = Outage(SERVICE, Phase.ON, START - 600, id=1, detected=START - 300, seen=START, recent=9, peak=9)
NO_THREADS = GuildSettings(outage_channel=1, outage_thread=False)


@dataclass
class Slow:
    """A notifier that takes some requests a second, and writes down which, in order."""

    rate: float
    ready: bool = True
    sent: list[int] = field(default_factory=list)
    edited: list[tuple[int, Phase]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    """The seconds that the next edits take until they arrive."""

    def __post_init__(self) -> None:
        self.pace = AsyncLimiter(1, 1 / self.rate)

    async def find(self, post: Post) -> int | None:
        return None

    async def send(self, post: Post, outage: Outage) -> int:
        async with self.pace:
            self.sent.append(post.guild_id)
        return post.id

    async def edit(self, post: Post, outage: Outage) -> None:
        await asyncio.sleep(self.delays.pop(0) if self.delays else 0)
        async with self.pace:
            self.edited.append((post.guild_id, outage.phase))

    async def open_thread(self, post: Post, outage: Outage) -> int:
        raise NotImplementedError

    async def close_thread(self, thread_id: int) -> None:
        raise NotImplementedError


class Many:
    """An outage and the servers that are to be told of it; built in the loop that they live in."""

    def __init__(self, servers: int, rate: float) -> None:
        loop = asyncio.get_running_loop()

        def clock() -> float:
            return START + loop.time()

        self.cache, self.guilds, self.board, self.disk = OutageCache(), GuildCache(None), Board(), Disk()  # type: ignore[arg-type]
        self.posts = PostCache(self.cache)
        self.cache.put(ON)
        posts = [Post(ON.id, PostKind.ANNOUNCEMENT, guild, guild, id=guild) for guild in range(1, servers + 1)]
        self.posts.add(posts)
        self.disk.posts = {post.id: post for post in posts}
        for post in posts:
            self.guilds.put(post.guild_id, NO_THREADS)
        self.notifier, self.closed = Slow(rate), ClosedChannels(Doors(), clock)
        deliveries = Deliveries(clock, random.Random(1))
        self.due = DuePosts(self.cache, self.posts, deliveries, self.guilds, self.board, self.closed, clock)
        self.announce = AnnounceOutages(
            self.due, deliveries, self.cache, self.posts, self.disk, self.notifier, self.closed, clock
        )

    async def minutes(self, minutes: int) -> None:
        """The outage goes on and shows something new every minute."""
        for _ in range(minutes):
            await asyncio.sleep(60)
            outage = self.cache.get(ON.id)
            assert outage is not None
            self.cache.put(replace(outage, recent=outage.recent + 1))
            self.announce.wake()


def test_where_most_people_reported_is_told_first() -> None:
    async def main() -> list[int]:
        many = Many(30, rate=10)
        for number in range(12):
            guild = 20 if number < 8 else 7
            many.board.mirror(SERVICE).add(Report(number, SERVICE, guild, number, None, START - 1))
        async with many.announce:
            await asyncio.sleep(10)
        return many.notifier.sent

    order = run_virtually(main())
    assert order[:2] == [20, 7] and len(order) == len(set(order)) == 30


def test_while_there_is_more_to_tell_no_second_is_lost() -> None:
    async def main() -> int:
        many = Many(500, rate=25)
        async with many.announce:
            await asyncio.sleep(10)
        return len(many.notifier.sent)

    assert run_virtually(main()) >= 240


def test_nobody_is_forgotten_where_not_all_can_be_brought_up_to_date_each_minute() -> None:
    async def main() -> Counter[int]:
        many = Many(300, rate=2)
        async with many.announce:
            await many.minutes(15)
        return Counter(guild for guild, _ in many.notifier.edited)

    edits = run_virtually(main())
    assert len(edits) == 300, "everybody's was edited"
    assert max(edits.values()) - min(edits.values()) <= 1


def test_an_edit_that_took_long_is_followed_by_a_whole_minute() -> None:
    async def main() -> list[float]:
        many, arrived = Many(1, rate=25), list[float]()
        many.notifier.delays = [0, 40, 0, 0]
        async with many.announce:
            going_on = asyncio.create_task(many.minutes(9))
            while not going_on.done():
                await asyncio.sleep(0.25)
                arrived += [asyncio.get_running_loop().time()] * (len(many.notifier.edited) - len(arrived))
        return arrived

    arrived = run_virtually(main())
    assert len(arrived) >= 5
    assert all(b - a >= 60 for a, b in pairwise(arrived)), arrived


def test_that_it_is_back_is_told_before_anything_is_brought_up_to_date() -> None:
    async def main() -> tuple[int, list[tuple[int, Phase]]]:
        many = Many(200, rate=2)
        other = replace(ON, id=2)
        many.cache.put(other)
        second = [Post(2, PostKind.ANNOUNCEMENT, guild, guild, id=1000 + guild) for guild in range(1, 51)]
        many.posts.add(second)
        many.disk.posts |= {post.id: post for post in second}
        async with many.announce:
            await many.minutes(4)
            before = len(many.notifier.edited)
            many.cache.put(replace(other, phase=Phase.RECOVERING, ended=START))
            await many.minutes(1)
        return before, many.notifier.edited

    before, edited = run_virtually(main())
    after = [phase for _, phase in edited[before + 10 :]]  # some were on their way
    assert after[:40] == [Phase.RECOVERING] * 40


def test_other_things_have_their_turn_while_many_posts_are_looked_through() -> None:
    async def main() -> tuple[int, int]:
        many, beats = Many(20_000, rate=1), 0

        async def beat() -> None:
            nonlocal beats
            while True:
                beats += 1
                await asyncio.sleep(0)

        heart = asyncio.create_task(beat())
        due = await many.due.find(set())
        heart.cancel()
        return beats, len(due)

    beats, due = run_virtually(main())
    assert due == 20_000 and beats >= 20
