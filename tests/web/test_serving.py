"""Event streams: visitors are notified of changes, and cannot lock out others."""

import asyncio
from contextlib import suppress

from aiohttp import web

from bot.web.serving import ShortVisits, serving
from tests.patience import PATIENCE
from tests.web.served import Known, served
from tests.web.states import worlds
from tests.web.visit import get

WORLDS = worlds()


class EventClient:
    """Somebody with the page open."""

    def __init__(self, url: str) -> None:
        self.port = int(url.rpartition(":")[2])
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> str:
        """Ask for the events; gives the first line of the answer."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
        self.head = head.decode()
        return self.head.partition("\r\n")[0]

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.reader.readuntil(text)

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            with suppress(ConnectionError):
                await self.writer.wait_closed()


async def test_those_who_have_the_page_open_are_told_of_a_change_and_not_of_ages() -> None:
    known = Known()
    async with served(known) as (url, site):
        await get(url)
        client = EventClient(url)
        assert "200" in await client.open()
        assert "close" in client.head.lower(), "nobody may use the connection again, for it has no limit any more"
        await client.until(b"retry:")
        known.later()
        await site.tick()
        known.later(*WORLDS["outage"])
        while "It's not just you" not in (await get(url)).read:
            await site.tick()
        await client.until(b"event: changed\n")
        assert b"changed" not in client.reader._buffer  # type: ignore[attr-defined]
        await client.close()


async def test_streams_outlive_a_visit_and_lock_nobody_out() -> None:
    async with served(Known(), longest=4, most=2, most_streams=3) as (url, _):
        clients = [EventClient(url) for _ in range(5)]
        try:
            assert [(await client.open()).split()[1] for client in clients] == ["200"] * 3 + ["503"] * 2
            async with asyncio.timeout(PATIENCE):
                assert await clients[4].reader.read() == b"", "a visit is over, but not a stream"
            assert (await get(url)).status == 200
            for client in clients[:3]:
                await client.until(b"retry:")
                assert not client.reader.at_eof()
        finally:
            for client in clients:
                await client.close()


async def test_who_leaves_makes_room_for_another_stream() -> None:
    async with served(Known(), most_streams=1) as (url, _):
        first = EventClient(url)
        assert "200" in await first.open()
        await first.close()
        async with asyncio.timeout(PATIENCE):
            while "200" not in await (another := EventClient(url)).open():
                await another.close()
        await another.close()


async def test_closing_waits_for_no_stream() -> None:
    async with served(Known()) as (url, _):
        client = EventClient(url)
        await client.open()
    async with asyncio.timeout(PATIENCE):
        await client.reader.read()
    await client.close()


async def test_visits_that_are_over_are_forgotten() -> None:
    async def hello(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="hello")

    server = ShortVisits(hello)
    async with serving(server) as port:
        for _ in range(20):
            assert (await get(f"http://127.0.0.1:{port}/")).text == "hello"
        async with asyncio.timeout(PATIENCE):
            while server.connections:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
