"""`/healthz`: the process answers. `/readyz`: it is connected to Discord and its database writes."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from bot.core.errors import ConfigurationError
from bot.web.serving import serving

Checks = Callable[[], Mapping[str, bool]]


@asynccontextmanager
async def serve_health(host: str, port: int, checks: Checks) -> AsyncGenerator[int]:
    """Serve while the context is open; gives the port. Raises ConfigurationError when it cannot be opened."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(_request: web.Request) -> web.Response:
        found = checks()
        return web.json_response(dict(found), status=200 if all(found.values()) else 503)

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    async with AsyncExitStack() as stack:
        try:
            opened = await stack.enter_async_context(serving(app, host, port))
        except OSError as error:
            raise ConfigurationError(
                [f"HTTP_HOST, HTTP_PORT: {host}:{port} cannot be opened: {error.strerror}"]
            ) from error
        yield opened
