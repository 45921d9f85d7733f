"""100,000 servers and an internet-wide outage, simulated in virtual time: `python -m benchmarks.scaling`.

The announcer, the outage caches, the plan and the reports are real; Discord, the shared proxy and the disk are
simulated. Discord accepts 50 requests per second from a bot and 5 in 5 seconds in a channel, needs time for each,
always refuses some channels and sometimes fails. Two hours pass in about a minute. The assumptions are in
`played_discord.World`; docs/operators/scaling.md has the conclusions.
"""

import argparse
import asyncio
import gc
import itertools
import logging
import math
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Self

from benchmarks.figures import Row, Spread, at_most, keep
from benchmarks.played_discord import GLOBAL, Arrivals, Discord, Disk, Log, Notifier, World
from bot.core.board import Board
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import ONE_OUTAGE_WITHIN, Outage, Phase
from bot.core.posts import Post, PostKind, plan, summaries
from bot.core.privacy import ReporterKey
from bot.core.reports import COUNTED_ONCE_FOR, MINUTE, Report, ReportIds
from bot.discord_ui.posting.notifier import PER_SECOND
from bot.usecases.outages import due_posts
from bot.usecases.outages.announce import AnnounceOutages
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.deliveries import Deliveries
from bot.usecases.outages.due_posts import EDIT_EVERY, DuePosts
from bot.usecases.outages.ports import PostUndeliveredError
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.reports.record_report import Outcome, RecordReport
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache
from tests.usecases.fakes import a_service
from tests.virtual_time import run_virtually

START = 1_800_000_000
SERVICE = a_service("character-ai")
LOOK_EVERY = 15.0
"""Seconds between two searches for due posts, to shorten the benchmark. Their cost is measured separately."""


def servers(world: World) -> tuple[GuildCache, list[int]]:
    """The settings of the servers that have set an outage channel."""
    guilds, ids = GuildCache(None), [number << 22 for number in range(1, world.servers + 1)]  # type: ignore[arg-type]
    wanting = random.Random(1).sample(ids, round(world.servers * world.with_channel))  # noqa: S311 - the same each time
    for guild_id in wanting:
        guilds.put(guild_id, GuildSettings(outage_channel=guild_id + 1))
    return guilds, wanting


def an_outage() -> Outage:
    """An outage that began five minutes ago and is announced now."""
    return Outage(
        SERVICE.id, Phase.ON, START - 300, id=1, detected=START, seen=START, recent=900, usual=8.0, peak=900,
        symptoms={"login": 500, "chat": 300}, evidence={"probe": 2.5},
    )  # fmt: skip


