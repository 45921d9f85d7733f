"""A soak test: constant use with a fault every few seconds; nothing may be lost, late or growing.

`SOAK_MINUTES` sets its length; `make soak` runs for twenty minutes.
"""

import asyncio
import os
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import Figure
from tests.e2e.conftest import MENTION, TOO, Town, found_town
from tests.loopback import Guild, Interaction, User
from tests.loopback.people import NotPossible

pytestmark = pytest.mark.asyncio(loop_scope="package")

MINUTES = float(os.environ.get("SOAK_MINUTES", "3"))
_UNFORESEEN = re.compile(r"unexpected failure|never retrieved|never awaited|announcement pass failed|post failed")
_SMALL_TALK = ("good morning", "who is your favourite character?", "lol", "the weather is down here", "gm all", MENTION)
_PATIENCE = 3.0
_MOST_GROWTH = 12.0
"""MiB from the second quarter of the time to the last one."""


@dataclass
class Life:
    """A town in use. While the connection to Discord is cut, no presses are possible, so people and cuts take turns."""

    town: Town
    rng: random.Random
    guilds: list[Guild] = field(default_factory=list)
    cards: list[Any] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    counted: set[int] = field(default_factory=set)
    late: list[Interaction] = field(default_factory=list)
    slowest: float = 0.0
    rss: list[float] = field(default_factory=list)
    busy: int = 0
    line: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self) -> None:
        self.line.set()
        await self.town.start()
        for number in range(4):
            guild = self.town.guild("general", "news")
            general, owner = guild.channel("general"), guild.owner
            await self.town.turn_on(guild, general)
            panel = await owner.slash(general, "setup")
            await self.town.choose(owner, panel, "outage_channel", [guild.channel("news")])
            self.guilds.append(guild)
            self.cards.append(await self.town.user().slash(general, "500"))
            assert number == len(self.cards) - 1

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        await self.line.wait()
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1

    async def people(self, until: float) -> None:
        """Perform random actions of people, several times per second."""
        acting = set[asyncio.Task[None]]()
        while time.monotonic() < until:
            task = asyncio.create_task(self.act())
            acting.add(task)
            task.add_done_callback(acting.discard)
            await asyncio.sleep(self.rng.expovariate(8))
        await asyncio.gather(*acting)

    async def act(self) -> None:
        index = self.rng.randrange(len(self.guilds))
        guild, user = self.guilds[index], self.town.user()
        general = guild.channel("general")
        kind = self.rng.choices(
            ["say", "500", "status", "report", "too", "works", "outages", "type", "react", "privacy", "back"],
            [30, 10, 5, 10, 15, 2, 3, 5, 10, 2, 2],
        )[0]
        self.acts[kind] += 1
        async with self.connected():
            with suppress(NotPossible):
                made = await self.do(kind, index, general, user)
                if made is not None:
                    self.judge(made, user)

    async def do(self, kind: str, index: int, general: Any, user: User) -> Interaction | None:
        match kind:
            case "say":
                await user.say(general, self.rng.choice(_SMALL_TALK))
            case "react":
                if said := self.town.said(general):
                    await user.react(said[-1], self.rng.choice("👍😭🦆"))
            case "too":
                return await user.click(self.cards[index].response, TOO)
            case "works":
                return await user.click(self.cards[index].response, "Works for me")
            case "type":
                return await user.autocomplete(general, "500", "service", "char")
            case _:
                return await user.slash(general, kind)
        return None

    def judge(self, made: Interaction, user: User) -> None:
        if not made.acked or (made.ack_ms or 0) > _PATIENCE * 1000:
            self.late.append(made)
        self.slowest = max(self.slowest, made.ack_ms or 0)
        if made.text.startswith("Counted."):
            self.counted.add(user.id)

    async def bad_luck(self, until: float) -> None:
        """A fault every few seconds; the next one begins when this one is past."""
        while time.monotonic() < until - 15:
            fault = self.rng.choice(self.kinds())
            self.faults[fault.__name__] += 1
            await fault()
            await asyncio.sleep(self.rng.uniform(0.5, 3))

    def kinds(self) -> list[Callable[[], Awaitable[None]]]:
        return [
            self.rest_fails, self.rest_fails, self.rest_is_slow, self.rest_is_reset, self.rest_is_limited,
            self.the_line_is_cut, self.discord_asks_to_reconnect, self.the_session_is_lost, self.the_page_breaks,
            self.the_database_is_locked, self.the_disk_is_full, self.odd_events,
        ]  # fmt: skip

    async def rest_fails(self) -> None:
        status = self.rng.choice([500, 502, 503, 520])
        fault = self.town.world.faults.error("* /channels/*", status, times=self.rng.randrange(1, 6))
        await self.pass_by(fault)

    async def rest_is_slow(self) -> None:
        await self.pass_by(self.town.world.faults.slow("*", delay=0.4, times=30))

    async def rest_is_reset(self) -> None:
        route, after = self.rng.choice(["POST /channels/*", "PATCH /channels/*"]), self.rng.random() < 0.5
        await self.pass_by(self.town.world.faults.reset(route, times=3, after_work=after))

    async def rest_is_limited(self) -> None:
        await self.pass_by(self.town.world.faults.rate_limit("POST /channels/*", retry_after=1.5, times=3))

    async def pass_by(self, fault: Any) -> None:
        await asyncio.sleep(self.rng.uniform(1, 4))
        self.town.world.faults.remove(fault)

    async def the_line_is_cut(self) -> None:
        async with self.nobody_acts():
            await self.town.world.gateway.drop(self.rng.choice([None, 4000, 1001, 4009]))

    async def discord_asks_to_reconnect(self) -> None:
        async with self.nobody_acts():
            self.town.world.gateway.reconnect()
            await asyncio.sleep(0.3)

    async def the_session_is_lost(self) -> None:
        async with self.nobody_acts():
            self.town.world.gateway.invalidate(resumable=False)

    @asynccontextmanager
    async def nobody_acts(self) -> AsyncIterator[None]:
        self.line.clear()
        try:
            await self.town.world.until(lambda: not self.busy, what="people to be served", poll=0.02)
            yield
            await self.town.world.ready(timeout=60)
        finally:
            self.line.set()

    async def the_page_breaks(self) -> None:
        self.town.service.broken = not self.town.service.broken

    async def the_database_is_locked(self) -> None:
        def lock(seconds: float) -> None:
            opened = sqlite3.connect(self.town.folder / "bot.db", timeout=5, isolation_level=None)
            with closing(opened) as database, suppress(sqlite3.OperationalError):
                database.execute("BEGIN EXCLUSIVE")
                time.sleep(seconds)
                database.execute("ROLLBACK")

        await asyncio.to_thread(lock, self.rng.uniform(0.5, 2.5))

    async def the_disk_is_full(self) -> None:
        process = psutil.Process(self.town.bot.process.pid)
        full = _size(self.town.folder / "bot.db-wal") + 1
        if full < _size(self.town.bot.log):
            return  # the log's file would be full, too
        process.rlimit(psutil.RLIMIT_FSIZE, (full, psutil.RLIM_INFINITY))
        await asyncio.sleep(self.rng.uniform(0.5, 2))
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))

    async def odd_events(self) -> None:
        for event in ("MESSAGE_DELETE", "GUILD_ROLE_DELETE", "THREAD_DELETE", "SOMETHING_NEW"):
            self.town.world.gateway.raw(event, {"id": "1", "guild_id": "1", "role_id": "1", "channel_id": "1"})

    async def watch_memory(self, until: float) -> None:
        while time.monotonic() < until:
            self.rss.append(self.town.bot.rss_mb())
            await asyncio.sleep(2)

    @property
    def growth(self) -> float:
        """MiB, from the middle of the second quarter to the middle of the last one."""
        quarter = len(self.rss) // 4
        earlier, last = sorted(self.rss[quarter : 2 * quarter]), sorted(self.rss[-quarter:])
        return last[quarter // 2] - earlier[quarter // 2]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.mark.faults
@pytest.mark.timeout(int(MINUTES * 60) + 180)
async def test_a_life_with_a_fault_every_few_seconds(tmp_path: Path, figure: Figure) -> None:
    async with found_town(tmp_path) as town:
        life = Life(town, random.Random(20))
        await life.begin()
        until = time.monotonic() + MINUTES * 60
        await asyncio.gather(life.people(until), life.bad_luck(until), life.watch_memory(until))
        await town.heard_out()
        await town.answers()
        kept = town.rows("SELECT count(DISTINCT reporter) FROM report")[0][0]
        lost = [user for user in life.counted if not town.reports(town.world.users[user])]
        posts = [len([m for m in town.said(guild.channel("news")) if m.buttons]) for guild in life.guilds]
        outages = town.rows("SELECT count(*) FROM outage WHERE phase != 'dismissed'")[0][0]
        happened = f"{life.faults.total()} faults: " + ", ".join(f"{n} {one}" for one, n in sorted(life.faults.items()))
        refused, violations = len(town.world.invalid_requests), len(town.world.violations)
        memory = f"memory {life.rss[len(life.rss) // 4]:.0f} MiB, {life.growth:+.1f} MiB"
        figure(
            f"{MINUTES:g} minutes: {life.acts.total()} acts of people; {happened}; "
            f"{len(life.late)} late, slowest {life.slowest:.0f} ms; {len(life.counted)} reports acknowledged, "
            f"{len(lost)} lost, {kept} people kept; {outages} outages told in {posts}; "
            f"{memory}; {violations} violations, {refused} refused requests"
        )
        assert not life.late, life.late[:5]
        assert not lost
        assert max(posts) <= outages
        assert life.growth < _MOST_GROWTH
        found = _UNFORESEEN.findall(town.bot.output())
        assert not found, [line for line in town.bot.output().splitlines() if _UNFORESEEN.search(line)][:5]
        town.world.assert_clean()
