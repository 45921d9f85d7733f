"""Regular polling: only followed services, more often during trouble, and none waits for another."""

import asyncio
import random
from collections import Counter
from typing import Any

from bot.core.service import Service, Source
from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.usecases.leadership import Observer, OnlyProcess
from bot.usecases.reports.check_status import CheckStatus
from bot.usecases.reports.look_regularly import LOOK_EVERY, LOOK_IN_TROUBLE_EVERY, LookRegularly
from tests.usecases.reports.test_check_status import service


def probed(name: str) -> Service:
    return service(name, (Source(Signal.PROBE, "http", name),))


class World:
    """Sources that answer at once, but for those that hang; and a clock that the test sets."""

    def __init__(self, *followed: Service, leadership: Any = None) -> None:
        self.now = 1000.0
        self.followed = list(followed)
        self.looks: Counter[str] = Counter()
        self.hanging: set[str] = set()
        self.down: set[str] = set()
        self.broken = False
        self.check = CheckStatus(self, SignalBoard(), lambda: self.now)
        self.regularly = LookRegularly(
            self.followed, self.check, leadership or OnlyProcess(), lambda: self.now, random.Random(1)
        )

    async def look(self, source: Source) -> Reading:
        self.looks[source.url] += 1
        if source.url in self.hanging:
            await asyncio.Event().wait()
        if self.broken:
            raise RuntimeError("broken")
        state = State.DOWN if source.url in self.down else State.UP
        return Reading(source.signal, state, Cause.ANSWERED, self.now)

    async def pass_time(self, seconds: float) -> None:
        """Time passes in steps of a second."""
        for _ in range(int(seconds)):
            self.now += 1
            await self.regularly.tick()
            for _ in range(5):
                await asyncio.sleep(0)


async def test_each_followed_service_is_looked_at_about_once_a_minute_and_no_other() -> None:
    world = World(probed("one"), probed("two"), service("sourceless", ()))
    await world.pass_time(10 * LOOK_EVERY)
    assert set(world.looks) == {"one", "two"}
    assert all(9 <= looks <= 12 for looks in world.looks.values())
    del world.followed[0]
    before = world.looks["one"]
    world.followed.append(probed("three"))
    await world.pass_time(10 * LOOK_EVERY)
    assert world.looks["one"] == before, "nobody follows it any longer"
    assert world.looks["three"] >= 9


async def test_trouble_is_looked_at_more_often() -> None:
    world = World(probed("one"))
    world.down.add("one")
    await world.pass_time(20 * LOOK_IN_TROUBLE_EVERY)
    assert world.looks["one"] >= 16


async def test_a_page_that_hangs_delays_no_other_and_is_not_asked_twice_at_once() -> None:
    world = World(probed("one"), probed("two"))
    world.hanging.add("one")
    await world.pass_time(5 * LOOK_EVERY)
    assert world.looks["one"] == 1 and world.looks["two"] >= 4
    await world.regularly.close()
    await world.check.close()


async def test_a_failed_look_is_tried_again_in_its_time() -> None:
    world = World(probed("one"))
    world.broken = True
    await world.pass_time(3 * LOOK_EVERY)
    assert 2 <= world.looks["one"] <= 5


async def test_who_does_not_lead_looks_once_after_its_start() -> None:
    world = World(probed("one"), leadership=Observer())
    await world.pass_time(5 * LOOK_EVERY)
    assert world.looks["one"] == 1


async def test_a_look_can_be_asked_for_at_once() -> None:
    world = World(probed("one"))
    await world.pass_time(20)
    assert world.looks["one"] == 1
    world.regularly.soon("one")
    await world.pass_time(1)
    assert world.looks["one"] == 2
