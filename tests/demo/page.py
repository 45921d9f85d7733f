"""Uses the demo's page in headless Chromium, as a visitor would."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect
from playwright.async_api import TimeoutError as PageTimeout

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
SOON = (5_000, 10_000, 20_000, 40_000, 80_000)
"""Milliseconds until something is tried again: longer each time, for a busy machine."""


def chromium() -> str | None:
    """Debian's Chromium or another one on the path. Playwright's own download is not needed."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


@asynccontextmanager
async def demo(*args: str) -> AsyncGenerator[str]:
    """Run `python -m bot demo` as a process. Yields the page's address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo", "--no-browser", *args),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        said = ""
        async with asyncio.timeout(PATIENCE):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/#\S+", said)):
                line = await process.stdout.readline()
                assert line, f"the demo ended: {said}"
                said += line.decode()
        yield found[0]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def browser_page(url: str, *, width: int = 1300, height: int = 1250) -> AsyncGenerator["Visitor"]:
    """The page in a new browser."""
    path = chromium()
    assert path is not None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            page = await browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1.5)
            page.set_default_timeout(PATIENCE * 1000)
            await page.goto(url)
            visitor = Visitor(page)
            await visitor.composer.wait_for()
            yield visitor
        finally:
            await browser.close()


class Visitor:
    """A visitor of the page. The page refuses presses if it is outdated, so each is tried again."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def composer(self) -> Locator:
        """The field for messages and commands."""
        return self.page.get_by_placeholder("Message #general")

    def card(self, text: str | re.Pattern[str]) -> Locator:
        """The newest message that contains a text."""
        return self.page.locator("article.channel-message", has_text=text).last

    async def slash(self, command: str, answer: str) -> Locator:
        """Choose a command in the picker and send it. Returns the message that answers with `answer`."""

        async def act(soon: float) -> None:
            if await self.composer.is_visible():
                await self.composer.fill("", timeout=soon)
                await self.composer.click(timeout=soon)
                await self.page.keyboard.type(f"/{command}")
                await self.page.get_by_text(f"/{command}", exact=True).first.wait_for(timeout=soon)
                await self.page.keyboard.press("Enter")
            await self.page.get_by_role("button", name="Send", exact=True).last.click(timeout=soon)

        return await self._until_answered(act, answer)

    async def press(self, where: Locator, label: str | re.Pattern[str], answer: str) -> Locator:
        """Press a button on a message. Returns the message that answers with `answer`."""
        button = where.get_by_role("button", name=label)
        return await self._until_answered(lambda soon: button.click(timeout=soon), answer)

    async def fill_in(self, where: Locator, label: str, typed: dict[str, str], answer: str) -> Locator:
        """Press a button that opens a form, fill its fields by their placeholders, and send it."""

        async def act(soon: float) -> None:
            field = self.page.get_by_placeholder(next(iter(typed)))
            if not await field.is_visible():
                await where.get_by_role("button", name=label).click(timeout=soon)
                await field.wait_for(timeout=soon)
            for placeholder, text in typed.items():
                await self.page.get_by_placeholder(placeholder).fill(text, timeout=soon)
            await self.page.get_by_role("button", name="Submit").click(timeout=soon)

        return await self._until_answered(act, answer)

    async def _until_answered(self, act: Callable[[float], Awaitable[None]], answer: str) -> Locator:
        """Try again while the page refuses because something else happened on it in the meantime."""
        for soon in SOON:
            with suppress(PageTimeout):
                await act(soon)
            with suppress(PageTimeout):
                await self.card(answer).wait_for(timeout=soon)
                return self.card(answer)
        raise AssertionError(f"never answered with {answer!r}")

    async def be(self, name: str) -> None:
        """Become another member."""
        await self.page.select_option("#viewer-picker", label=name)
        await self.page.wait_for_function(
            "name => document.querySelector('#viewer-picker').selectedOptions[0]?.label === name", arg=name
        )
        await expect(self.page.get_by_text("Only you can see this")).to_have_count(0, timeout=PATIENCE * 1000)
