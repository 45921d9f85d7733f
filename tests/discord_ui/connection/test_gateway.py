"""The time to reconnect after an outage of Discord, and the number of our requests, in virtual time."""

import asyncio
import random
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web

from bot.app import App
from bot.core.shards import Shards
from bot.discord_ui.connection import circuit_breaker
from bot.discord_ui.connection.circuit_breaker import CircuitBreaker, CircuitOpenError
from bot.discord_ui.connection.endpoint import API, Endpoint
from bot.discord_ui.connection.gateway import IDENTIFY_EVERY, Backoff, OwnTurns, Pace
from bot.web.serving import serving

_TRY = 1.0
"""Seconds a try takes that fails."""


def _away(backoff: Backoff, now: list[float], outage: float) -> float:
    """Seconds from the end of an outage to the try that works."""
    ends = now[0] + outage
    while now[0] < ends:
        now[0] += _TRY + backoff.delay()
    return now[0] - ends


@pytest.mark.parametrize("outage", [20, 300, 1800, 4 * 3600])
def test_after_an_outage_it_is_back_within_a_minute(outage: float) -> None:
    now, rng = [0.0], random.Random(outage)
    backoff = Backoff(rng, lambda: now[0])
    waits = list[float]()
    for _ in range(5000):
        waits.append(_away(backoff, now, outage))
        now[0] += rng.uniform(10, 3600)
    waits.sort()
    assert waits[int(len(waits) * 0.95)] <= 30 and waits[-1] <= 60
    assert waits[len(waits) // 2] > 1, "and not all bots in the same second"


async def test_identifies_of_a_day_stay_below_what_discord_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    pace, now = Pace(), [0.0]
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "time", lambda: now[0])
    identified = 0
    while now[0] < 86_400:
        if pace.identifies.has_capacity():
            await pace.identify(0)
            identified += 1
        now[0] += 5  # as soon as Discord's own limit allows
    assert 500 < identified < 1000


async def test_refused_requests_stop_far_below_the_ban_but_answers_go_out() -> None:
    now, seen = [0.0], list[str]()

    async def refuse(request: web.Request) -> web.Response:
        seen.append(request.path)
        status = {"/api/v10/shared": 429, "/api/v10/fine": 200}.get(request.path, 403)
        return web.Response(status=status, headers={"X-RateLimit-Scope": "shared"} if "shared" in request.path else {})

    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", refuse)])
    breaker = CircuitBreaker(lambda: None, lambda: now[0])
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(app))
        connector = Endpoint(f"http://127.0.0.1:{port}/api/v10").connector()
        session = aiohttp.ClientSession(connector=connector, trace_configs=[breaker.trace()])
        await stack.enter_async_context(session)

        async def ask(path: str, times: int = 1) -> None:
            for _ in range(times):
                now[0] += 0.1
                async with session.get(API + path):
                    pass

        await ask("/shared", 600)
        await ask("/fine", 600)
        assert not breaker.on
        await ask("/channels/1/messages", circuit_breaker.MOST_REFUSED)
        assert breaker.on
        with pytest.raises(CircuitOpenError):
            await ask("/channels/1/messages")
        with pytest.raises(aiohttp.ClientError):
            await ask("/users/@me")
        await ask("/interactions/1/token/callback")
        await ask("/webhooks/1/token")
        assert len(seen) == 1200 + circuit_breaker.MOST_REFUSED + 2
        now[0] += circuit_breaker.WITHIN
        await ask("/channels/1/messages")
        assert breaker.refused == 1


async def test_a_turn_to_identify_that_nobody_waited_for_stands(app: App) -> None:
    """discord.py gives up after a minute; with another turn each time a hundred shards would never all be back."""
    client, taken = app.client(message_content=False, shards=Shards((0,), 4)), list[int]()

    async def turn(bucket: int) -> float:
        taken.append(bucket)
        return 0.2

    client._turn = turn
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await client._wait_for_turn(0)
    await client._wait_for_turn(0)
    assert taken == [0]
    await client._wait_for_turn(0)
    assert taken == [0, 0], "the next identify has the next turn"


async def test_one_process_identifies_once_in_five_seconds_a_bucket() -> None:
    now = 100.0
    turns = OwnTurns(lambda: now)
    assert [await turns.turn(0) for _ in range(3)] == [0, IDENTIFY_EVERY, 2 * IDENTIFY_EVERY]
    assert await turns.turn(1) == 0
    now += 60
    assert await turns.turn(0) == 0
