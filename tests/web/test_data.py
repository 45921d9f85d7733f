"""Data for programs: JSON, the feed and the badge."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import jsonschema

from tests.web.served import Known, served
from tests.web.states import worlds
from tests.web.visit import get, page

WORLDS = worlds()


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
            "Character.AI: the outage is over",
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
