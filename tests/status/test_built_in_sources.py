"""Readings of the built-in services' own pages and probes, from answers written after the providers' documentation."""

from typing import Any

import orjson
import pytest

from bot.content.services import DEFAULT, read_services
from bot.core.service import Service, Source
from bot.core.signals import Reading, Signal, State
from bot.status import probe
from bot.status.fetch import HttpAnswer
from bot.status.page import reading_of
from bot.status.registry import PROVIDERS

AT = 1_796_000_000.0
BEGAN = "2026-11-30T06:00:00Z"
SERVICES = {service.id: service for service in read_services() if service.id != DEFAULT}
HEALTHY: dict[str, Any] = {
    "discord": {"url": "wss://gateway.discord.gg"},
    "roblox": {"description": "", "isBanned": False, "id": 1, "name": "Roblox", "displayName": "Roblox"},
    "twitch": {"ingests": [{"_id": 0, "availability": 1.0, "name": "Default", "priority": 0}]},
    "steam": {"servertime": 1796000000, "servertimestring": "Mon Nov 30 00:53:20 2026"},
    "spotify": {"provider_name": "Spotify", "title": "NerdOut@Spotify", "type": "rich"},
    "github": {"resources": {"core": {"limit": 60, "remaining": 60}}, "rate": {"limit": 60}},
}


def source_of(service: Service, signal: Signal) -> Source | None:
    return next((source for source in service.sources if source.signal is signal), None)


def all_with(signal: Signal, *, parts: bool = False) -> list[Any]:
    found = {name: source_of(service, signal) for name, service in SERVICES.items()}
    return [pytest.param(name, one, id=name) for name, one in found.items() if one and (one.components or not parts)]


def answer(document: Any, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, orjson.dumps(document), {"content-type": "application/json"})


@pytest.mark.parametrize(("service", "source"), all_with(Signal.PROBE))
def test_a_probe_is_up_by_a_healthy_answer_and_by_nothing_else(service: str, source: Source) -> None:
    assert probe.read(source, answer(HEALTHY[service]), AT).state is State.UP
    assert probe.read(source, answer(HEALTHY[service], 503), AT).state is State.DOWN
    web_page = HttpAnswer(200, b"<!doctype html><title>Sorry</title>", {"content-type": "text/html"})
    for useless in (answer({}, 403), answer({}, 429), web_page):
        assert probe.read(source, useless, AT).state not in {State.UP, State.DOWN}


def looked(source: Source, trouble: str = "", *, names_parts: bool = True) -> Reading:
    """The reading of the page of this kind, with trouble in this part."""
    document = PAGES[source.kind](source, trouble, names_parts=names_parts)
    page = PROVIDERS[source.kind].read(source, [document], AT)
    assert page is not None
    return reading_of(source, page, AT)


def statuspage(source: Source, trouble: str, *, names_parts: bool) -> dict[str, Any]:
    names = [*source.components, *({trouble} - {"", *source.components})]
    parts = [
        {"id": f"p{number}", "name": name, "status": "partial_outage" if name == trouble else "operational"}
        for number, name in enumerate(names)
    ]
    incident = {"id": "i1", "name": "Trouble", "status": "investigating", "impact": "minor", "created_at": BEGAN}
    affected = {"components": [part for part in parts if part["name"] == trouble]} if names_parts else {}
    return {
        "page": {"id": "abc"},
        "status": {"indicator": "minor" if trouble else "none", "description": ""},
        "components": parts,
        "incidents": [{**incident, **affected}] if trouble else [],
        "scheduled_maintenances": [],
    }


def incident_io(_source: Source, trouble: str, *, names_parts: bool) -> dict[str, Any]:
    affected = [{"id": "01ABC", "name": trouble, "current_status": "partial_outage"}] if names_parts else []
    incident = {"id": "01", "name": "Trouble", "status": "investigating", "current_worst_impact": "partial_outage"}
    return {
        "ongoing_incidents": [{**incident, "affected_components": affected}] if trouble else [],
        "in_progress_maintenances": [],
        "scheduled_maintenances": [],
    }


def google(_source: Source, trouble: str, *, names_parts: bool) -> list[dict[str, Any]]:
    over = {"id": "old", "begin": BEGAN, "end": BEGAN, "external_desc": "Over", "most_recent_update": {}}
    incident = {
        "id": "new",
        "begin": BEGAN,
        "external_desc": "Trouble",
        "most_recent_update": {"status": "SERVICE_DISRUPTION", "when": BEGAN},
        "affected_products": [{"title": trouble, "id": f"id of {trouble}"}] if names_parts else [],
    }
    return [incident, over] if trouble else [over]


PAGES = {"statuspage": statuspage, "incident.io": incident_io, "google": google}


@pytest.mark.parametrize(("_service", "source"), all_with(Signal.OFFICIAL, parts=True))
def test_trouble_of_each_named_part_counts_and_that_of_other_products_does_not(_service: str, source: Source) -> None:
    assert looked(source).state is State.UP
    assert looked(source, "Another product").state is State.UP
    for part in source.components:
        reading = looked(source, part)
        assert reading.state is State.DEGRADED and [one.title for one in reading.incidents] == ["Trouble"], part
        assert part in reading.detail


@pytest.mark.parametrize(("_service", "source"), all_with(Signal.OFFICIAL, parts=True))
def test_an_incident_that_names_no_part_counts(_service: str, source: Source) -> None:
    reading = looked(source, "Another product", names_parts=False)
    assert reading.state is State.DEGRADED and [one.title for one in reading.incidents] == ["Trouble"]


def test_every_probe_has_a_healthy_answer_here() -> None:
    assert {name for name, one in SERVICES.items() if source_of(one, Signal.PROBE)} == HEALTHY.keys()
