"""The demo's services on this machine: health endpoints that the story can break, and one status page.

Character.AI has closed its status page, and the demo shows that: the address answers with 404. The invented neighbour's
page works.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web

from bot.web.serving import serving


class DemoService:
    """Both services: they work unless `broken_since` is set."""

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
            "page": {"id": "demo", "name": "Storyloft (demo)"},
            "status": {"indicator": indicator, "description": description},
            "components": [],
            "incidents": incidents,
        }

    def health(self) -> web.Response:
        """The answer of the health endpoint."""
        if self.broken_since is not None:
            return web.Response(status=500, text="Internal Server Error")
        return web.json_response({"redis": "UP"})


class Addresses(NamedTuple):
    """The addresses of the services: Character.AI, whose page is closed, and the neighbour, whose page works."""

    closed: str
    living: str


@asynccontextmanager
async def serve(service: DemoService) -> AsyncGenerator[Addresses]:
    """Serve on two free ports of the loopback interface. Yields the addresses."""

    async def summary(_request: web.Request) -> web.Response:
        return web.json_response(service.summary())

    async def health(_request: web.Request) -> web.Response:
        return service.health()

    closed, living = web.Application(), web.Application()
    closed.add_routes([web.get("/health", health)])
    living.add_routes([web.get("/api/v2/summary.json", summary), web.get("/health", health)])
    async with serving(closed) as closed_port, serving(living) as living_port:
        yield Addresses(f"http://127.0.0.1:{closed_port}", f"http://127.0.0.1:{living_port}")
