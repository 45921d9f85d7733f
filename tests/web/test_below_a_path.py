"""The page below a path of a reverse proxy, such as https://example.org/status/."""

import asyncio
import json
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from playwright.async_api import expect

from tests.demo.page import chromium
from tests.patience import PATIENCE
from tests.web.proxy import below_a_path
from tests.web.served import Known, browser, served
from tests.web.states import worlds
from tests.web.visit import follow, get

WORLDS = worlds()
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("state", ["all", "outage"])
async def test_every_link_stays_below_it(state: str) -> None:
    """Those of pages and of feeds, also of files, in both languages."""
    async with served(Known(WORLDS[state])) as (url, _), below_a_path(url) as root:
        found = await follow(root, "", "?lang=de")
        at_the_root = await follow(f"{url}/", "", "?lang=de")
    assert {path: got.status for path, got in found.items() if got.status != 200} == {}
    assert found.keys() == at_the_root.keys()
    assert {"method?lang=de", "feed.atom", "status.json"} <= found.keys()
    assert any("assets/site.js" in path for path in found) and any("badge.svg" in path for path in found)


async def test_programs_read_there_what_they_read_elsewhere() -> None:
    async with served(Known(WORLDS["outage"])) as (url, _), below_a_path(url) as root:
        feed = ET.fromstring((await get(f"{root}services/character-ai/feed.atom")).text)
        assert [link.get("href") for link in feed.findall(f"{ATOM}link")] == [
            "../../services/character-ai/feed.atom",
            "../../",
        ]
        at_the_root = ET.fromstring((await get(f"{url}/services/character-ai/feed.atom")).text)
        assert feed.findtext(f"{ATOM}id") == at_the_root.findtext(f"{ATOM}id"), "whoever moves the page has no new feed"
        assert json.loads((await get(f"{root}status.json")).text)["services"][0]["state"] == "outage"
        assert "Character.AI: outage" in (await get(f"{root}services/character-ai/badge.svg")).text


@pytest.mark.parametrize("path", ["nothing", "services/nothing", "services/character-ai/no/thing", "a/b/"])
async def test_what_is_not_there_leads_back(path: str) -> None:
    async with served(Known()) as (url, _), below_a_path(url) as root:
        found = await follow(root, path, f"{path}?lang=de")
    assert {path: got.status for path, got in found.items() if got.status != 200} == {path: 404, f"{path}?lang=de": 404}
    assert {"", "method", "?lang=de", "?lang=en"} <= found.keys()


async def test_events_come_through() -> None:
    async with (
        served(Known()) as (url, _),
        below_a_path(url) as root,
        aiohttp.ClientSession() as session,
        session.get(f"{root}events") as answer,
        asyncio.timeout(PATIENCE),
    ):
        assert answer.content_type == "text/event-stream"
        assert await answer.content.readline() == b"retry: 10000\n"


@pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium")
@pytest.mark.parametrize("path", ["", "services/character-ai"])
async def test_it_updates_itself(path: str) -> None:
    known = Known()
    async with served(known) as (url, site), below_a_path(url) as root, browser() as chromium_:
        page = await chromium_.new_page()
        failed = list[str]()
        page.on("response", lambda answer: failed.append(answer.url) if not answer.ok else None)
        await page.goto(root + path)
        while not site._streams:
            await page.wait_for_timeout(20)
        known.later(*WORLDS["outage"])
        await site.tick()
        await expect(page.get_by_role("heading", level=1)).to_have_text("It's not just you", timeout=PATIENCE * 1000)
        assert failed == []
