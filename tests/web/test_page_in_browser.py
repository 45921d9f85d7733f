"""The public page as a visitor sees it, in headless Chromium, on a desk and on a phone."""

import os
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.demo.page import chromium
from tests.patience import PATIENCE
from tests.web.served import Known, browser, served
from tests.web.states import worlds

if chromium() is None and os.environ.get("CI"):
    pytest.fail("CI must have Chromium: apt-get install chromium", pytrace=False)
pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium")
WORLDS = worlds()
WIDTHS = (1280, 390)


@pytest.fixture
async def visitors() -> AsyncIterator[Browser]:
    async with browser() as found:
        yield found


async def visit(visitors: Browser, url: str, *, width: int = 1280, dark: bool = False, script: bool = True) -> Page:
    """Open a page; what the browser complains of fails the test."""
    context = await visitors.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="en-GB",
    )
    page = await context.new_page()

    def on_console(message: ConsoleMessage) -> None:
        # The server goes before the browser does: its open stream ends in the middle.
        assert message.type not in {"error", "warning"} or "ERR_INCOMPLETE" in message.text, message.text

    page.on("console", on_console)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    await page.goto(url)
    return page


@pytest.mark.parametrize("state", WORLDS)
async def test_everybody_can_read_it(visitors: Browser, state: str) -> None:
    """No violation that axe-core finds, in light and dark; nothing is wider than the screen."""
    async with served(Known(WORLDS[state])) as (url, _):
        for width, dark, path in ((1280, False, "/"), (390, True, "/?lang=de")):
            page = await visit(visitors, url + path, width=width, dark=dark)
            found = await Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            await page.context.close()


@pytest.mark.parametrize("path", ["/method", "/nowhere"])
async def test_the_other_pages_too(visitors: Browser, path: str) -> None:
    async with served(Known()) as (url, _):
        page = await visitors.new_page()  # 404 is an error in the console
        await page.goto(url + path)
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_verdict_is_seen_without_scrolling(visitors: Browser, width: int) -> None:
    async with served(Known(WORLDS["outage"])) as (url, _):
        page = await visit(visitors, url, width=width)
        box = await page.get_by_role("heading", level=1).bounding_box()
        assert box is not None and box["y"] + box["height"] < 300 and box["height"] > 25


async def test_it_renews_itself_and_says_so_to_those_who_listen(visitors: Browser) -> None:
    known = Known()
    async with served(known) as (url, site):
        page = await visit(visitors, url)
        await page.evaluate("window.stayed = true")
        while not site._streams:
            await page.wait_for_timeout(20)
        known.later(*WORLDS["outage"])
        await site.tick()
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("It's not just you", timeout=PATIENCE * 1000)
        await expect(page).to_have_title("Character.AI: It's not just you · NotJustYou")
        await expect(page.get_by_role("status")).to_have_text("It's not just you")
        assert await page.evaluate("window.stayed"), "without loading anew"


async def test_who_has_a_link_chosen_keeps_it_when_it_renews(visitors: Browser) -> None:
    known = Known()
    async with served(known) as (url, site):
        page = await visit(visitors, url)
        await page.get_by_role("link", name="How we grade it").focus()
        while not site._streams:
            await page.wait_for_timeout(20)
        known.later(*WORLDS["outage"])
        await site.tick()
        await expect(page.get_by_role("heading", level=1)).to_have_text("It's not just you", timeout=PATIENCE * 1000)
        assert await page.evaluate("document.activeElement.textContent") == "How we grade it"


async def test_times_are_told_in_the_readers_time_zone_and_ages_grow(visitors: Browser) -> None:
    async with served(Known(WORLDS["outage"])) as (url, _):
        context = await visitors.new_context(timezone_id="Asia/Tokyo", locale="de-DE")
        page = await context.new_page()
        await page.clock.install(time=WORLDS["outage"][0].answer.at)
        await page.goto(f"{url}/?lang=de")
        facts, age = page.locator(".facts"), page.locator(".signal .age time").nth(1)
        at = page.locator(".facts time").first
        shown = await page.evaluate(
            "at => new Intl.DateTimeFormat('de', {timeStyle: 'short', timeZone: 'Asia/Tokyo'}).format(new Date(at))",
            await at.get_attribute("datetime"),
        )
        await expect(at).to_have_text(shown)
        assert "UTC" not in await facts.inner_text()
        await expect(age).to_have_text("vor 1 Minute")
        await page.clock.run_for(120_000)
        await expect(age).to_have_text("vor 3 Minuten")


@pytest.mark.parametrize("state", ["outage", "all", "deaf"])
async def test_without_javascript_everything_is_there_and_it_loads_anew(visitors: Browser, state: str) -> None:
    async with served(Known(WORLDS[state])) as (url, _):
        page = await visit(visitors, url, script=False)
        assert "UTC" in await page.locator("footer").inner_text()
        assert await page.get_by_role("heading", level=1).is_visible()
        assert await page.locator("noscript meta[http-equiv=refresh]").count() == 1
        assert await page.locator("svg[role=img]").first.is_visible()


async def test_dark_is_dark_and_light_is_light(visitors: Browser) -> None:
    async with served(Known(WORLDS["outage"])) as (url, _):
        shades = list[int]()
        for dark in (False, True):
            page = await visit(visitors, url, dark=dark)
            colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
            shades.append(sum(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")))
        assert shades[0] > 700 and shades[1] < 100


async def test_hostile_titles_run_nothing_and_fit_on_a_phone(visitors: Browser) -> None:
    async with served(Known(WORLDS["hostile"])) as (url, _):
        page = await visit(visitors, url, width=390)
        assert await page.evaluate("document.querySelectorAll('main img, main script').length") == 0
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_the_keyboard_reaches_the_content_first(visitors: Browser) -> None:
    async with served(Known()) as (url, _):
        page = await visit(visitors, url)
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to content")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
