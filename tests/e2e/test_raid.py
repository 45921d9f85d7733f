"""A raid: thousands of mentions in one channel, over real sockets; one reply per cooldown, other answers go on."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import Figure
from tests.e2e.conftest import MENTION, Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


@asynccontextmanager
async def lag(town: Town) -> AsyncIterator[list[float]]:
    """How long the bot takes to answer `/healthz` meanwhile, in seconds: a busy loop answers late.

    What a busy machine makes us and the bot wait for a processor is taken off.
    """
    took, us, bot = list[float](), os.getpid(), town.bot.process.pid

    async def watch() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                began = time.monotonic() - kept_waiting(us) - kept_waiting(bot)
                async with session.get(f"{town.health}/healthz") as answer:
                    await answer.read()
                took.append(max(0.0, time.monotonic() - kept_waiting(us) - kept_waiting(bot) - began))
                await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    yield took
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def answered(took: list[float]) -> None:
    """Wait until a request that begins now is answered. It may take as long as a busy machine needs."""
    wanted = len(took) + 2  # the first may have begun before
    async with asyncio.timeout(PATIENCE):
        while len(took) < wanted:  # noqa: ASYNC110 - one coroutine waits for another's list
            await asyncio.sleep(0.02)


def kept_waiting(pid: int) -> float:
    """Seconds for which a process could have run, and had no processor: the second number of Linux's schedstat."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


async def raid(town: Town, messages: int, seconds: float, cooldown: str) -> tuple[int, list[float]]:
    """Post so many mentions by a hundred people in that time; gives the replies and the lag.

    Ten times meanwhile it waits for an answer, so a bot that does nothing but read the raid fails.
    """
    channel = town.channel()
    owner: Any = channel.guild.owner
    await town.turn_on(channel.guild, channel)
    panel = await owner.slash(channel, "setup")
    await town.choose(owner, panel, "cooldown", [cooldown])
    people = [town.user() for _ in range(100)]
    began = time.monotonic()
    async with lag(town) as took:
        for number in range(messages):
            await people[number % 100].say(channel, MENTION + "!" * (number % 4))
            if number % (messages // 10) == 0:
                await answered(took)
            ahead = began + seconds * number / messages - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
        await town.heard_out(channel)
    return len(town.said(channel)), sorted(took)


def lags(took: list[float]) -> str:
    at = {q: took[int(len(took) * q)] for q in (0.5, 0.95)}
    return f"lag p50 {at[0.5] * 1e3:.1f} ms, p95 {at[0.95] * 1e3:.1f} ms, most {took[-1] * 1e3:.0f} ms"


async def test_a_burst_gets_one_reply(town: Town, figure: Figure) -> None:
    replies, took = await raid(town, 2_000, 4, "120")
    figure(f"2,000 mentions in four seconds: {replies} reply, {lags(took)}")
    assert replies == 1


@pytest.mark.faults
async def test_ten_thousand_in_a_minute_get_one_reply_a_pause(town: Town, figure: Figure) -> None:
    replies, took = await raid(town, 10_000, 60, "30")
    figure(f"10,000 mentions in a minute, pause 30 s: {replies} replies, {lags(took)}")
    assert replies in (2, 3), "one at the start, one after every pause"
    assert took[-1] < 1, lags(took)
