"""The public page over HTTP: what it says, for whom, and what it costs."""

import asyncio
import gzip
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import html5lib
import jsonschema
import pytest

from bot.core.texts import Texts
from bot.discord_ui.render import verdict
from bot.web import assets
from bot.web.site import preferred
from bot.web.states import PageState, state_of
from tests.patience import PATIENCE
from tests.web.served import LANGUAGES, Known, served
from tests.web.states import HOSTILE, worlds

WORLDS = worlds()
ENGLISH, GERMAN = LANGUAGES.texts("en"), LANGUAGES.texts("de")


class Got:
    """An answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def read(self) -> str:
        """What a reader sees of it, on one line."""
        body = re.sub(r"(?s)<svg.*?</svg>|<head>.*?</head>", " ", self.text)
        return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())


async def get(url: str, **headers: str) -> Got:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers=headers, skip_auto_headers=("Accept-Encoding",), allow_redirects=False) as answer,
    ):
        return Got(answer.status, answer.headers, await answer.read())


async def page(known: Known, path: str = "/", **headers: str) -> Got:
    async with served(known) as (url, _):
        return await get(url + path, **headers)


@pytest.mark.parametrize("texts", [ENGLISH, GERMAN], ids=lambda texts: texts.language)
@pytest.mark.parametrize("state", [name for name in WORLDS if name not in {"all", "deaf"}])
async def test_the_first_line_is_the_verdict_in_the_words_of_the_cards(state: str, texts: Texts) -> None:
    got = await page(Known(WORLDS[state]), f"/?lang={texts.language}")
    document = html5lib.parse(got.text, namespaceHTMLElements=False)
    (heading,) = document.iter("h1")
    assert "".join(heading.itertext()).strip() == verdict.headline(texts, WORLDS[state][0].answer)
    assert document.get("lang") == texts.language
    for line in verdict.what_to_do(texts, WORLDS[state][0].answer):
        assert re.split(r"<t:|\*\*", line)[0].strip() in got.read


@pytest.mark.parametrize("state", WORLDS)
@pytest.mark.parametrize("path", ["/", "/method", "/nowhere", "/?lang=de"])
async def test_every_page_is_valid_and_small(state: str, path: str) -> None:
    got = await page(Known(WORLDS[state]), path)
    html5lib.HTMLParser(strict=True).parse(got.text)
    ids = re.findall(r'\bid="([^"]+)"', got.text)
    assert len(ids) == len(set(ids))
    linked = sum(len(assets.read(name)) for name in ("site.css", "site.js", "icon.svg"))
    assert len(got.body) + linked < 50_000, "the first view, without compression"


@pytest.mark.parametrize("state", WORLDS)
async def test_small_numbers_and_ids_are_nowhere(state: str) -> None:
    """Not in the text, not in the words of the charts, not in JSON, not in the feed."""
    async with served(Known(WORLDS[state])) as (url, _):
        for path in ("/", "/status.json", "/feed.atom", "/?lang=de"):
            text = (await get(url + path)).text
            assert not re.search(
                r"(?<![\d.,:–-])[1-4]\s+(people|person|Leute|Person|servers?|Discord-Server\w*)\b", text
            )
            assert not re.search(r"\d{17,}", text), "an id of Discord"


async def test_a_few_people_are_a_few() -> None:
    got = await page(Known(WORLDS["some"]))
    assert "a few people in a few servers report trouble with Character.AI." in got.read
    data = json.loads((await page(Known(WORLDS["some"]), "/status.json")).text)
    assert data["services"][0]["people"]["last_15_minutes"] == {"least": 1, "most": 4}


async def test_each_signal_has_its_state_and_its_age() -> None:
    read = (await page(Known(WORLDS["outage"]))).read
    for told in (
        "People 41 people in 12 servers in the last 15 minutes",
        "Our own check Character.AI returns an error HTTP 500 1 minute ago",
        "Official page closed or moved 1 minute ago",
    ):
        assert told in read


async def test_what_is_not_known_is_unknown() -> None:
    read = (await page(Known(WORLDS["first"]))).read
    assert "Our own check unknown: not checked yet –" in read and "I can't tell yet whether it's just you" in read


async def test_while_discord_is_away_people_are_unknown_and_nobody_is_said_not_to_report() -> None:
    async with served(Known(WORLDS["deaf"])) as (url, _):
        read = (await get(url)).read
        assert "We can't hear people right now" in read and "Last heard: 12 minutes ago" in read
        assert "People unknown: we can't hear people right now 12 minutes ago" in read
        assert "No one else has reported this" not in read and "no reports in the last" not in read
        (one,) = json.loads((await get(f"{url}/status.json")).text)["services"]
        assert one["state"] == "unknown" and one["people"]["known"] is False
        assert one["people"]["last_15_minutes"] is None and one["confidence"] is None
        assert "unknown" in (await get(f"{url}/services/character-ai/badge.svg")).text


@pytest.mark.parametrize(
    ("state", "recent", "told"),
    [
        ("back", 0, PageState.UNKNOWN),
        ("back", 7, PageState.UNKNOWN),
        ("outage", 41, PageState.OUTAGE),
        ("outage", 0, PageState.UNKNOWN),
        ("some", 0, PageState.UNKNOWN),
        ("service-says-so", 0, PageState.SOME),
    ],
)
async def test_what_people_said_holds_for_a_quarter_of_an_hour_while_we_hear_nobody(
    state: str, recent: int, told: PageState
) -> None:
    (one,) = WORLDS[state]
    tally = one.answer.tally._replace(everywhere=one.answer.tally.everywhere._replace(quarter=recent))
    deaf = replace(one, heard=False, heard_at=None, answer=replace(one.answer, tally=tally))
    assert state_of(deaf) is told
    unsure = "I can't tell yet whether it's just you" in (await page(Known((deaf,)))).read
    assert unsure == (told is PageState.UNKNOWN)


async def test_outages_say_how_long_and_who_was_first_and_our_mistakes_stand_beside_them() -> None:
    read = (await page(Known(WORLDS["calm"]))).read
    for told in (
        "41 minutes We noticed first",
        "They posted 22 minutes after we noticed.",
        "41 minutes Official page first",
        "41 minutes Only people reported it",
        "It failed 3 times",
        "Our mistakes False alarms of the last 30 days",
        "For a while more people than usual reported trouble, 6 people at its peak.",
        "How late is the official page? Slow",
        "2 of 4 outages were on it at all.",
    ):
        assert told in read, told


async def test_several_services_are_listed_with_trouble_first_and_each_has_a_page() -> None:
    async with served(Known(WORLDS["all"])) as (url, _):
        got = await get(url)
        assert "2 services have trouble" in got.read
        names = re.findall(r'<h2><a href="/services/[^"]+">([^<]+)', got.text)
        assert names == ["Character.AI", "Discord", "Roblox", "Spotify", "Claude"]
        one = await get(f"{url}/services/service-1")
        assert one.status == 200 and "It's not just you" in one.read
        for path in (
            "/services/nothing",
            "/services/",
            "/services",
            "/services/service-1/",
            "/services/service-1/x",
            "/x",
        ):
            assert (await get(url + path)).status == 404


@pytest.mark.parametrize("state", ["all", "outage"])
async def test_no_link_of_ours_leads_nowhere(state: str) -> None:
    async with served(Known(WORLDS[state])) as (url, _):
        found, todo = set[str](), {"/", "/?lang=de"}
        while todo:
            path = todo.pop()
            got = await get(url + path)
            assert got.status == 200, path
            found.add(path)
            if got.headers["Content-Type"].startswith("text/html"):
                todo |= {link.partition("#")[0] for link in re.findall(r'(?:href|src)="(/[^"]*)"', got.text)} - found
        assert {"/method", "/feed.atom?lang=de", "/status.json"} <= found
        assert any(path.endswith("badge.svg") for path in found)


async def test_text_of_others_is_only_text() -> None:
    got = await page(Known(WORLDS["hostile"]))
    html5lib.HTMLParser(strict=True).parse(got.text)
    assert "<script>alert" not in got.text and "<img" not in got.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quoted&#34;" in got.text
    assert HOSTILE.split("<t:")[1] in got.text.replace("&lt;", "<").replace("&gt;", ">"), "no time of ours"
    assert "A" * 300 not in got.text and "\u202e" not in got.text and "\u200b" not in got.text
    feed = await page(Known(WORLDS["hostile"]), "/feed.atom")
    ET.fromstring(feed.text)


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
        ("de" * 5000, "en"),
    ],
)
def test_the_language_is_the_one_that_a_reader_likes_best(accepted: str, language: str) -> None:
    assert preferred(accepted, ("de", "en")) == language


async def test_a_chosen_language_stays() -> None:
    async with served(Known()) as (url, _):
        german = await get(f"{url}/?lang=de", **{"Accept-Language": "en"})
        assert 'lang="de"' in german.text and 'href="/method?lang=de"' in german.text
        assert 'href="/?lang=en"' in german.text
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
        for path in re.findall(r'"(/assets/[^"]+)"', (await get(url)).text):
            got = await get(url + path)
            assert got.status == 200 and "immutable" in got.headers["Cache-Control"] and "?v=" in path


async def test_json_is_as_its_schema_says() -> None:
    schema = json.loads((await page(Known(), "/status.schema.json")).text)
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for services in WORLDS.values():
        got = await page(Known(services), "/status.json", **{"Accept-Language": "de"})
        assert got.headers["Content-Type"] == "application/json"
        check.validate(json.loads(got.text))


ATOM = "{http://www.w3.org/2005/Atom}"


async def test_the_feed_has_an_entry_for_each_outage_that_stays_the_same() -> None:
    known = Known(WORLDS["outage"])
    async with served(known) as (url, _):
        entries = ET.fromstring((await get(f"{url}/feed.atom")).text).findall(f"{ATOM}entry")
        assert [entry.findtext(f"{ATOM}title") for entry in entries][:2] == [
            "Character.AI: it's not just you",
            "Character.AI: it's over",
        ]
        for entry in entries:
            assert (entry.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.findtext(f"{ATOM}updated") or "")
        known.later(*WORLDS["back"], seconds=86_400)
        german = ET.fromstring((await get(f"{url}/services/character-ai/feed.atom?lang=de")).text)
        assert german.find(f"{ATOM}entry/{ATOM}summary").text.startswith("Es hat etwa 14 Minuten gedauert")  # type: ignore[union-attr]


async def test_a_badge_names_the_service_and_its_state() -> None:
    async with served(Known(WORLDS["outage"])) as (url, _):
        got = await get(f"{url}/services/character-ai/badge.svg?lang=de")
        root = ET.fromstring(got.text)
        assert root.get("aria-label") == "Character.AI: Ausfall" and got.headers["Content-Type"] == "image/svg+xml"
    hostile = replace(WORLDS["outage"][0].service, name='<script>"&')
    one = replace(WORLDS["outage"][0], answer=replace(WORLDS["outage"][0].answer, service=hostile))
    got = await page(Known((one,)), "/services/character-ai/badge.svg")
    assert ET.fromstring(got.text).get("aria-label") == '<script>"&: outage'


class Reader:
    """Somebody with the page open."""

    def __init__(self, url: str) -> None:
        self.port = int(url.rpartition(":")[2])
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> str:
        """Ask for the events; gives the first line of the answer."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
        self.head = head.decode()
        return self.head.partition("\r\n")[0]

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.reader.readuntil(text)

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            with suppress(ConnectionError):
                await self.writer.wait_closed()


