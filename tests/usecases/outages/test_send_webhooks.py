"""Webhooks: each receiver gets all its events independently; an event that is not accepted for a day is dropped."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest

from bot.core.errors import StoreError
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR
from bot.core.webhooks import WebhookMessage, receiver_of
from bot.usecases.leadership import Observer
from bot.usecases.outages.ports import ReceiverFailedError
from bot.usecases.outages.send_webhooks import Receivers, SendWebhooks, WebhookEvents, WebhookResult
from bot.usecases.services import Services
from tests.usecases.fakes import a_service

GOOD, OTHER = "https://good.example/in", "https://other.example/in"
START = 1_790_000_000.0
ON = Outage("examplia", Phase.ON, int(START), detected=int(START), seen=int(START), widespread=True)


@dataclass
class Outbox:
    """The store: what survives."""

    kept: dict[int, WebhookMessage] = field(default_factory=dict)
    away: bool = False
    full: bool = False

    def add(self, deliveries: Sequence[WebhookMessage]) -> None:
        for one in deliveries:
            number = len(self.kept) + 1
            self.kept[number] = replace(one, id=number)

    async def waiting(self, receiver: str) -> Sequence[WebhookMessage]:
        if self.away:
            raise StoreError("away")
        return [one for one in self.kept.values() if one.receiver == receiver]

    async def delete(self, delivery: WebhookMessage) -> None:
        if self.full:
            raise StoreError("full")
        self.kept.pop(delivery.id)

    async def purge(self, before: int) -> int:
        return 0


@dataclass
class Net:
    """The receivers: `moods` say what goes wrong at an address."""

    moods: dict[str, ReceiverFailedError | asyncio.Event] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)
    tries: int = 0

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.tries += 1
        mood = self.moods.get(url)
        if isinstance(mood, asyncio.Event):
            await mood.wait()
        elif mood is not None:
            raise mood
        self.taken.append((url, headers["webhook-id"]))


class World:
    def __init__(self, *urls: str, leadership: Any = None) -> None:
        self.now, self.outbox, self.net = START, Outbox(), Net()
        self.receivers = Receivers.at(urls or (GOOD, OTHER), b"k" * 32)
        self.leadership = leadership
        self.start()

    def clock(self) -> float:
        return self.now

    def start(self) -> None:
        """A process begins, with what the store has."""

        class Leads:
            is_leader, fence = True, None

        self.send = SendWebhooks(
            self.receivers,
            self.outbox,
            self.net,
            self.leadership or Leads(),
            clock=self.clock,
            elapsed=self.clock,
            rng=random.Random(1),
        )
        events = WebhookEvents(Services([a_service()]), self.receivers, self.clock)
        self.about = events.about

    def announce(self) -> None:
        self.outbox.add(self.about(None, replace(ON, seen=int(self.now))))

    async def later(self, seconds: float) -> None:
        self.now += seconds
        await self.send.round()


def failing(reason: str = "HTTP 500", *, gone: bool = False) -> ReceiverFailedError:
    return ReceiverFailedError(reason, gone=gone)


async def test_every_receiver_is_told_once() -> None:
    world = World()
    world.announce()
    await world.later(0)
    await world.later(60)
    assert [url for url, _ in world.net.taken] == [GOOD, OTHER] and not world.outbox.kept
    assert len({message for _, message in world.net.taken}) == 1
    assert world.send.results == {WebhookResult.DONE: 2} and not world.send.waiting


async def test_without_receivers_or_for_a_service_that_is_unknown_nothing_is_written() -> None:
    world = World()
    assert WebhookEvents(Services([a_service()]), Receivers(), world.clock).about(None, ON) == ()
    assert world.about(None, replace(ON, service="other")) == ()


async def test_what_fails_is_tried_again_after_longer_and_longer_pauses_up_to_four_hours() -> None:
    world = World(GOOD)
    world.net.moods[GOOD] = failing()
    world.announce()
    at, tries = list[float](), 0
    while world.now < START + 0.95 * DAY:
        await world.later(1 if world.now < START + 60 else 60)
        if world.net.tries > tries:
            tries = world.net.tries
            at.append(world.now - START)
    pauses = [later - sooner for sooner, later in pairwise(at)]
    assert 3 <= pauses[0] <= 6 and pauses[1] > pauses[0] and max(pauses) <= 4 * HOUR + 60
    assert 9 < tries < 20
    del world.net.moods[GOOD]
    await world.later(4 * HOUR)
    assert len(world.net.taken) == 1 and not world.outbox.kept


async def test_what_nobody_takes_for_a_day_is_given_up() -> None:
    world = World(GOOD)
    world.net.moods[GOOD] = failing()
    world.announce()
    await world.later(0)
    await world.later(DAY - 1)
    assert world.outbox.kept
    await world.later(4 * HOUR)
    assert not world.outbox.kept and world.send.results[WebhookResult.GIVEN_UP] == 1


async def test_a_receiver_that_is_gone_is_told_nothing_more() -> None:
    world = World()
    world.net.moods[GOOD] = failing("HTTP 410", gone=True)
    for _ in range(3):
        world.announce()
        await world.later(60)
    assert world.net.tries == 1 + 3 and not world.outbox.kept
    assert [url for url, _ in world.net.taken] == [OTHER] * 3


async def test_one_event_that_is_not_taken_holds_up_no_other() -> None:
    world = World(GOOD)
    world.net.moods[GOOD] = failing("HTTP 400")
    world.announce()
    await world.later(0)
    world.net.moods.clear()
    world.now += 1
    world.announce()
    await world.later(0)
    assert len(world.net.taken) == 1 and [one.id for one in world.send.waiting] == [1]
    await world.later(5)
    assert len(world.net.taken) == 2


async def test_after_a_restart_what_waits_is_told_under_the_same_id() -> None:
    world = World(GOOD)
    world.net.moods[GOOD] = failing()
    world.announce()
    await world.later(0)
    [(_, kept)] = world.outbox.kept.items()
    world.net.moods.clear()
    world.start()
    await world.later(0)
    assert world.net.taken == [(GOOD, kept.message_id)]


async def test_only_the_process_that_decides_sends() -> None:
    world = World(leadership=Observer())
    world.announce()
    await world.later(0)
    assert not world.net.tries and len(world.outbox.kept) == 2


async def test_a_receiver_that_hangs_holds_up_no_other() -> None:
    world = World()
    world.net.moods[GOOD] = asyncio.Event()
    async with world.send:
        world.announce()
        world.send.wake()
        async with asyncio.timeout(30):
            while not world.net.taken:  # noqa: ASYNC110 - told by the fake
                await asyncio.sleep(0)
        assert [url for url, _ in world.net.taken] == [OTHER]
    assert {one.receiver for one in world.outbox.kept.values()} == {receiver_of(GOOD)}


async def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(GOOD)
    monkeypatch.setattr(world.outbox, "away", True)
    async with world.send:
        await asyncio.sleep(0)
        world.outbox.away = False
        world.announce()
        world.send.wake()
        async with asyncio.timeout(30):
            while not world.net.taken:  # noqa: ASYNC110 - told by the fake
                await asyncio.sleep(0)


async def test_what_was_taken_is_not_sent_again_while_it_cannot_be_deleted() -> None:
    world = World(GOOD)
    world.announce()
    world.outbox.full = True
    for _ in range(5):
        with suppress(StoreError):
            await world.later(60)
    assert world.net.tries == 1 and world.outbox.kept
    world.outbox.full = False
    await world.later(60)
    assert world.net.tries == 1 and not world.outbox.kept


async def test_a_new_event_with_the_number_of_one_that_is_gone_is_told() -> None:
    """SQLite gives the number of a deleted row again."""
    world = World(GOOD)
    world.announce()
    world.outbox.full = True
    with suppress(StoreError):
        await world.later(60)
    world.outbox.kept.clear()  # a day later, with all that is old
    world.outbox.full = False
    await world.later(60)
    world.announce()
    await world.later(60)
    assert len(world.net.taken) == 2 and not world.outbox.kept
