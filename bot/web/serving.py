"""Runs a web application or a web server while a context is open."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

LONGEST_VISIT = 10.0
MOST_VISITS = 256
MOST_STREAMS = 1000
_RETRY_AFTER = "60"


@dataclass(frozen=True, slots=True)
class EventStream:
    """An answer that goes on: its connection may stay open, and `events` are sent as they come."""

    headers: Mapping[str, str]
    events: AsyncIterator[bytes]


Answer: TypeAlias = web.StreamResponse | EventStream
Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[Answer]]


class ShortVisits(web.Server):
    """A server for short requests: it closes a connection `longest` seconds after its last whole request.

    So nobody keeps one open by sending a request slowly, or by reading the answer slowly. With more than `most`
    connections the one that asked for nothing the longest is closed, so that those who hold connections open lock
    nobody out. Event streams are counted by themselves: there are at most `most_streams`, and further ones are refused.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        longest: float = LONGEST_VISIT,
        most: int = MOST_VISITS,
        most_streams: int = MOST_STREAMS,
    ) -> None:
        super().__init__(self._answer, access_log=None)  # pyright: ignore[reportArgumentType] - its stub wants Request
        self._handler = handler
        self._longest = longest
        self._most = most
        self._most_streams = most_streams
        self._visits: dict[asyncio.BaseProtocol, tuple[asyncio.Transport, asyncio.TimerHandle]] = {}
        self._streams: dict[asyncio.BaseProtocol, tuple[asyncio.Transport, asyncio.Task[object] | None]] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Let a connection in, for a while."""
        super().connection_made(handler, transport)
        self._begin(handler, transport)
        if len(self._visits) > self._most:
            oldest, _ = self._visits[next(iter(self._visits))]
            oldest.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection, and end what is sent to it."""
        self._end(handler)
        _, stream = self._streams.pop(handler, (None, None))
        if stream is not None:
            stream.cancel()
        super().connection_lost(handler, exc)

    def end_streams(self) -> None:
        """Close the event streams, which would go on for ever."""
        for transport, _ in list(self._streams.values()):
            transport.abort()

    def _begin(self, visit: asyncio.BaseProtocol, transport: asyncio.Transport) -> None:
        timer = asyncio.get_running_loop().call_later(self._longest, transport.abort)
        self._visits[visit] = transport, timer

    def _end(self, visit: asyncio.BaseProtocol) -> asyncio.Transport | None:
        transport, timer = self._visits.pop(visit, (None, None))
        if timer is not None:
            timer.cancel()
        return transport

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        visit = request.protocol
        if (transport := self._end(visit)) is not None:
            self._begin(visit, transport)
        answer = await self._handler(request)
        return await self._stream(request, answer) if isinstance(answer, EventStream) else answer

    async def _stream(self, request: web.BaseRequest, stream: EventStream) -> web.StreamResponse:
        if len(self._streams) >= self._most_streams:
            return web.Response(status=503, headers={"Retry-After": _RETRY_AFTER})
        response = web.StreamResponse(headers=stream.headers)
        visit = request.protocol
        if (transport := self._end(visit)) is None:
            return response  # it has gone away already
        self._streams[visit] = transport, asyncio.current_task()
        await response.prepare(request)
        async for event in stream.events:
            async with asyncio.timeout(self._longest):
                await response.write(event)
        return response


@asynccontextmanager
async def serving(app: web.Application | web.Server, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[int]:
    """Serve `app`. Yields the port; for 0 a free one is used. Raises OSError if it cannot be opened."""
    runner: web.AppRunner | web.ServerRunner
    if isinstance(app, web.Application):
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
    else:
        runner = web.ServerRunner(app, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        if isinstance(app, ShortVisits):
            app.end_streams()
        await runner.cleanup()
