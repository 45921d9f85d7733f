"""`/healthz`: whether a restart would help. `/readyz`: whether the bot can serve people now. Both as JSON."""

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from bot.usecases.upkeep.diagnose import Check, Diagnose, Starting
from bot.web.serving import RouteHandler


def health_routes(diagnose: Callable[[], Diagnose | Starting]) -> Mapping[str, RouteHandler]:
    """Both paths with their handlers. `diagnose` is called for each request."""

    async def alive(_request: web.BaseRequest) -> web.Response:
        return _answer(await diagnose().alive())

    async def ready(_request: web.BaseRequest) -> web.Response:
        return _answer(await diagnose().ready())

    return {"/healthz": alive, "/readyz": ready}


def _answer(checks: Sequence[Check]) -> web.Response:
    ok = all(check.ok for check in checks)
    by_name = {
        check.name: {"ok": check.ok, **({"why": check.why} if check.why else {}), **check.facts} for check in checks
    }
    return web.json_response({"ok": ok, "checks": by_name}, status=200 if ok else 503)
