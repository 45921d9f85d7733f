"""The server on HTTP_PORT: routes by their exact path, and the public page for every other path."""

import errno
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from bot.core.errors import ConfigurationError
from bot.web.serving import LONGEST_VISIT, MOST_STREAMS, MOST_VISITS, Answer, RouteHandler, ShortVisits, serving

_logger = logging.getLogger(__name__)
_READING = frozenset({"GET", "HEAD"})


@asynccontextmanager
async def serve_web(
    host: str,
    port: int,
    routes: Mapping[str, RouteHandler],
    page: Callable[[], RouteHandler | None] = lambda: None,
    *,
    longest: float = LONGEST_VISIT,
    most: int = MOST_VISITS,
    most_streams: int = MOST_STREAMS,
) -> AsyncGenerator[int]:
    """Serve while the context is open. Yields the port.

    `page` returns the handler for all paths that are not in `routes`, or None while the bot starts. The limits are
    those of `ShortVisits`. Raises ConfigurationError if the port cannot be opened.
    """

    async def answer(request: web.BaseRequest) -> Answer:
        if request.method not in _READING:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        handler = routes.get(request.path) or page()
        if handler is None:
            return web.Response(status=503, headers={"Retry-After": "10"}, text="The bot is starting.\n")
        return await handler(request)

    async with AsyncExitStack() as stack:
        try:
            server = ShortVisits(answer, longest=longest, most=most, most_streams=most_streams)
            opened = await stack.enter_async_context(serving(server, host, port))
        except OSError as error:
            raise ConfigurationError([_refused(f"{host}:{port}", error)]) from error
        _logger.info("serving the public page", extra={"address": f"http://{host}:{opened}/"})
        yield opened


def _refused(place: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"HTTP_HOST, HTTP_PORT: {place} is in use; choose another HTTP_PORT, or stop what uses this one"
    return f"HTTP_HOST, HTTP_PORT: {place} cannot be opened: {error.strerror}"
