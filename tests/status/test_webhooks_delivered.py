"""Webhooks from a real database to real receivers, with failures and a restart, checked as by a receiver."""

import asyncio
import base64
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bot.core.outage_life import Outage, Phase
from bot.core.webhook_secret import key_of
from bot.settings import Settings
from bot.status.poster import Poster
from bot.stores import open_stores
from bot.usecases.leadership import OnlyProcess
from bot.usecases.outages import send_webhooks
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import WatchStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.send_webhooks import Receivers, SendWebhooks, WebhookEvents, WebhookResult
from bot.usecases.outages.write_watch_steps import WriteWatchSteps
from bot.usecases.services import Services
from bot.web.serving import serving
from tests.patience import PATIENCE
from tests.usecases.fakes import a_service

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()
START = int(time.time()) - 3600
ON = Outage("examplia", Phase.ON, START, detected=START, seen=START, recent=40, peak=40, widespread=True)


@dataclass
class Receiver:
    """Checks each message as a receiver would; `moods` are its next answers, then it takes all."""

    moods: list[int] = field(default_factory=list)
    hangs: asyncio.Event | None = None
    taken: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        event = Webhook(SECRET).verify((await request.read()).decode(), dict(request.headers))
        self.ids.append(request.headers["webhook-id"])
        if self.hangs is not None:
            await self.hangs.wait()
        status = self.moods.pop(0) if self.moods else 204
        if status == 204:
            self.taken.append(event)
        return web.Response(status=status)

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.taken]


@asynccontextmanager
async def receiving(*receivers: Receiver) -> AsyncIterator[Receivers]:
    async with AsyncExitStack() as stack:
        urls = list[str]()
        for receiver in receivers:
            app = web.Application()
            app.router.add_post("/in", receiver.answer)
            urls.append(f"http://127.0.0.1:{await stack.enter_async_context(serving(app))}/in")
        yield Receivers.at(urls, key_of(SECRET))


@dataclass
class Process:
    send: SendWebhooks
    steps: WriteWatchSteps
    cache: OutageCache

    async def write(self, **changed: Any) -> None:
        """Change the outage; the first change begins it."""
        before = next(iter(self.cache.recent("examplia")), ON)
        await self.steps.write(WatchStep("examplia", outage=replace(before, **changed)), {})


@asynccontextmanager
async def process(settings: Settings, receivers: Receivers, patience: float = PATIENCE) -> AsyncIterator[Process]:
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, ["examplia"]))
        poster = Poster(allow_private=True, timeout=aiohttp.ClientTimeout(total=patience))
        send = SendWebhooks(
            receivers,
            stores.webhooks,
            await stack.enter_async_context(poster),
            OnlyProcess(),
            clock=time.time,
            elapsed=time.monotonic,
            rng=random.Random(1),
        )
        cache = OutageCache()
        await cache.load(stores.outages, time.time)
        about = WebhookEvents(Services([a_service()]), receivers, time.time).about
        steps = WriteWatchSteps(cache, PostCache(cache), stores.outages, events=about, on_webhooks=send.wake)
        await stack.enter_async_context(send)
        yield Process(send, steps, cache)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():  # noqa: ASYNC110 - the receiver is somebody else
            await asyncio.sleep(0.01)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(send_webhooks, "FIRST_PAUSE", 0.02)
    return Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")


async def test_an_outage_is_told_from_its_beginning_to_its_end(settings: Settings) -> None:
    receiver = Receiver()
    async with receiving(receiver) as receivers, process(settings, receivers) as bot:
        await bot.write()
        await bot.write(seen=START + 60, recent=50)
        await bot.write(official_at=START + 300)
        await bot.write(phase=Phase.RECOVERING, ended=START + 900, seen=START + 960)
        await bot.write(phase=Phase.OVER, seen=START + 2700)
        await bot.write(final=True)
        await until(lambda: len(receiver.taken) == 4)
    assert receiver.types == ["outage.announced", "outage.updated", "outage.recovering", "outage.ended"]
    assert len(set(receiver.ids)) == len(receiver.ids) == 4


async def test_one_that_fails_one_that_hangs_and_one_that_is_gone_cost_the_others_nothing(settings: Settings) -> None:
    failing, hanging, gone, well = (
        Receiver([500, 404, 503]),
        Receiver(hangs=asyncio.Event()),
        Receiver([410]),
        Receiver(),
    )
    async with receiving(failing, hanging, gone, well) as receivers, process(settings, receivers) as bot:
        await bot.write()
        await until(lambda: well.types == ["outage.announced"])
        await until(lambda: failing.types == ["outage.announced"])
        assert len(failing.ids) == 4 and len(set(failing.ids)) == 1
        await bot.write(phase=Phase.RECOVERING, ended=START + 900, seen=START + 960)
        await until(lambda: len(well.taken) == len(failing.taken) == 2)
        assert len(hanging.ids) == 1 and len(gone.ids) == 1
        await until(lambda: bot.send.results[WebhookResult.GIVEN_UP] == 2)
        assert hanging.hangs is not None
        hanging.hangs.set()
        await until(lambda: len(hanging.taken) == 2)


async def test_a_slow_one_is_told_again_and_knows_the_message_by_its_id(settings: Settings) -> None:
    slow = Receiver(hangs=asyncio.Event())
    async with receiving(slow) as receivers, process(settings, receivers, patience=0.2) as bot:
        await bot.write()
        await until(lambda: len(slow.ids) >= 2)
        assert slow.hangs is not None
        slow.hangs.set()
        await until(lambda: bot.send.results[WebhookResult.DONE] == 1)
    assert len(set(slow.ids)) == 1


async def test_what_was_not_taken_before_a_restart_is_told_after_it(settings: Settings) -> None:
    receiver = Receiver([503] * 100)
    async with receiving(receiver) as receivers:
        async with process(settings, receivers) as bot:
            await bot.write()
            await bot.write(phase=Phase.RECOVERING, ended=START + 900, seen=START + 960)
            await until(lambda: len(set(receiver.ids)) == 2)
        receiver.moods.clear()
        async with process(settings, receivers) as bot:
            await until(lambda: len(receiver.taken) == 2)
            assert receiver.types == ["outage.announced", "outage.recovering"]
            await until(lambda: not bot.send.waiting)
        async with process(settings, receivers):
            await asyncio.sleep(0.1)
    assert len(receiver.taken) == 2 and len(set(receiver.ids)) == 2


async def test_what_is_for_a_receiver_that_is_named_no_more_stays_and_is_told_to_nobody(settings: Settings) -> None:
    before, after = Receiver([503] * 100), Receiver()
    async with receiving(before) as old, process(settings, old) as bot:
        await bot.write()
        await until(lambda: bool(before.ids))
    async with receiving(after) as new, process(settings, new) as bot:
        await bot.write(phase=Phase.RECOVERING, ended=START + 900, seen=START + 960)
        await until(lambda: after.types == ["outage.recovering"])
