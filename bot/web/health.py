"""`/healthz`: whether a restart would help. `/readyz`: whether the bot can serve people now. Both as JSON."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from bot.core.errors import ConfigurationError
from bot.usecases.upkeep.diagnose import Check, Diagnose, Starting
from bot.web.serving import serving


@asynccontextmanager
async def serve_health(host: str, port: int, diagnose: Callable[[], Diagnose | Starting]) -> AsyncGenerator[int]:
    """Serve while the context is open. Yields the port. `diagnose` is called for each request.

    Raises ConfigurationError if the port cannot be opened.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return _answer(await diagnose().alive())

    async def readyz(_request: web.Request) -> web.Response:
        return _answer(await diagnose().ready())

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


def _answer(checks: Sequence[Check]) -> web.Response:
    ok = all(check.ok for check in checks)
    by_name = {
        check.name: {"ok": check.ok, **({"why": check.why} if check.why else {}), **check.facts} for check in checks
    }
    return web.json_response({"ok": ok, "checks": by_name}, status=200 if ok else 503)
