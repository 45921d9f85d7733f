"""Runs a web application or a web server while a context is open."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

LONGEST_VISIT = 10.0
MOST_VISITS = 64


class ShortVisits(web.Server):
    """A server for short requests: it closes a connection after some seconds, whatever its other end does or sends.

    With more than `most` connections the oldest is closed, so that those who hold connections open lock nobody out.
    """

    def __init__(self, handler: Any, *, longest: float = LONGEST_VISIT, most: int = MOST_VISITS) -> None:
        super().__init__(handler, access_log=None)
        self._longest = longest
        self._most = most
        self._visits: dict[web.RequestHandler, tuple[asyncio.Transport, asyncio.TimerHandle]] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Let a connection in, for a while."""
        super().connection_made(handler, transport)
        timer = asyncio.get_running_loop().call_later(self._longest, transport.abort)
        self._visits[handler] = transport, timer
        if len(self._visits) > self._most:
            oldest, _ = self._visits[next(iter(self._visits))]
            oldest.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        if (visit := self._visits.pop(handler, None)) is not None:
            visit[1].cancel()
        super().connection_lost(handler, exc)


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
        await runner.cleanup()
