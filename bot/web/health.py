"""`/healthz`: whether a restart would help. `/readyz`: whether the bot can serve people now. Both as JSON."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from bot.core.errors import ConfigurationError
from bot.usecases.upkeep.diagnose import Check, Diagnose, Starting
from bot.web.serving import LONGEST_VISIT, MOST_VISITS, ShortVisits, serving


@asynccontextmanager
async def serve_health(
    host: str,
    port: int,
    diagnose: Callable[[], Diagnose | Starting],
    *,
    longest: float = LONGEST_VISIT,
    most: int = MOST_VISITS,
) -> AsyncGenerator[int]:
    """Serve while the context is open. Yields the port. `diagnose` is called for each request.

    A connection is closed after `longest` seconds, and the oldest one if there are more than `most`.

    Raises ConfigurationError if the port cannot be opened.
    """

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405)
        match request.path:
            case "/healthz":
                return _answer(await diagnose().alive())
            case "/readyz":
                return _answer(await diagnose().ready())
            case _:
                return web.Response(status=404)

    async with AsyncExitStack() as stack:
        try:
            server = ShortVisits(answer, longest=longest, most=most)
            opened = await stack.enter_async_context(serving(server, host, port))
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
