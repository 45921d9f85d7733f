"""Special cases of single kinds of pages, besides the common tests."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.service import Source
from bot.core.signals import Cause, Reading, Signal, State
from bot.status.page import reading_of
from bot.status.registry import PROVIDERS
from tests.status.providers import recordings

AT = datetime(2026, 3, 1, 13, tzinfo=UTC).timestamp()


def read(kind: str, document: Any, *components: str, url: str = "https://status.example.org", **more: Any) -> Reading:
    source = Source(Signal.OFFICIAL, kind, url, components=components, **more)
    page = PROVIDERS[kind].read(source, [document], AT)
    assert page is not None
    return reading_of(source, page, AT)


def google(**fields: Any) -> list[dict[str, Any]]:
    incident = dict(recordings.GOOGLE.trouble["degraded"]["/incidents.json"][0])
    return [incident | fields]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (
            "https://www.google.com/appsstatus/dashboard/incidents.json",
            "https://www.google.com/appsstatus/dashboard/incidents/abc",
        ),
        ("https://status.cloud.google.com", "https://status.cloud.google.com/incidents/abc"),
    ],
)
def test_an_incident_of_google_is_linked_on_the_dashboard_that_names_it(url: str, link: str) -> None:
    [shown] = read("google", google(), url=url).incidents

    assert shown.url == link


def test_a_part_in_two_incidents_is_as_bad_as_the_worse() -> None:
    part = {"id": "p1", "title": "Chat"}
    listed = [
        *google(id="1", affected_products=[part], most_recent_update={"status": "SERVICE_OUTAGE"}),
        *google(id="2", affected_products=[part], most_recent_update={"status": "SERVICE_INFORMATION"}),
    ]

    reading = read("google", listed, "Chat")

    assert (reading.state, reading.detail) == (State.DOWN, f"{recordings.TITLE}; Chat: service outage")


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_incident_of_status_io_is_as_bad_as_its_newest_message_says(newest_first: bool) -> None:
    document: Any = next(iter(recordings.STATUS_IO.trouble["degraded"].values()))
    messages = [
        {"state": 100, "status": 500, "datetime": "2026-03-01T12:00:00Z"},
        {"state": 300, "status": 100, "datetime": "2026-03-01T12:30:00Z"},
    ]
    incident = document["result"]["incidents"][0] | {"messages": messages[::-1] if newest_first else messages}
    result = document["result"] | {
        "status_overall": {"status": "Operational", "status_code": 100},
        "incidents": [incident],
    }

    reading = read("status.io", {"result": result})

    assert (reading.state, [one.state for one in reading.incidents]) == (State.UP, ["monitoring"])


@pytest.mark.parametrize(("hit", "state"), [(["1"], State.DEGRADED), (["1", "2"], State.DOWN), ([], State.DOWN)])
def test_an_incident_that_names_some_of_the_parts_is_not_the_whole_service(hit: list[str], state: State) -> None:
    document: Any = next(iter(recordings.BETTER_STACK.trouble["down"].values()))
    data = document["data"] | {"attributes": document["data"]["attributes"] | {"aggregate_state": "degraded"}}
    parts = [
        {"id": id_, "type": "status_page_resource", "attributes": {"public_name": name, "status": "operational"}}
        for id_, name in (("1", "Chat"), ("2", "Voices"))
    ]
    [report] = document["included"]
    attributes = report["attributes"] | {"affected_resources": [{"status_page_resource_id": id_} for id_ in hit]}

    reading = read("better-stack", {"data": data, "included": [*parts, report | {"attributes": attributes}]})

    assert (reading.state, reading.incidents[0].impact) == (state, State.DOWN)


def test_maintenance_of_instatus_that_is_being_checked_still_goes_on() -> None:
    work = {"name": "Upgrade", "start": "2026-03-01T11:00:00Z", "duration": "60", "status": "VERIFYING"}

    reading = read("instatus", {"page": {"status": "UNDERMAINTENANCE"}, "activeMaintenances": [work]})

    assert [(one.title, one.active) for one in reading.maintenances] == [("Upgrade", True)]


def test_the_incident_is_told_where_the_page_has_only_a_bare_word_for_all_of_itself() -> None:
    document = recordings.INSTATUS.trouble["degraded"]["/summary.json"]

    assert read("instatus", document).detail == recordings.TITLE


def test_a_group_of_incident_io_stands_for_its_parts() -> None:
    hit = {"id": "p1", "name": "Login", "group_name": "ChatGPT", "current_status": "partial_outage"}
    document: Any = next(iter(recordings.INCIDENT_IO.trouble["degraded"].values()))
    document = document | {"ongoing_incidents": [document["ongoing_incidents"][0] | {"affected_components": [hit]}]}

    assert read("incident.io", document, "ChatGPT").state is State.DEGRADED
    assert read("incident.io", document, "API").state is State.UP


def test_an_incident_of_an_impact_that_nobody_knows_leaves_the_state_unknown_where_the_page_says_nothing_else() -> None:
    document: Any = next(iter(recordings.INCIDENT_IO.trouble["degraded"].values()))
    strange = document["ongoing_incidents"][0] | {"current_worst_impact": "sparkling"}

    reading = read("incident.io", document | {"ongoing_incidents": [strange]})

    assert (reading.state, reading.cause, reading.detail) == (State.UNKNOWN, Cause.UNKNOWN_VALUE, recordings.TITLE)


STATES = {State.UP: frozenset({"ok", "1"}), State.DOWN: frozenset({"null", "false"})}


@pytest.mark.parametrize(
    ("document", "pointer", "state"),
    [
        ({"a~b": "ok"}, "/a~0b", State.UP),
        ({"a/b": "OK "}, "/a~1b", State.UP),
        ({"a": [{"b": 1}]}, "/a/0/b", State.UP),
        ({"a": None}, "/a", State.DOWN),
        ({"a": False}, "/a", State.DOWN),
        ("ok", "", State.UP),
    ],
)
def test_a_pointer_leads_to_any_value(document: Any, pointer: str, state: State) -> None:
    assert read("json", document, pointer=pointer, states=STATES).state is state


@pytest.mark.parametrize("pointer", ["/b", "/a/0x", "/a/-", "/a/7", "/a/b", "/a", "/s/0", "/n/x"])
def test_a_pointer_that_leads_to_no_value_is_a_page_of_another_form(pointer: str) -> None:
    source = Source(Signal.OFFICIAL, "json", "https://status.example.org", pointer=pointer, states=STATES)

    assert PROVIDERS["json"].read(source, [{"a": ["ok"], "s": "ok", "n": None}], AT) is None
