"""Running simulations: one per server, posted like an outage, and ended if nobody continues them."""

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.posts import PostKind
from bot.core.simulation import Simulation
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.simulate import SimulateOutage
from bot.usecases.outages.write_watch_steps import WriteWatchSteps
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services
from tests.patience import PATIENCE
from tests.usecases.fakes import a_service
from tests.usecases.outages.outage_world import SERVICE, START, Disk

GUILD, CHANNEL = 5, 50


class Player:
    def __init__(self, prepare: Callable[..., Simulation] = Simulation.prepare) -> None:
        self.disk, self.outages, self.owned, self.woken = Disk(), OutageCache(), {GUILD, GUILD + 1}, 0
        self.now = START
        self.posts = PostCache(self.outages)
        guilds = GuildCache(None)  # type: ignore[arg-type]
        guilds.put(GUILD, GuildSettings(outage_channel=99, outage_role=7, outage_possible=True))
        self.simulate = SimulateOutage(
            Services([a_service(SERVICE)]),
            guilds,
            self.outages,
            WriteWatchSteps(self.outages, self.posts, self.disk),
            lambda: self.now,
            random.Random(1),
            owns=lambda guild_id: guild_id in self.owned,
            wake=self.wake,
            prepare=prepare,
        )

    def wake(self) -> None:
        self.woken += 1

    async def play(self, most: int = 60) -> list[Phase]:
        """The phases that the disk had, until the simulation is over."""
        phases = dict[Phase, None]()
        for _ in range(most):
            with suppress(StoreError):
                await self.simulate.tick()
            phases |= dict.fromkeys(outage.phase for outage in self.disk.kept.values())
        return list(phases)


async def test_a_simulation_is_announced_in_the_chosen_channel_without_a_role_and_ends() -> None:
    player = Player()
    assert await player.simulate.begin(GUILD, CHANNEL)
    assert not await player.simulate.begin(GUILD, CHANNEL), "one at a time"
    assert await player.simulate.begin(GUILD + 1, CHANNEL + 1), "in each server"
    phases = await player.play()
    assert phases[-3:] == [Phase.ON, Phase.RECOVERING, Phase.OVER] and player.woken == 60
    assert player.outages.open() == [] and {one.guild_id for one in player.disk.kept.values()} == {GUILD, GUILD + 1}
    announced = [post for post in player.posts.all() if post.kind is PostKind.ANNOUNCEMENT]
    assert {(post.guild_id, post.channel_id, post.pinged) for post in announced} == {
        (GUILD, CHANNEL, False),
        (GUILD + 1, CHANNEL + 1, False),
    }
    assert await player.simulate.begin(GUILD, CHANNEL), "and again afterwards"


class Builds:
    """Builds that wait until they may end."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.now, self.most = 0, 0
        self.go_on = threading.Event()
        self._lock = threading.Lock()

    def prepare(self, service: str, guild_id: int, *rest: Any) -> Simulation:
        with self._lock:
            self.begun.append(guild_id)
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.go_on.wait(PATIENCE)
        with self._lock:
            self.now -= 1
        return Simulation.prepare(service, guild_id, *rest)


async def test_a_hundred_presses_cost_one_build() -> None:
    builds = Builds()
    player = Player(builds.prepare)
    presses = [asyncio.create_task(player.simulate.begin(GUILD, CHANNEL)) for _ in range(100)]
    refused = [await press for press in presses[1:]]
    builds.go_on.set()
    assert await presses[0] and not any(refused)
    assert builds.begun == [GUILD]


async def test_who_looks_again_and_again_sees_the_same_for_a_minute() -> None:
    builds = Builds()
    player = Player(builds.prepare)
    builds.go_on.set()
    looks = await asyncio.gather(*(player.simulate.look(GUILD) for _ in range(100)))
    assert builds.begun == [GUILD] and all(look == looks[0] for look in looks)
    assert [outage.phase for outage in looks[0]] == [Phase.ON, Phase.ON, Phase.OVER]
    await player.simulate.look(GUILD + 1)
    player.now += 60
    await player.simulate.look(GUILD)
    assert builds.begun == [GUILD, GUILD + 1, GUILD]


async def test_servers_build_one_after_another() -> None:
    builds = Builds()
    player = Player(builds.prepare)
    builds.go_on.set()
    begun = await asyncio.gather(*(player.simulate.begin(guild, CHANNEL) for guild in range(GUILD, GUILD + 5)))
    assert all(begun) and builds.begun == list(range(GUILD, GUILD + 5)) and builds.most == 1


async def test_a_build_that_failed_can_be_repeated() -> None:
    fails = [True, False]

    def prepare(*parts: Any) -> Simulation:
        if fails.pop(0):
            raise RuntimeError
        return Simulation.prepare(*parts)

    player = Player(prepare)
    with pytest.raises(RuntimeError):
        await player.simulate.begin(GUILD, CHANNEL)
    assert await player.simulate.begin(GUILD, CHANNEL)


async def test_a_look_shows_its_beginning_its_height_and_its_end_and_writes_nothing() -> None:
    player = Player()
    first, height, last = await player.simulate.look(GUILD)
    assert (first.phase, height.phase, last.phase) == (Phase.ON, Phase.ON, Phase.OVER)
    assert player.disk.kept == {} and await player.simulate.begin(GUILD, CHANNEL), "none is running"


async def test_minutes_that_could_not_be_written_are_played_again() -> None:
    player = Player()
    await player.simulate.begin(GUILD, CHANNEL)
    player.disk.fails = 10
    assert (await player.play())[-3:] == [Phase.ON, Phase.RECOVERING, Phase.OVER]
    assert len(player.disk.kept) == 1


async def test_a_simulation_of_a_server_that_another_process_took_over_is_left_to_it() -> None:
    player = Player()
    await player.simulate.begin(GUILD, CHANNEL)
    player.owned.clear()
    assert await player.play(20) == []


async def test_a_simulation_that_nobody_plays_is_ended_and_those_who_wait_are_called() -> None:
    player = Player()
    left = Outage(SERVICE, Phase.ON, START - 60, id=700, guild_id=GUILD, seen=START)
    elsewhere, real = Outage(SERVICE, Phase.ON, 1, id=701, guild_id=8), Outage(SERVICE, Phase.ON, 1, id=702)
    for outage in (left, elsewhere, real):
        player.outages.put(outage)
    player.disk.waiting = [1]
    await player.simulate.end_unplayed()
    [written] = player.disk.kept.values()
    assert (written.id, written.phase, written.ended) == (700, Phase.OVER, START)
    assert [post.people for post in player.posts.all()] == [(1,)]
