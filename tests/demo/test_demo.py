"""The demo as a visitor sees it, in headless Chromium."""

import os
import re

import pytest
from playwright.async_api import expect

from tests.demo.page import browser_page, chromium, demo
from tests.patience import PATIENCE

if chromium() is None and os.environ.get("CI"):
    pytest.fail("CI must have Chromium: apt-get install chromium", pytrace=False)
MAIN = re.compile("I have this too|Broken for me")
"""The main button of a card, with and without other reports."""
REPLY = re.compile("Press (Me too|Broken) or")
"""An auto-reply, with and without other reports."""
needs_browser = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium")


@needs_browser
async def test_a_visitor_sees_500_reports_and_an_auto_reply_within_a_minute() -> None:
    async with demo() as url, browser_page(url) as visitor:  # told fast, a quarter of an hour is over in 15 seconds
        reply = visitor.card(REPLY)
        await reply.wait_for(timeout=PATIENCE * 1000)
        assert await visitor.page.get_by_text("is c.ai down for anyone else?").count() > 0

        card = await visitor.slash("500", "Our own check")
        text = await card.inner_text()
        assert "Official status page: none (it was closed or moved)" in text, "as it is in truth"

        mine = await visitor.press(card, MAIN, "Counted.")
        before = _others(await mine.inner_text())
        await visitor.be("Dan")
        theirs = await visitor.press(visitor.card("Our own check"), MAIN, "That makes you and")
        assert _others(await theirs.inner_text()) >= before

        not_just_you = visitor.card("It's not just you")
        await not_just_you.wait_for(timeout=PATIENCE * 1000)
        assert int(re.findall(r"(\d+) people", await not_just_you.inner_text())[0]) > 5


@needs_browser
async def test_the_calm_story_opens_too() -> None:
    async with demo("--scenario", "calm", "--fast") as url, browser_page(url) as visitor:
        reply = visitor.card(REPLY)
        await reply.wait_for(timeout=PATIENCE * 1000)
        assert "trouble with Character.AI" in await reply.inner_text()


@needs_browser
async def test_a_check_was_made_in_the_past_by_the_clock_of_the_page() -> None:
    """The demo said "checked in 9 seconds": the page's clock stood still between two refreshes."""
    async with demo("--scenario", "calm", "--fast") as url, browser_page(url) as visitor:
        await visitor.card("works fine here").wait_for(timeout=PATIENCE * 1000)
        await visitor.page.wait_for_timeout(2000)  # the story is told, so nothing is refreshed any more
        text = await (await visitor.slash("status", "Our own check")).inner_text()
        checked = re.findall(r"checked (.*?)(?: ·|$)", text, re.MULTILINE)
        assert checked and all(when == "now" or when.endswith("ago") for when in checked), checked


def _others(text: str) -> int:
    found = re.search(r"you and (\d+) other", text)
    return int(found[1]) if found else 0


@needs_browser
async def test_the_outage_is_announced_edited_and_told_to_be_over_in_one_message() -> None:
    async with demo("--fast") as url, browser_page(url) as visitor:
        announced = visitor.page.locator("article.channel-message", has_text="What helps?").filter(
            has_text=re.compile("it's not just you|looks back to normal|the outage is over")
        )
        await announced.filter(has_text=re.compile("began about|since about")).wait_for(timeout=PATIENCE * 1000)
        picture = announced.get_by_role("img", name="Reports in the last 3 hours")
        await expect(picture).to_have_count(1, timeout=PATIENCE * 1000)
        await announced.filter(has_text="It lasted about").wait_for(timeout=PATIENCE * 1000)
        assert await announced.count() == 1


@needs_browser
async def test_no_press_is_lost_while_the_story_goes_on() -> None:
    """Of twelve presses, five were refused: the page had changed since the browser had last asked.

    On a slow machine the story ends before the sixth press, and the replies with it; the announcement keeps its button.
    """
    async with demo("--fast") as url, browser_page(url) as visitor:
        await visitor.card(REPLY).wait_for(timeout=PATIENCE * 1000)
        helps = visitor.page.locator("article.channel-message").get_by_role("button", name="What helps?")
        for presses in range(1, 7):
            await helps.last.click(timeout=PATIENCE * 1000)
            answers = visitor.page.get_by_text("Only you can see this")
            await expect(answers).to_have_count(presses, timeout=PATIENCE * 1000)


@needs_browser
async def test_a_phone_sees_whole_cards_and_a_neighbour_whose_page_lives() -> None:
    async with demo("--scenario", "calm", "--fast") as url, browser_page(url, width=390) as visitor:
        card = await visitor.slash("500", "Our own check")
        box = await card.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