async def test_those_who_have_the_page_open_are_told_of_a_change_and_not_of_ages() -> None:
    known = Known()
    async with served(known) as (url, site):
        await get(url)
        reader = Reader(url)
        assert "200" in await reader.open()
        assert "close" in reader.head.lower(), "nobody may use the connection again, for it has no limit any more"
        await reader.until(b"retry:")
        known.later()
        await site.tick()
        known.later(*WORLDS["outage"])
        while "It's not just you" not in (await get(url)).read:
            await site.tick()
        await reader.until(b"event: changed\n")
        assert b"changed" not in reader.reader._buffer  # type: ignore[attr-defined]
        await reader.close()


async def test_nothing_is_looked_at_while_nobody_visits() -> None:
    known = Known()
    async with served(known) as (_, site):
        for _ in range(5):
            known.later()
            await site.tick()
        assert known.looks == 0


async def test_streams_outlive_a_visit_and_lock_nobody_out() -> None:
    async with served(Known(), longest=4, most=2, most_streams=3) as (url, _):
        readers = [Reader(url) for _ in range(5)]
        try:
            assert [(await reader.open()).split()[1] for reader in readers] == ["200"] * 3 + ["503"] * 2
            async with asyncio.timeout(PATIENCE):
                assert await readers[4].reader.read() == b"", "a visit is over, but not a stream"
            assert (await get(url)).status == 200
            for reader in readers[:3]:
                await reader.until(b"retry:")
                assert not reader.reader.at_eof()
        finally:
            for reader in readers:
                await reader.close()


async def test_who_leaves_makes_room_for_another_stream() -> None:
    async with served(Known(), most_streams=1) as (url, _):
        first = Reader(url)
        assert "200" in await first.open()
        await first.close()
        async with asyncio.timeout(PATIENCE):
            while "200" not in await (another := Reader(url)).open():
                await another.close()
        await another.close()


async def test_closing_waits_for_no_stream() -> None:
    async with served(Known()) as (url, _):
        reader = Reader(url)
        await reader.open()
    async with asyncio.timeout(PATIENCE):
        await reader.reader.read()
    await reader.close()


def test_every_asset_has_a_kind() -> None:
    assert {file.name for file in Path(assets.FOLDER).iterdir()} == assets.names()
