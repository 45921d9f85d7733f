"""What processes know about each other: whether people can reach them, and how many talk of trouble."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.core.shards import Shards
from bot.core.talk import Talk
from bot.usecases.cluster.peers import GONE_AFTER, Peers
from bot.usecases.cluster.ports import ChangeEvent


class Wire:
    """Keeps what was told last."""

    data_sent: Any = None

    async def begin(self) -> None: ...

    async def fresh(self) -> Sequence[ChangeEvent]:
        return []

    async def publish(self, kind: str, data: Any) -> None:
        self.data_sent = data

    async def purge(self) -> int:
        return 0


class World:
    """Three processes of two shards each, of six."""

    def __init__(self) -> None:
        self.now = 100.0
        self.reachable = [True] * 3
        self.talk = [{"one": Talk()} for _ in range(3)]
        self.wire = Wire()
        self.peers = [
            Peers(
                self.wire,
                Shards((2 * number, 2 * number + 1), 6),
                self.talk[number],
                lambda number=number: self.reachable[number],
                lambda: self.now,
                lambda: self.now,
            )
            for number in range(3)
        ]

    async def beat(self, *numbers: int) -> None:
        for number in numbers or (0, 1, 2):
            await self.peers[number].send_heartbeat()
            for other in range(3):
                if other != number:
                    self.peers[other].on_heartbeat(number, self.wire.data_sent)


@pytest.fixture
def world() -> World:
    return World()


async def test_half_of_the_shards_are_enough_to_see(world: World) -> None:
    await world.beat()
    assert all(peers.reachable() for peers in world.peers)
    world.reachable = [True, True, False]
    await world.beat()
    assert all(peers.reachable() for peers in world.peers)
    world.reachable = [True, False, False]
    await world.beat()
    assert not any(peers.reachable() for peers in world.peers)


async def test_a_process_that_is_silent_does_not_count(world: World) -> None:
    await world.beat()
    world.now += GONE_AFTER
    assert not world.peers[0].reachable(), "alone it has a third"
    await world.beat(1)
    assert world.peers[0].reachable()


async def test_talk_of_trouble_is_added_up_and_forgotten_with_who_heard_it(world: World) -> None:
    for number, people in enumerate((1, 2, 3)):
        for person in range(people):
            world.talk[number]["one"].hear(10 * number + person, world.now)
    await world.beat()
    assert [talk["one"].people(world.now) for talk in world.talk] == [6, 6, 6]
    world.now += GONE_AFTER
    await world.beat(0)
    assert world.talk[0]["one"].people(world.now) == 1
