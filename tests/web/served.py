"""The page on a free port, with data chosen by a test."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, async_playwright

from bot.usecases.reports.public_state import PublicService
from bot.web.server import serve_web
from bot.web.site import Site
from tests.demo.page import chromium
from tests.resources import resources
from tests.web.states import NOW, worlds

LANGUAGES = resources().languages


@dataclass
class Known:
    """The data of the page. A test changes them, and lets time pass."""

    services: tuple[PublicService, ...] = field(default_factory=lambda: worlds()["calm"])
    now: float = NOW
    elapsed: float = 0.0
    looks: int = 0

    async def look(self) -> tuple[PublicService, ...]:
        self.looks += 1
        return self.services

    def later(self, *services: PublicService, seconds: float = 60.0) -> None:
        self.services = services or self.services
        self.now += seconds
        self.elapsed += seconds


@asynccontextmanager
async def served(known: Known, **limits: Any) -> AsyncGenerator[tuple[str, Site]]:
    """Yields the address, without a slash at the end, and the site."""
    site = Site(known.look, LANGUAGES, lambda: known.now, lambda: known.elapsed)
    async with serve_web("127.0.0.1", 0, {}, lambda: site.answer, **limits) as port:
        yield f"http://127.0.0.1:{port}", site
    await site.close()


@asynccontextmanager
async def browser() -> AsyncGenerator[Browser]:
    path = chromium()
    assert path is not None
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield found
        finally:
            await found.close()
