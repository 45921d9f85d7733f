"""The public page over HTTP: its content, and who may read it."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import html5lib
import pytest

from bot.core.texts import Texts
from bot.discord_ui.render import verdict
from bot.web import assets
from bot.web.states import PageState, state_of
from tests.web.served import LANGUAGES, Known, served
from tests.web.states import HOSTILE, worlds
from tests.web.visit import follow, get, page

WORLDS = worlds()
ENGLISH, GERMAN = LANGUAGES.texts("en"), LANGUAGES.texts("de")


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


@pytest.mark.parametrize("state", WORLDS)
@pytest.mark.parametrize("path", ["/", "/method", "/nowhere"])
async def test_it_speaks_with_one_voice(state: str, path: str) -> None:
    """As "we", like *our own check*; "I" is the bot on Discord."""
    async with served(Known(WORLDS[state])) as (url, _):
        assert not re.search(r"\b(I|me|my|mine|I'\w+)\b", (await get(url + path)).read)
        assert not re.search(r"(?i)\b(ich|mich|mir|mein\w*)\b", (await get(f"{url}{path}?lang=de")).read)


async def test_a_few_people_are_a_few() -> None:
    got = await page(Known(WORLDS["some"]))
    assert "a few people in a few servers report trouble with Character.AI." in got.read
    data = json.loads((await page(Known(WORLDS["some"]), "/status.json")).text)
    assert data["services"][0]["people"]["last_15_minutes"] == {"least": 1, "most": 4}


async def test_each_signal_has_its_state_and_its_age() -> None:
    read = (await page(Known(WORLDS["outage"]))).read
    for text in (
        "People 41 people in 12 servers in the last 15 minutes",
        "Our own check Character.AI returns an error HTTP 500 1 minute ago",
        "Official status page none (it was closed or moved) 1 minute ago",
    ):
        assert text in read


async def test_what_is_not_known_is_unknown() -> None:
    read = (await page(Known(WORLDS["first"]))).read
    assert "Our own check unknown: not checked yet –" in read and "We can't tell yet whether it's just you" in read


async def test_while_discord_is_away_people_are_unknown_and_nobody_is_said_not_to_report() -> None:
    async with served(Known(WORLDS["deaf"])) as (url, _):
        read = (await get(url)).read
        assert "We can't hear from people right now" in read and "Last contact: 12 minutes ago" in read
        assert "People unknown: we can't hear from people right now 12 minutes ago" in read
        assert "No one else has reported this" not in read and "no reports in the last" not in read
        (one,) = json.loads((await get(f"{url}/status.json")).text)["services"]
        assert one["state"] == "unknown" and one["people"]["known"] is False
        assert one["people"]["last_15_minutes"] is None and one["confidence"] is None
        assert "unknown" in (await get(f"{url}/services/character-ai/badge.svg")).text


@pytest.mark.parametrize(
    ("state", "recent", "expected"),
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
    state: str, recent: int, expected: PageState
) -> None:
    (one,) = WORLDS[state]
    tally = one.answer.tally._replace(everywhere=one.answer.tally.everywhere._replace(quarter=recent))
    deaf = replace(one, heard=False, heard_at=None, answer=replace(one.answer, tally=tally))
    assert state_of(deaf) is expected
    unsure = "We can't tell yet whether it's just you" in (await page(Known((deaf,)))).read
    assert unsure == (expected is PageState.UNKNOWN)


async def test_outages_say_how_long_and_who_was_first_and_our_mistakes_stand_beside_them() -> None:
    read = (await page(Known(WORLDS["calm"]))).read
    for text in (
        "41 minutes We noticed first",
        "They posted 22 minutes after we noticed.",
        "41 minutes Official page first",
        "41 minutes Only people reported it",
        "It failed 3 times",
        "Our mistakes False alarms in the last 30 days",
        "For a while, more people than usual reported trouble: 6 people at the peak.",
        "How late is the official page? Slow",
        "2 of 4 outages appeared there at all.",
    ):
        assert text in read, text


async def test_several_services_are_listed_with_trouble_first_and_each_has_a_page() -> None:
    async with served(Known(WORLDS["all"])) as (url, _):
        got = await get(url)
        assert "2 services are having trouble" in got.read
        names = re.findall(r'<h2><a href="./services/[^"]+">([^<]+)', got.text)
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
        found = await follow(f"{url}/", "", "?lang=de")
    assert {path: got.status for path, got in found.items() if got.status != 200} == {}
    assert {"method", "feed.atom?lang=de", "status.json"} <= found.keys()
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
