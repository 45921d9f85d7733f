"""The public page of a bot that runs as a process: before Discord is connected, and with reports."""

import re

import aiohttp
import pytest

from tests.e2e.conftest import TOO, Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def read(town: Town, path: str = "/") -> str:
    """What a reader sees, on one line."""
    async with aiohttp.ClientSession() as session, session.get(town.health + path) as answer:
        assert answer.status == 200
        return " ".join(re.sub(r"(?s)<svg.*?</svg>|<[^>]+>", " ", await answer.text()).replace("&#39;", "'").split())


async def test_the_page_is_there_before_discord_is_and_says_so(bare_town: Town) -> None:
    world = bare_town.world
    slow = world.faults.slow("GET /users/@me", delay=2, times=1)
    bot = await bare_town.start(ready=False)
    await world.until(lambda: slow.hits, what="the bot's first request", poll=0.02)
    assert f"address={bare_town.health}/" in bot.output(), "where the page is"
    page = await read(bare_town)
    assert "We can't hear from people right now" in page and "No one else has reported this" not in page
    await world.until(lambda: "connected, in " in bot.output(), what="it to say that it is connected", poll=0.02)
    for _ in range(int(PATIENCE)):
        if "We can't hear from people" not in (page := await read(bare_town)):
            break
        await world.until(lambda: True, what="a moment", poll=1)
    assert "No one else has reported this" in page or "We can't tell yet whether it's just you" in page


async def test_reports_are_on_the_page_a_moment_later_without_who_and_where(bare_town: Town) -> None:
    town = bare_town
    await town.start()
    guild = town.guild()
    for _ in range(7):
        person = town.user(days_old=30)
        card = await person.slash(guild.channel("general"), "500")
        await person.click(card, TOO)
    page, tries = "", 0
    while "7 people" not in page and tries < PATIENCE:
        page, tries = await read(town), tries + 1
    assert "7 people report trouble with Character.AI." in page
    for path in ("/", "/status.json", "/feed.atom"):
        text = await read(town, path)
        assert str(guild.id) not in text and guild.name not in text
