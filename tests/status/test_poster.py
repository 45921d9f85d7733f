"""Sending webhooks to real local servers: only 2xx counts, redirects are not followed, and slow ones time out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.status.poster import Poster
from bot.usecases.outages.ports import ReceiverFailedError
from bot.web.serving import serving
from tests.ports import free_port

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
SENT = {"Content-Type": "application/json", "webhook-id": "msg_1"}


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    async with serving(app) as port:
        yield f"http://127.0.0.1:{port}/in"


def answering(status: int, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers)

    return answer


async def post(url: str, *, allow_private: bool = True, within: float = 30) -> None:
    limits = aiohttp.ClientTimeout(total=within)
    async with Poster(allow_private=allow_private, timeout=limits) as poster:
        await poster.post(url, SENT, b"{}")


async def test_a_receiver_gets_the_document_and_its_headers() -> None:
    got = list[tuple[bytes, str, str]]()

    async def take(request: web.Request) -> web.Response:
        got.append((await request.read(), request.headers["webhook-id"], request.headers["User-Agent"]))
        return web.Response(status=202)

    async with receiver(take) as url:
        await post(url)
    [(body, message, agent)] = got
    assert (body, message) == (b"{}", "msg_1") and agent.startswith("NotJustYou/")


@pytest.mark.parametrize(("status", "gone"), [(400, False), (410, True), (429, False), (500, False), (304, False)])
async def test_other_answers_are_failures(status: int, gone: bool) -> None:
    async with receiver(answering(status)) as url:
        with pytest.raises(ReceiverFailedError, match=f"HTTP {status}") as failed:
            await post(url)
    assert failed.value.gone is gone


async def test_a_redirect_is_not_followed() -> None:
    asked = list[str]()

    async def redirect(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with receiver(redirect) as url:
        with pytest.raises(ReceiverFailedError, match="HTTP 307"):
            await post(url)
    assert asked == ["/in"]


async def test_a_private_address_is_refused_unless_allowed() -> None:
    async with receiver(answering(200)) as url:
        with pytest.raises(ReceiverFailedError, match="ALLOW_PRIVATE_STATUS_HOSTS"):
            await post(url, allow_private=False)
        await post(url)


async def test_an_answer_without_end_is_not_read() -> None:
    async def pour(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    async with receiver(pour) as url:
        await post(url)


async def test_a_receiver_that_never_answers_is_given_up() -> None:
    done = asyncio.Event()

    async def hang(_request: web.Request) -> web.Response:
        await done.wait()
        return web.Response()

    async with receiver(hang) as url:
        with pytest.raises(ReceiverFailedError, match="timeout"):
            await post(url, within=0.1)
        done.set()


async def test_nobody_there_is_a_failure_with_its_reason() -> None:
    with pytest.raises(ReceiverFailedError, match="refused"):
        await post(f"http://127.0.0.1:{free_port()}/in")
