"""Humans first: channels where a helper wrote, and replies that another person's answer cancels."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.core.guild_settings import GuildSettings
from bot.usecases.replies import humans_first
from bot.usecases.replies.humans_first import HELPED_FOR, HumansFirst, Written
from bot.usecases.servers.configure_guild import GuildCache

GUILD, CHANNEL, ELSEWHERE, ANN, BOB, HELPER, MESSAGE = range(1, 8)
ROLE = 50


class Place:
    """A server with helpers, its clock, and a wait that a test ends."""

    def __init__(self, helpers: frozenset[int] = frozenset({ROLE})) -> None:
        self.now = 1000.0
        self.over = asyncio.Event()
        self.waited = list[float]()
        nothing: Any = SimpleNamespace()
        guilds = GuildCache(nothing)
        guilds.put(GUILD, GuildSettings(helpers=helpers))
        self.humans = HumansFirst(guilds, lambda: self.now, self.wait)

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        await self.over.wait()

    def wrote(self, author: int, channel: int = CHANNEL, *, roles: tuple[int, ...] = (), to: int | None = None) -> None:
        self.humans.wrote(Written(GUILD, channel, author, to), lambda: roles)

    async def reply(self, seconds: float = 4, message: int | None = MESSAGE) -> "asyncio.Task[bool]":
        task = asyncio.create_task(self.humans.leave_time(self.humans.begin(CHANNEL, ANN, message), seconds))
        await asyncio.sleep(0)
        return task

    async def sent(self, task: "asyncio.Task[bool]") -> bool:
        self.over.set()
        return await task


def test_a_helper_keeps_a_channel_for_five_minutes_and_others_do_not() -> None:
    place = Place()
    place.wrote(BOB)
    assert not place.humans.helped(CHANNEL)
    place.wrote(HELPER, roles=(ROLE,))
    assert place.humans.helped(CHANNEL) and not place.humans.helped(ELSEWHERE)
    place.now += HELPED_FOR - 1
    assert place.humans.helped(CHANNEL)
    place.now += 1
    assert not place.humans.helped(CHANNEL)


def test_a_clock_that_was_set_back_keeps_no_channel_silent() -> None:
    place = Place()
    place.wrote(HELPER, roles=(ROLE,))
    place.now -= 10_000
    assert not place.humans.helped(CHANNEL)


def test_where_nobody_helps_and_nothing_waits_messages_are_not_looked_at() -> None:
    assert not Place(frozenset()).humans.matters(GUILD, CHANNEL)
    assert Place().humans.matters(GUILD, CHANNEL)


async def test_a_reply_that_nobody_answers_is_sent_after_the_wait() -> None:
    place = Place(frozenset())
    task = await place.reply(8)
    assert place.humans.matters(GUILD, CHANNEL) and place.waited == [8] and not task.done()
    assert await place.sent(task)
    assert not place.humans.matters(GUILD, CHANNEL)


@pytest.mark.parametrize(
    ("author", "channel", "roles", "to", "sent"),
    [
        (BOB, CHANNEL, (), MESSAGE, False),
        (HELPER, CHANNEL, (ROLE,), None, False),
        (BOB, CHANNEL, (), None, True),
        (BOB, CHANNEL, (), MESSAGE + 1, True),
        (ANN, CHANNEL, (), MESSAGE, True),
        (HELPER, ELSEWHERE, (ROLE,), None, True),
    ],
    ids=["a reply", "a helper", "chat", "a reply to another", "the writer", "a helper elsewhere"],
)
async def test_what_is_an_answer(author: int, channel: int, roles: tuple[int, ...], to: int | None, sent: bool) -> None:
    place = Place()
    task = await place.reply()
    place.wrote(author, channel, roles=roles, to=to)
    assert await place.sent(task) is sent


async def test_an_answer_counts_from_the_moment_that_the_reply_is_decided() -> None:
    place = Place()
    waiting = place.humans.begin(CHANNEL, ANN, MESSAGE)
    place.wrote(BOB, to=MESSAGE)
    place.over.set()
    assert not await place.humans.leave_time(waiting, 4)


async def test_the_reply_to_somebody_can_be_dropped() -> None:
    place = Place()
    task = await place.reply()
    assert place.humans.waits_for(CHANNEL, ANN) and not place.humans.waits_for(CHANNEL, BOB)
    place.humans.drop(CHANNEL, BOB)
    place.humans.drop(CHANNEL, ANN)
    assert not await place.sent(task) and not place.humans.waits_for(CHANNEL, ANN)


async def test_a_message_that_discord_blocked_waits_too_and_only_a_helper_answers_it() -> None:
    place = Place()
    task = await place.reply(message=None)
    place.wrote(BOB)
    place.wrote(HELPER, roles=(ROLE,))
    assert not await place.sent(task)


async def test_without_a_wait_nothing_waits_and_a_shutdown_leaves_nothing_behind() -> None:
    place = Place()
    assert await place.humans.leave_time(place.humans.begin(CHANNEL, ANN, MESSAGE), 0) and place.waited == []
    task = await place.reply()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled() and not place.humans.waits_for(CHANNEL, ANN)


async def test_so_many_wait_at_once_and_the_next_are_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(humans_first, "MOST_WAITING", 2)
    place = Place()
    tasks = [await place.reply() for _ in range(2)]
    assert await place.humans.leave_time(place.humans.begin(ELSEWHERE, BOB, MESSAGE), 4)
    assert all([await place.sent(task) for task in tasks])
