"""Runs a web application or a web server while a context is open."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

LONGEST_VISIT = 10.0
MOST_VISITS = 256
MOST_STREAMS = 1000
_RETRY_AFTER = "60"


@dataclass(frozen=True, slots=True)
class EventStream:
    """A streaming answer: its connection may stay open, and `events` are sent as they come."""

    headers: Mapping[str, str]
    events: AsyncGenerator[bytes]


Answer: TypeAlias = web.StreamResponse | EventStream
RouteHandler: TypeAlias = Callable[[web.BaseRequest], Awaitable[Answer]]


class _Visit:
    """A connection, which is closed `longest` seconds after its last complete request.

    One timer is enough for many requests.
    """

    __slots__ = ("_ends", "_longest", "_loop", "_timer", "transport")

    def __init__(self, transport: asyncio.Transport, longest: float) -> None:
        self.transport = transport
        self._longest = longest
        self._loop = asyncio.get_running_loop()
        self._ends = self._loop.time() + longest
        self._timer: asyncio.TimerHandle | None = None

    def renew(self) -> None:
        """Restart the time after a complete request."""
        self._ends = self._loop.time() + self._longest

    def watch(self) -> None:
        """Close it if its time is over; otherwise check again later."""
        if (left := self._ends - self._loop.time()) > 0:
            self._timer = self._loop.call_later(left, self.watch)
        else:
            self.transport.abort()

    def end(self) -> None:
        """Stop watching it."""
        if self._timer is not None:
            self._timer.cancel()


class ShortVisits(web.Server):
    """A server for short requests: it closes a connection `longest` seconds after its last complete request.

    So no client can keep one open by sending a request slowly, or by reading the answer slowly. With more than `most`
    connections the one that has been idle longest is closed, so that clients with open connections cannot lock others
    out. Event streams are counted separately: there are at most `most_streams`, and further ones are refused.
    """

    def __init__(
        self,
        handler: RouteHandler,
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
        self._visits: dict[asyncio.BaseProtocol, _Visit] = {}
        self._streams: dict[asyncio.BaseProtocol, tuple[asyncio.Transport, asyncio.Task[object] | None]] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Accept a connection, for a limited time."""
        super().connection_made(handler, transport)
        visit = self._visits[handler] = _Visit(transport, self._longest)
        visit.watch()
        if len(self._visits) > self._most:
            self._visits[next(iter(self._visits))].transport.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Remove a connection, and end its stream."""
        if (visit := self._visits.pop(handler, None)) is not None:
            visit.end()
        _, stream = self._streams.pop(handler, (None, None))
        if stream is not None:
            stream.cancel()
        super().connection_lost(handler, exc)

    def end_streams(self) -> None:
        """Close the event streams, which would never end."""
        for transport, _ in list(self._streams.values()):
            transport.abort()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        visits, protocol = self._visits, request.protocol
        if (visit := visits.pop(protocol, None)) is not None:
            visits[protocol] = visit  # now the youngest
            visit.renew()
        answer = await self._handler(request)
        return await self._stream(request, answer) if isinstance(answer, EventStream) else answer

    async def _stream(self, request: web.BaseRequest, stream: EventStream) -> web.StreamResponse:
        if len(self._streams) >= self._most_streams:
            return web.Response(status=503, headers={"Retry-After": _RETRY_AFTER})
        response = web.StreamResponse(headers=stream.headers)
        response.force_close()  # nothing limits the connection after the stream, so it must not be reused
        if (visit := self._visits.pop(request.protocol, None)) is None:
            return response  # the client has already disconnected
        visit.end()
        self._streams[request.protocol] = visit.transport, asyncio.current_task()
        await response.prepare(request)
        async with aclosing(stream.events):
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
