"""The health endpoints, and clients that hold their connections open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

from bot.usecases.upkeep.diagnose import Check, Starting
from bot.web.health import health_routes
from bot.web.server import serve_web
from tests.patience import PATIENCE


class Well(Starting):
    """Alive and not ready."""

    def __init__(self) -> None:
        pass

    async def alive(self) -> list[Check]:
        return [Check("loop", ok=True)]

    async def ready(self) -> list[Check]:
        return [Check("discord", ok=False, why="away")]


@asynccontextmanager
async def served(**limits: Any) -> AsyncIterator[int]:
    async with serve_web("127.0.0.1", 0, health_routes(Well), **limits) as port:
        yield port


async def status(port: int, path: str = "/healthz", method: str = "GET") -> int:
    async with aiohttp.ClientSession() as session, session.request(method, f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status


class SlowVisits:
    """Connections that send the beginning of a request, and no end."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []

    async def begin(self, port: int) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.writers.append(writer)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        await writer.drain()
        return reader


@pytest.fixture
async def slow() -> AsyncIterator[SlowVisits]:
    visits = SlowVisits()
    yield visits
    for writer in visits.writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def closed(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read() == b""
        except ConnectionError:
            return True


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/healthz", "GET", 200),
        ("/healthz", "HEAD", 200),
        ("/readyz", "GET", 503),
        ("/", "GET", 503),
        ("/healthz", "POST", 405),
    ],
)
async def test_what_is_answered(path: str, method: str, expected: int) -> None:
    async with served() as port:
        assert await status(port, path, method) == expected


async def test_a_request_that_never_ends_is_ended(slow: SlowVisits) -> None:
    async with served(longest=0.1) as port:
        assert await closed(await slow.begin(port))


async def test_a_request_that_never_ends_and_goes_on_sending_is_ended(slow: SlowVisits) -> None:
    async with served(longest=0.3) as port:
        reader = await slow.begin(port)

        async def drip() -> None:
            while True:
                slow.writers[0].write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await closed(reader)
        dripping.cancel()


async def test_many_open_connections_lock_nobody_out(slow: SlowVisits) -> None:
    async with served(longest=PATIENCE, most=10) as port:
        readers = [await slow.begin(port) for _ in range(30)]
        assert await status(port) == 200
        for reader in readers[:20]:
            assert await closed(reader)


class Monitor:
    """Asks again and again on one connection, as a reverse proxy does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self) -> None:
        self.writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await self.reader.readexactly(length)
        assert b"200 OK" in head


@asynccontextmanager
async def monitor(port: int) -> AsyncIterator[Monitor]:
    found = Monitor(*await asyncio.open_connection("127.0.0.1", port))
    yield found
    found.writer.close()
    with suppress(ConnectionError):
        await found.writer.wait_closed()


async def test_a_monitor_keeps_its_connection_as_long_as_it_asks(slow: SlowVisits) -> None:
    async with served(longest=4) as port, monitor(port) as asking:
        idle = asyncio.create_task(closed(await slow.begin(port)))
        while not idle.done():
            await asking.ask()
            await asyncio.sleep(0.1)
        assert idle.result()
        await asking.ask()


async def test_who_asks_is_not_closed_for_those_who_only_hold_on(slow: SlowVisits) -> None:
    async with served(longest=PATIENCE, most=3) as port, monitor(port) as asking:
        for _ in range(3):
            await asking.ask()
            reader = await slow.begin(port)
            await asking.ask()
        await slow.begin(port)
        assert not reader.at_eof()
        await asking.ask()