class Peers:
    """Processes during one outage. Each has its own caches, announcer, rate limit and servers."""

    def __init__(self, world: World, processes: int) -> None:
        self.world, self._loop = world, asyncio.get_running_loop()
        self._rng = random.Random(2)  # noqa: S311 - the same each time
        self._guilds, wanting = servers(world)
        self.discord, self.arrivals, self.waited = Discord(world, self._rng), Arrivals(), list[float]()
        self.discord.closed = {one + 1 for one in self._rng.sample(wanting, round(len(wanting) * world.closed))}
        self.wanting = len(wanting) - len(self.discord.closed)
        self._ids, self._tasks = itertools.count(1), set[asyncio.Task[None]]()
        self._processes = [self._process(number) for number in range(processes)]

    def _clock(self) -> float:
        return START + self._loop.time()

    def _process(self, number: int) -> tuple[OutageCache, PostCache, AnnounceOutages]:
        outages, disk, board, rng = OutageCache(), Disk(), Board(), random.Random(number)  # noqa: S311 - the same
        closed, notifier, posts = (
            ClosedChannels(disk, self._clock),
            Notifier(self.discord, self.arrivals),
            PostCache(outages),
        )
        deliveries = Deliveries(self._clock, rng)
        due = DuePosts(outages, posts, deliveries, self._guilds, board, closed, self._clock)
        announce = AnnounceOutages(due, deliveries, outages, posts, disk, notifier, closed, self._clock)
        return outages, posts, announce

    async def __aenter__(self) -> Self:
        for *_, announce in self._processes:
            await announce.__aenter__()
        self._tasks.add(asyncio.create_task(self._others()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for *_, announce in self._processes:
            await announce.__aexit__()

    def write(self, outage: Outage) -> None:
        """Write a step of the watch to each process."""
        wanting = self._guilds.announced_to() if outage.phase is Phase.ON else {}
        for number, (outages, cache, announce) in enumerate(self._processes):
            mine = {one: of for one, of in wanting.items() if (one >> 22) % len(self._processes) == number}
            announced = cache.announcements(outage.id)
            posts = list(plan(outage, announced, mine).new)
            if outage.phase is Phase.OVER:
                posts = summaries(outage, announced.values())
            outages.put(outage)
            cache.add([replace(post, id=next(self._ids)) for post in posts])
            announce.wake()

    async def until_told(self) -> None:
        """Wait until all servers have the announcement."""
        while len(self.arrivals.on) < self.wanting:  # noqa: ASYNC110 - the announcer has no event for it
            await asyncio.sleep(1)

    async def until_over(self, outage: Outage) -> None:
        """Play the outage to its end, and wait until all servers have the final message."""
        for _ in range(self.world.on):
            await asyncio.sleep(MINUTE)
            now = int(self._clock())
            outage = replace(outage, seen=now, recent=outage.recent + 1, peak=outage.peak + 1)
            self.write(outage)
        self.write(outage := replace(outage, phase=Phase.RECOVERING, ended=int(self._clock())))
        await asyncio.sleep(ONE_OUTAGE_WITHIN)
        self.write(replace(outage, phase=Phase.OVER, seen=int(self._clock())))
        while any(not post.lost for _, cache, _ in self._processes for post in cache.all()):  # noqa: ASYNC110 - the same
            await asyncio.sleep(10)

    async def _others(self) -> None:
        """Send the bot's other messages meanwhile, under the same limit."""
        while True:
            await asyncio.sleep(self._rng.expovariate(self.world.others))
            task = asyncio.create_task(self._other())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _other(self) -> None:
        began = self._loop.time()
        with suppress(PostUndeliveredError):
            await self.discord.take(next(self._ids))
            self.waited.append(self._loop.time() - began)


async def play(world: World, processes: int, *, to_the_end: bool) -> Peers:
    """Play the outage until all servers have the announcement, or until the final message."""
    async with Peers(world, processes) as peers:
        peers.write(outage := an_outage())
        await (peers.until_over(outage) if to_the_end else peers.until_told())
    return peers


def at_shares(moments: Sequence[float], since: float = 0.0) -> str:
    """The time until 50, 90, 99 and 100 % had happened, as minutes and seconds."""
    ordered = sorted(moments)
    marks = (ordered[math.ceil(share * len(ordered)) - 1] - since for share in (0.5, 0.9, 0.99, 1.0))
    return " / ".join(f"{int(mark) // 60}:{int(mark) % 60:02}" for mark in marks)


def announcing(world: World) -> list[Row]:
    """The time until all servers have the announcement, with the real announcer."""
    rows = list[Row]()
    for processes, to_the_end in ((1, False), (2, True), (4, False)):
        played = run_virtually(play(world, processes, to_the_end=to_the_end))
        arrivals, discord = played.arrivals, played.discord
        rate = min(GLOBAL, processes * PER_SECOND)
        least = played.wanting / (rate - world.others if rate == GLOBAL else rate)
        rows.append(
            at_most(
                f"{played.wanting:,} servers get the announcement, {processes} processes: 50 / 90 / 99 / 100 %",
                at_shares(list(arrivals.on.values())),
                f"{least / 60:.1f} min at {rate} a second",
                Spread.of([max(arrivals.on.values()) / least]),
                1.2,
            )
        )
        rows.append(
            Row(
                f"requests in a second, {processes} processes",
                f"{max(discord.by_second.values())} (by the clock), {discord.busiest()} (any second)",
                str(GLOBAL),
                aim=f"at most {GLOBAL}",
                met=max(discord.by_second.values()) <= GLOBAL,
            )
        )
        rows.append(
            Row(
                f"an auto-reply meanwhile, {processes} processes: p50, p99",
                "{:.2f} s, {:.2f} s".format(*(sorted(played.waited)[int(len(played.waited) * s)] for s in (0.5, 0.99))),
                f"{world.takes[1]} s without the outage",
            )
        )
        if to_the_end:
            rows += aftermath(world, played)
    return rows


def aftermath(world: World, played: Peers) -> list[Row]:
    """Rows for the threads, the edits and the end of the outage."""
    arrivals, back = played.arrivals, world.on * MINUTE
    wanted = world.on * played.wanting
    fits = world.on * MINUTE * (GLOBAL - world.others) - 2 * played.wanting
    edits = [arrivals.edits[guild] for guild in arrivals.on]
    least = played.wanting / (GLOBAL - world.others) + EDIT_EVERY  # a message that was just edited waits a minute
    return [
        Row("threads opened, after: 50 / 90 / 99 / 100 %", at_shares(list(arrivals.thread.values()))),
        Row(
            f"edits in the {world.on} minutes of the outage",
            f"{sum(edits):,} of {wanted:,} (one per minute); {min(edits)} to {max(edits)} per server",
            f"{max(0, fits):,.0f} possible",
        ),
        at_most(
            "servers notified that it is back, after: 50 / 90 / 99 / 100 %",
            at_shares(list(arrivals.back.values()), back),
            f"{least / 60:.1f} min",
            Spread.of([(max(arrivals.back.values()) - back) / least]),
            1.2,
        ),
        Row(
            "final message sent and thread closed, after: 50 / 90 / 99 / 100 %",
            at_shares(list(arrivals.over.values()), back + 30 * MINUTE),
        ),
        Row(
            "servers never notified",
            f"{played.wanting - len(arrivals.on)}",
            "0",
            aim="0",
            met=played.wanting == len(arrivals.on),
        ),
    ]


def held(posts: int) -> tuple[PostCache, DuePosts, float]:
    """A cache with this number of sent announcements, the search for due posts in it, and bytes per post."""
    gc.collect()
    tracemalloc.start()
    outages = OutageCache()
    outages.put(outage := an_outage())
    cache = PostCache(outages)
    ids = range(1 << 60, (1 << 60) + posts)
    cache.add(
        Post(1, PostKind.ANNOUNCEMENT, i << 22, i + 1, id=i, attempted=START, message_id=i + 2, thread_id=i + 3)
        for i in ids
    )
    deliveries = Deliveries(lambda: START, random.Random(1))  # noqa: S311 - the same each time
    due = DuePosts(
        outages,
        cache,
        deliveries,
        GuildCache(None),  # type: ignore[arg-type]
        Board(),
        ClosedChannels(Disk(), lambda: START),
        lambda: START,
    )
    for i in ids:
        deliveries.shown(i, outage)
    size = tracemalloc.get_traced_memory()[0] / posts
    tracemalloc.stop()
    return cache, due, size


async def look(due: DuePosts) -> tuple[float, float]:
    """CPU seconds of a search, and the longest stall of the event loop meanwhile."""
    longest, last = 0.0, time.perf_counter()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0)
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()

    heart = asyncio.create_task(beat())
    began, last = time.process_time(), time.perf_counter()
    await due.find(set())
    heart.cancel()
    return time.process_time() - began, longest


def looking() -> list[Row]:
    """The cost of finding due posts, which should grow linearly with the number of posts."""
    costs, rows = dict[int, float](), list[Row]()
    for posts in (10_000, 100_000):
        cache, due, size = held(posts)
        runs = [asyncio.run(look(due)) for _ in range(5)]
        took = Spread.of([cpu * 1000 for cpu, _ in runs])
        costs[posts] = took.median / posts
        rows.append(
            Row(
                f"search for due posts among {posts:,}: CPU, longest stall of the event loop",
                f"{took.text(0)} ms, {Spread.of([stall * 1000 for _, stall in runs]).text(1)} ms",
                "20 ms stall",
                met=max(stall for _, stall in runs) <= 0.020,  # noqa: PLR2004 - the limit beside it
            )
        )
        rows.append(Row(f"memory of {posts:,} posts", f"{size:.0f} bytes each, {size * posts / 1e6:.0f} MB"))
        lookups = timed(lambda: [cache.announcement(1, guild) for guild in range(1000)]) / 1000  # noqa: B023
        rows.append(Row(f"finding a server's thread among {posts:,} posts", f"{lookups * 1e6:.1f} µs"))
    ratio = costs[100_000] / costs[10_000]
    rows.append(at_most("search time per post, 100,000 ÷ 10,000 posts", "", "1", Spread.of([ratio]), 1.5))
    return rows


def timed(work: Callable[[], object]) -> float:
    """The lowest CPU seconds of three tries."""
    tries = list[float]()
    for _ in range(3):
        began = time.process_time()
        work()
        tries.append(time.process_time() - began)
    return min(tries)


async def crowd(world: World) -> tuple[int, int, list[Report], Board]:
    """People press, most in the first minutes, some twice. Returns presses, the most in a second, reports, board."""
    loop, rng = asyncio.get_running_loop(), random.Random(3)  # noqa: S311 - the same each time
    board, log = Board(), Log()

    def clock() -> float:
        return START + loop.time()

    record = RecordReport(log, board, ReporterKey(b"k" * 32), clock, ReportIds())
    guilds = [(rng.randrange(world.servers) + 1) << 22 for _ in range(world.people)]
    until, fades = 14.9 * MINUTE, 4 * MINUTE
    least = math.exp(-until / fades)
    presses = [(-fades * math.log(rng.uniform(least, 1)), person) for person in range(world.people)]
    again = [(at + rng.uniform(1, 300), person) for at, person in presses if rng.random() < world.again]
    presses += [(at, person) for at, person in again if at < until]
    presses.sort()
    counted = Counter[Outcome]()

    async def press(person: int) -> None:
        counted[await record.report(SERVICE, (person + 1) << 22, guilds[person])] += 1

    async with asyncio.TaskGroup() as group:
        for at, person in presses:
            await asyncio.sleep(at - loop.time())
            group.create_task(press(person))
    assert counted[Outcome.COUNTED] + counted[Outcome.ALREADY] == len(presses)
    return len(presses), max(Counter(int(at) for at, _ in presses).values()), log.kept, board


def reporting(world: World) -> list[Row]:
    """Rows for the crowd, with the real rule and tally. The cost of a durable commit is measured elsewhere."""
    began = time.process_time()
    presses, peak, kept, board = run_virtually(crowd(world))
    took = time.process_time() - began
    last = max(report.at for report in kept)
    people = {report.reporter for report in kept if report.at > last - COUNTED_ONCE_FOR}
    by_server = Counter({r.reporter: r.guild_id for r in kept}.values())
    tally = board.tally(SERVICE.id, last, None)
    wrong = (
        int(tally.everywhere.quarter != len(people))
        + int(len(kept) != world.people)
        + int(tally.servers != len(by_server))
    )
    wrong += sum(board.mirror(SERVICE.id).people_in(guild, last) != count for guild, count in by_server.items())
    return [
        Row(
            f"{world.people:,} people press {presses:,} times in 15 minutes, {peak} in the busiest second",
            f"{presses / took:,.0f} a CPU second",
            f"{peak} a second",
            f"{presses / took / peak:.0f}",
        ),
        Row(f"wrong counts, in total and in {len(by_server):,} servers", str(wrong), "0", aim="0", met=not wrong),
    ]


def main() -> None:
    """Run the simulation and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=100_000)
    parser.add_argument(
        "--with-channel", type=float, default=0.3, help="share of the servers that have set an outage channel (0.3)"
    )
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    due_posts._CHECK_EVERY = LOOK_EVERY  # noqa: SLF001 - see LOOK_EVERY
    world = World(servers=given.servers, with_channel=given.with_channel)
    rows = announcing(world) + looking() + reporting(world)
    note = (
        f"Assumed: {world.with_channel:.0%} of {world.servers:,} servers have set an outage channel; the bot may not "
        f"write in {world.closed:.0%} of those; {world.failing:.1%} of requests fail; Discord takes "
        f"{world.takes[0]} to {world.takes[1]} s for each; {world.others:g} other requests a second share the limit. "
        f"Times are min:s."
    )
    keep("i-scaling", f"{world.servers:,} servers and an internet-wide outage", rows, note=note)


if __name__ == "__main__":
    main()
