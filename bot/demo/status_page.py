"""The demo's service on this machine: a status page and a health endpoint that the story can break."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.web.serving import serving


class DemoService:
    """A service that works unless `broken_since` is set."""

    def __init__(self) -> None:
        self.broken_since: datetime | None = None

    def summary(self) -> dict[str, Any]:
        """The answer of an Atlassian status page."""
        indicator, description, incidents = "none", "All Systems Operational", list[dict[str, Any]]()
        if self.broken_since is not None:
            indicator, description = "major", "Partial System Outage"
            incidents.append(
                {
                    "id": "demo-1",
                    "name": "Investigating an issue",
                    "status": "investigating",
                    "impact": "major",
                    "created_at": self.broken_since.isoformat(),
                }
            )
        return {
            "page": {"id": "demo", "name": "Character.AI (demo)"},
            "status": {"indicator": indicator, "description": description},
            "components": [],
            "incidents": incidents,
        }

    def health(self) -> web.Response:
        """The answer of the health endpoint."""
        if self.broken_since is not None:
            return web.Response(status=500, text="Internal Server Error")
        return web.json_response({"redis": "UP"})


@asynccontextmanager
async def serve(service: DemoService) -> AsyncGenerator[str]:
    """Serve on a free port of the loopback interface. Yields the address."""

    async def summary(_request: web.Request) -> web.Response:
        return web.json_response(service.summary())

    async def health(_request: web.Request) -> web.Response:
        return service.health()

    app = web.Application()
    app.add_routes([web.get("/api/v2/summary.json", summary), web.get("/health", health)])
    async with serving(app) as port:
        yield f"http://127.0.0.1:{port}"
