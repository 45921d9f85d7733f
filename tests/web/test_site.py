"""The page's answers: their language, headers, caching and cost."""

import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.web import assets
from bot.web.site import preferred
from tests.patience import PATIENCE
from tests.web.served import Known, served
from tests.web.states import worlds
from tests.web.visit import get

WORLDS = worlds()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,en;q=0.5,de;q=0.7", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("de;q=0", "en"),
        ("de;q=nonsense,;;,=", "en"),
        ("xx;q=nonsense,de", "de"),
        ("de" * 5000, "en"),
    ],
)
def test_the_language_is_the_one_that_a_reader_likes_best(accepted: str, language: str) -> None:
    assert preferred(accepted, ("de", "en")) == language


async def test_a_chosen_language_stays() -> None:
    async with served(Known()) as (url, _):
        german = await get(f"{url}/?lang=de", **{"Accept-Language": "en"})
        assert 'lang="de"' in german.text and 'href="./method?lang=de"' in german.text
        assert 'href="?lang=en"' in german.text
        for wrong in ("xx", "<script>", "", "en-US"):
            assert (await get(f"{url}/?lang={wrong}", **{"Accept-Language": "de"})).text == (
                await get(url, **{"Accept-Language": "de"})
            ).text


async def test_headers_keep_a_browser_from_harm() -> None:
    async with served(Known()) as (url, _):
        for path in ("/", "/nowhere", "/method"):
            headers = (await get(url + path)).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
            assert headers["X-Frame-Options"] == "DENY" and "Set-Cookie" not in headers
            assert "Python" not in headers["Server"]
        body = (await get(url)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", body)
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!status\.character\.ai|character\.ai)', body), (
            "nothing from elsewhere"
        )
        for path in ("/status.json", "/status.schema.json", "/feed.atom", "/services/character-ai/badge.svg"):
            assert (await get(url + path)).headers["Access-Control-Allow-Origin"] == "*"


async def test_what_has_not_changed_is_not_sent_again() -> None:
    known = Known()
    async with served(known) as (url, _):
        first = await get(url)
        again = await get(url, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
        known.later(*WORLDS["outage"])
        await get(url)  # this visitor gets what was known, and has it looked at anew
        new = await get(url, **{"If-None-Match": first.headers["ETag"]})
        assert new.status == 200 and "It's not just you" in new.read


async def test_it_is_compressed_for_those_who_can_read_that() -> None:
    async with served(Known()) as (url, _):
        plain, small = await get(url), await get(url, **{"Accept-Encoding": "br, gzip"})
        assert small.headers["Content-Encoding"] == "gzip" and gzip.decompress(small.body) == plain.body
        assert len(small.body) < 8000 and "Content-Encoding" not in plain.headers


async def test_a_thousand_visitors_cost_one_look_and_one_rendering() -> None:
    known = Known(WORLDS["outage"])
    async with served(known) as (url, site), aiohttp.ClientSession() as session:

        async def visit() -> bytes:
            async with session.get(url) as answer:
                return await answer.read()

        bodies = [body for _ in range(10) for body in await asyncio.gather(*(visit() for _ in range(100)))]
        assert known.looks == 1 and len(set(bodies)) == 1 and len(site._snapshot.bodies) == 1  # type: ignore[union-attr]


async def test_addresses_that_are_not_there_fill_no_memory() -> None:
    async with served(Known()) as (url, site):
        for number in range(50):
            assert (await get(f"{url}/nothing/{number}?lang=de")).status == 404
        assert site._snapshot is not None and len(site._snapshot.bodies) == 1


async def test_what_could_not_be_looked_at_is_told_as_it_was_with_its_time() -> None:
    known = Known(WORLDS["outage"])
    async with served(known) as (url, _):
        before = await get(url)

        async def fail() -> Any:
            raise OSError("the disk is gone")

        known.look = fail  # type: ignore[method-assign]
        known.later()
        assert (await get(url)).text == before.text


async def test_a_visitor_after_a_quiet_day_does_not_get_yesterdays_page() -> None:
    known = Known()
    async with served(known) as (url, _):
        await get(url)
        known.later(*WORLDS["outage"], seconds=86_400)
        assert "It's not just you" in (await get(url)).read


async def test_only_reading_is_allowed() -> None:
    async with served(Known()) as (url, _), aiohttp.ClientSession() as session:
        async with session.head(url) as answer:
            assert answer.status == 200 and int(answer.headers["Content-Length"]) > 1000
        async with session.head(f"{url}/events") as answer:
            assert answer.status == 200 and answer.headers["Content-Type"] == "text/event-stream"
        async with session.post(url, data="x") as answer:
            assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/assets/../site.py", "/assets/%2e%2e/site.py", "/assets/", "/assets/site.css/..", "/%00"]
)
async def test_nothing_else_of_ours_can_be_read(path: str) -> None:
    async with served(Known()) as (url, _):
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            assert b" 404 " in (await reader.read()).split(b"\r\n")[0]
        writer.close()


async def test_assets_may_be_kept_for_ever_because_their_address_changes_with_them() -> None:
    async with served(Known()) as (url, _):
        paths = re.findall(r'"\./(assets/[^"]+)"', (await get(url)).text)
        assert len(paths) == 3
        for path in paths:
            got = await get(f"{url}/{path}")
            assert got.status == 200 and "immutable" in got.headers["Cache-Control"] and "?v=" in path


async def test_nothing_is_looked_at_while_nobody_visits() -> None:
    known = Known()
    async with served(known) as (_, site):
        for _ in range(5):
            known.later()
            await site.tick()
        assert known.looks == 0


def test_every_asset_has_a_kind() -> None:
    assert {file.name for file in Path(assets.FOLDER).iterdir()} == assets.names()
