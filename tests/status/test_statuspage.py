"""Readings of an official status page, from real answers over HTTP."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.core.signals import Cause, Maintenance, SignalBoard, State
from bot.status.looker import FULL_EVERY, Looker
from tests.status.conftest import FakeClock, Serve
from tests.status.servers import LINK, incident, maintenance, moved, page, reply, summary

DELETED = "<!DOCTYPE html><html><head><title>Statuspage - Statuspage deleted</title></head></html>"


def component(status: Any, **more: Any) -> dict[str, Any]:
    return {"id": "c", "name": "A part", "status": status, "group": False, **more}


async def test_a_healthy_page_is_up_and_is_asked_where_atlassian_keeps_the_summary(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await serve(reply(summary()))

    reading = await looker.look(page(f"{site.url}/"))

    assert (reading.state, reading.cause, reading.detail) == (State.UP, Cause.ANSWERED, "All Systems Operational")
    assert (reading.at, reading.link, reading.incidents) == (clock.now, LINK, ())
    assert site.heads[1].startswith("GET /api/v2/summary.json HTTP/1.1"), "after incident.io's address"
    assert "NotJustYou" in (site.header("User-Agent") or "")


@pytest.mark.parametrize(
    ("indicator", "state"),
    [
        ("none", State.UP),
        ("minor", State.DEGRADED),
        ("major", State.DEGRADED),
        ("critical", State.DOWN),
        ("maintenance", State.MAINTENANCE),
    ],
)
async def test_every_indicator_has_its_state(serve: Serve, looker: Looker, indicator: str, state: State) -> None:
    site = await serve(reply(summary(indicator)))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (state, Cause.ANSWERED)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("operational", State.UP),
        ("degraded_performance", State.DEGRADED),
        ("partial_outage", State.DEGRADED),
        ("major_outage", State.DEGRADED),
        ("under_maintenance", State.MAINTENANCE),
    ],
)
async def test_a_component_in_trouble_counts_although_the_indicator_is_none(
    serve: Serve, looker: Looker, status: str, state: State
) -> None:
    site = await serve(reply(summary(components=[component("operational"), component(status)])))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (state, Cause.ANSWERED)


async def test_a_group_is_not_counted_beside_its_parts(serve: Serve, looker: Looker) -> None:
    parts = [component("major_outage", group=True), component("a new word", group=True), component("operational")]
    site = await serve(reply(summary(components=parts)))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.UP, Cause.ANSWERED)


@pytest.mark.parametrize(
    ("indicator", "parts", "state"),
    [
        ("minor", ["major_outage"], State.DEGRADED),
        ("critical", ["operational"], State.DOWN),
        ("maintenance", ["partial_outage"], State.DEGRADED),
        ("none", ["under_maintenance", "degraded_performance"], State.DEGRADED),
        ("critical", ["a new word"], State.DOWN),
        ("none", ["a new word", "partial_outage"], State.DEGRADED),
    ],
)
async def test_the_worst_that_is_said_wins(
    serve: Serve, looker: Looker, indicator: str, parts: list[str], state: State
) -> None:
    site = await serve(reply(summary(indicator, components=[component(one) for one in parts])))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (state, Cause.ANSWERED)


@pytest.mark.parametrize("state", ["investigating", "identified", "monitoring", "a new word"])
async def test_an_open_incident_is_shown_and_is_trouble(serve: Serve, looker: Looker, state: str) -> None:
    site = await serve(reply(summary(incidents=[incident(state)])))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.DEGRADED, Cause.ANSWERED)
    [shown] = reading.incidents
    assert (shown.title, shown.state, shown.url) == ("Messages do not arrive", state, "https://stspg.io/i1")
    assert shown.since == 1_772_366_400.0


@pytest.mark.parametrize("state", ["resolved", "postmortem"])
async def test_a_closed_incident_is_neither_shown_nor_trouble(serve: Serve, looker: Looker, state: str) -> None:
    site = await serve(reply(summary(incidents=[incident(state)])))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause, reading.incidents) == (State.UP, Cause.ANSWERED, ())


@pytest.mark.parametrize(
    ("impact", "state"),
    [
        ("none", State.UP),
        ("minor", State.DEGRADED),
        ("major", State.DEGRADED),
        ("critical", State.DOWN),
        ("maintenance", State.MAINTENANCE),
    ],
)
async def test_what_an_incident_does_to_the_service_is_its_impact(
    serve: Serve, looker: Looker, impact: str, state: State
) -> None:
    site = await serve(reply(summary(incidents=[incident("monitoring", impact=impact)])))

    reading = await looker.look(page(site))

    assert reading.state is state
    assert [(one.id, one.impact) for one in reading.incidents] == [("i1", state)]


@pytest.mark.parametrize("impact", [None, "", "apocalyptic", 7, ["major"]])
@pytest.mark.parametrize(("part", "state"), [("operational", State.UP), ("partial_outage", State.DEGRADED)])
async def test_an_incident_of_unknown_impact_is_as_bad_as_the_parts_it_affects(
    serve: Serve, looker: Looker, impact: Any, part: str, state: State
) -> None:
    said = summary(components=[component(part)], incidents=[incident(impact=impact)])
    site = await serve(reply(said))

    reading = await looker.look(page(site))

    assert (reading.state, [one.impact for one in reading.incidents]) == (state, [State.UNKNOWN])


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (summary(incidents=[incident()]), "Messages do not arrive"),
        (summary(components=[component("major_outage")]), "A part: major_outage"),
        (summary("minor", status={"indicator": "minor", "description": "Slow"}, incidents=[incident()]), "Slow"),
    ],
    ids=["incident", "part", "indicator"],
)
async def test_trouble_is_told_in_the_words_of_what_is_in_trouble(
    serve: Serve, looker: Looker, said: dict[str, Any], detail: str
) -> None:
    site = await serve(reply(said))

    reading = await looker.look(page(site))

    assert (reading.state, reading.detail) == (State.DEGRADED, detail)


async def test_the_part_in_trouble_is_named_also_where_the_page_has_words_for_all_of_itself(
    serve: Serve, looker: Looker
) -> None:
    parts = [component("operational", id=f"c{number}", name=f"Part {number}") for number in range(40)]
    parts[17]["status"] = "partial_outage"
    status = {"indicator": "minor", "description": "Partial System Outage"}
    one = await serve(reply(summary(status=status, components=parts)))
    many = await serve(reply(summary(status=status, components=[part | {"status": "major_outage"} for part in parts])))

    reading, worse = await looker.look(page(one)), await looker.look(page(many))

    assert (reading.state, reading.detail) == (State.DEGRADED, "Partial System Outage; Part 17: partial_outage")
    assert worse.detail.endswith("Part 2: major_outage; and 37 more")


@pytest.mark.parametrize(
    ("parts", "detail"),
    [
        ([component("operational"), component("on_fire", name="Voices")], "unknown: Voices (on_fire)"),
        ([component("operational"), {"id": "c", "name": "Voices"}], "unknown: Voices"),
        ([component("operational"), component(None, name="Voices")], "unknown: Voices"),
    ],
    ids=["a new word", "no word", "null"],
)
async def test_a_part_of_unknown_state_is_unknown_itself_and_not_the_whole_page(
    serve: Serve, looker: Looker, parts: list[Any], detail: str
) -> None:
    site = await serve(reply(summary(components=parts)))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.UP, Cause.ANSWERED)
    assert reading.detail == f"All Systems Operational; {detail}"


SHARED = [
    component("operational", id="c1", name="Chat"),
    component("major_outage", id="c2", name="Other Product"),
    component("operational", id="g1", name="Our Products", group=True),
    component("degraded_performance", id="c3", name="Voices", group_id="g1"),
    component("operational", id="c4", name="Search", group_id="g1"),
]


@pytest.mark.parametrize(
    ("components", "state", "detail"),
    [
        (("Chat",), State.UP, "Chat: operational"),
        (("c1",), State.UP, "Chat: operational"),
        ((" chat ", "SEARCH"), State.UP, "Chat: operational"),
        (("Chat", "Voices"), State.DEGRADED, "Voices: degraded_performance"),
        (("Our Products",), State.DEGRADED, "Voices: degraded_performance"),
        (("Other Product",), State.DEGRADED, "Other Product: major_outage"),
        (("Chat", "Films"), State.UP, "Chat: operational; not on the page: Films"),
        (
            (),
            State.DOWN,
            "Major outage of another product; Other Product: major_outage; Voices: degraded_performance",
        ),
    ],
)
async def test_only_the_parts_that_the_service_file_names_count(
    serve: Serve, looker: Looker, components: tuple[str, ...], state: State, detail: str
) -> None:
    status = {"indicator": "critical", "description": "Major outage of another product"}
    site = await serve(reply(summary(status=status, components=SHARED)))

    reading = await looker.look(page(site, *components))

    assert (reading.state, reading.cause, reading.detail) == (state, Cause.ANSWERED, detail)


async def test_a_page_without_any_of_the_named_parts_is_unknown_and_says_which(serve: Serve, looker: Looker) -> None:
    site = await serve(reply(summary("critical", components=SHARED)))

    reading = await looker.look(page(site, "Films", "Music"))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.PART_MISSING)
    assert reading.detail == "not on the page: Films, Music"


CHAT, OTHER = {"id": "c1", "name": "Chat"}, {"id": "c2", "name": "Other Product"}


@pytest.mark.parametrize(
    ("affects", "ours"),
    [
        ({"components": [CHAT]}, True),
        ({"components": [OTHER, CHAT]}, True),
        ({"components": [{"name": "Chat"}]}, True),
        ({"components": [OTHER]}, False),
        ({"components": [{"id": "c2", "name": "Chat"}]}, False),
        ({"components": []}, True),
        ({}, True),
        ({"incident_updates": [{"affected_components": [{"code": "c2", "name": "Other Product"}]}]}, False),
        ({"incident_updates": [{"affected_components": [{"code": "c1", "name": "Chat"}]}]}, True),
        ({"incident_updates": [{"affected_components": None}]}, True),
    ],
)
async def test_an_incident_that_names_only_other_parts_is_not_ours(
    serve: Serve, looker: Looker, affects: dict[str, Any], ours: bool
) -> None:
    said = summary("major", components=SHARED, incidents=[incident(**affects)])
    said["scheduled_maintenances"] = [maintenance("in_progress", **affects)]
    site = await serve(reply(said))

    reading = await looker.look(page(site, "Chat"))

    assert reading.state is (State.DEGRADED if ours else State.UP)
    assert (len(reading.incidents), len(reading.maintenances)) == (ours, ours)


@pytest.mark.parametrize(
    ("status", "state", "active"),
    [
        ("scheduled", State.UP, [False]),
        ("in_progress", State.MAINTENANCE, [True]),
        ("verifying", State.MAINTENANCE, [True]),
        ("completed", State.UP, []),
    ],
)
@pytest.mark.parametrize("listed", ["scheduled_maintenances", "incidents"])
async def test_maintenance_is_told_with_its_times_and_is_no_trouble(
    serve: Serve, looker: Looker, status: str, state: State, active: list[bool], listed: str
) -> None:
    site = await serve(reply(summary(**{listed: [maintenance(status)]})))

    reading = await looker.look(page(site))

    assert (reading.state, reading.incidents) == (state, ())
    upgrade = Maintenance("Database upgrade", True, "https://stspg.io/m1", 1_772_373_600.0, 1_772_380_800.0)
    assert list(reading.maintenances) == [replace(upgrade, active=one) for one in active]


async def test_maintenance_in_both_lists_is_one_and_two_of_one_name_are_two(serve: Serve, looker: Looker) -> None:
    planned = [maintenance("in_progress"), maintenance(id="m2")]
    site = await serve(reply(summary(incidents=[maintenance("in_progress")], scheduled_maintenances=planned)))

    reading = await looker.look(page(site))

    assert [one.active for one in reading.maintenances] == [True, False]
    assert (reading.state, reading.detail) == (State.MAINTENANCE, "Database upgrade")


async def test_trouble_during_maintenance_is_trouble(serve: Serve, looker: Looker) -> None:
    said = summary(incidents=[incident()], scheduled_maintenances=[maintenance("in_progress")])
    site = await serve(reply(said))

    reading = await looker.look(page(site))

    assert (reading.state, len(reading.maintenances)) == (State.DEGRADED, 1)


@pytest.mark.parametrize(
    ("times", "starts", "ends"),
    [
        ({"scheduled_for": "2026-06-01T00:00:00Z", "scheduled_until": None}, 1_780_272_000.0, None),
        ({"scheduled_for": "2026-03-01T16:00:00Z", "scheduled_until": "2026-03-01T14:00:00Z"}, None, None),
        ({"scheduled_for": "0001-01-01T00:00:00Z", "scheduled_until": "9999-12-31T00:00:00Z"}, None, None),
        ({"scheduled_for": "2026-03-01T14:00:00"}, 1_772_373_600.0, 1_772_380_800.0),
        ({"scheduled_for": "soon", "scheduled_until": 7}, None, None),
    ],
)
async def test_times_of_maintenance_may_lie_ahead_and_are_unknown_if_they_cannot_be(
    serve: Serve, looker: Looker, times: dict[str, Any], starts: float | None, ends: float | None
) -> None:
    site = await serve(reply(summary(scheduled_maintenances=[maintenance(**times)])))

    reading = await looker.look(page(site))

    assert [(one.starts, one.ends) for one in reading.maintenances] == [(starts, ends)]


async def test_planned_maintenance_whose_end_has_passed_is_not_told(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await serve(reply(summary(scheduled_maintenances=[maintenance()])))
    clock.now = 1_772_380_801.0

    assert (await looker.look(page(site))).maintenances == ()


async def test_an_open_incident_does_not_make_a_major_outage_smaller(serve: Serve, looker: Looker) -> None:
    site = await serve(reply(summary("critical", incidents=[incident("identified"), incident("resolved")])))

    reading = await looker.look(page(site))

    assert reading.state is State.DOWN
    assert [one.state for one in reading.incidents] == ["identified"]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://stspg.io/i1", "//stspg.io", "", None, 7, ["https://x"]]
)
async def test_a_link_of_an_incident_that_is_not_https_is_left_out(serve: Serve, looker: Looker, link: Any) -> None:
    site = await serve(reply(summary(incidents=[incident(shortlink=link)])))

    reading = await looker.look(page(site))

    assert [one.url for one in reading.incidents] == [None]


@pytest.mark.parametrize(
    ("started", "created", "since"),
    [
        ("2026-03-01T12:00:00Z", None, 1_772_366_400.0),
        ("2026-03-01T04:00:00.000-08:00", None, 1_772_366_400.0),
        (None, "2026-03-01T12:00:00Z", 1_772_366_400.0),
        ("yesterday", None, None),
        (None, None, None),
        (-1, 10**400, None),
        ("2026-03-01T12:00:00", None, 1_772_366_400.0),
        ("2026-03-01 12:00", None, 1_772_366_400.0),
        ("2026-03-01", None, None),
        ("0001-01-01T00:00:00Z", "2026-03-01T12:00:00Z", None),
        ("1970-01-01T00:00:00Z", None, None),
        ("1999-12-31T23:59:59Z", None, None),
        ("2026-03-01T13:15:00Z", None, None),
        ("2027-03-01T12:00:00Z", None, None),
        ("9999-12-31T23:59:59-23:59", None, None),
    ],
)
@pytest.mark.usefixtures("far_from_utc")
async def test_an_incident_began_when_the_page_says_so_or_it_is_not_known(
    serve: Serve, looker: Looker, started: Any, created: Any, since: float | None
) -> None:
    site = await serve(reply(summary(incidents=[incident(started_at=started, created_at=created)])))

    reading = await looker.look(page(site))

    assert [one.since for one in reading.incidents] == [since]


@pytest.mark.parametrize(
    ("later", "since"),
    [
        ({"updated_at": "2026-03-01T11:59:00Z"}, None),
        ({"resolved_at": "2026-03-01T11:00:00Z"}, None),
        ({"monitoring_at": "2026-02-28T11:00:00Z", "updated_at": "2026-03-01T12:30:00Z"}, None),
        ({"updated_at": "2026-03-01T12:00:00Z"}, 1_772_366_400.0),
        ({"updated_at": "2026-03-01T12:30:00Z", "resolved_at": None}, 1_772_366_400.0),
        ({"updated_at": "0001-01-01T00:00:00Z"}, 1_772_366_400.0),
    ],
)
async def test_an_incident_that_began_after_its_last_update_began_nobody_knows_when(
    serve: Serve, looker: Looker, later: dict[str, Any], since: float | None
) -> None:
    site = await serve(reply(summary(incidents=[incident(**later)])))

    reading = await looker.look(page(site))

    assert [one.since for one in reading.incidents] == [since]


async def test_long_texts_of_a_page_are_cut(serve: Serve, looker: Looker) -> None:
    wordy = summary(incidents=[incident("s" * 9000, name="n" * 9000)])
    wordy["status"]["description"] = "d" * 9000
    site = await serve(reply(wordy))

    reading = await looker.look(page(site))

    assert len(reading.detail) <= 200
    assert len(reading.incidents[0].title) <= 200
    assert len(reading.incidents[0].state) <= 40


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (summary("apocalypse"), "apocalypse"),
        (summary("NONE"), "NONE"),
        (summary(""), ""),
        (summary("x" * 5000), "x" * 100),
        (summary(components=[component("on_fire")]), "on_fire"),
        (summary("maintenance", components=[component("on_fire"), component("burnt")]), "on_fire"),
        (summary(components=[component("")]), ""),
        (summary("apocalypse", components=[component("major_outage")]), "apocalypse"),
    ],
)
async def test_a_value_we_have_no_word_for_is_unknown_and_kept_raw(
    serve: Serve, looker: Looker, said: dict[str, Any], detail: str
) -> None:
    site = await serve(reply(said))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause, reading.detail) == (State.UNKNOWN, Cause.UNKNOWN_VALUE, detail)


@pytest.mark.parametrize(
    ("status", "state", "cause"),
    [
        ("401 Unauthorized", State.GONE, Cause.PAGE_GONE),
        ("404 Not Found", State.GONE, Cause.PAGE_GONE),
        ("410 Gone", State.GONE, Cause.PAGE_GONE),
        ("403 Forbidden", State.UNKNOWN, Cause.BLOCKED),
        ("429 Too Many Requests", State.UNKNOWN, Cause.RATE_LIMITED),
        ("500 Internal Server Error", State.UNKNOWN, Cause.SERVER_ERROR),
        ("502 Bad Gateway", State.UNKNOWN, Cause.SERVER_ERROR),
        ("503 Service Unavailable", State.UNKNOWN, Cause.SERVER_ERROR),
        ("400 Bad Request", State.UNKNOWN, Cause.HTTP_ERROR),
        ("418 I'm a teapot", State.UNKNOWN, Cause.HTTP_ERROR),
        ("204 No Content", State.UNKNOWN, Cause.HTTP_ERROR),
        ("304 Not Modified", State.UNKNOWN, Cause.HTTP_ERROR),
        ("302 Found", State.UNKNOWN, Cause.HTTP_ERROR),
    ],
)
@pytest.mark.parametrize("body", [b"", json.dumps(summary()).encode(), DELETED.encode()], ids=["empty", "json", "html"])
async def test_every_http_status_has_its_cause_whatever_the_body_says(
    serve: Serve, looker: Looker, status: str, state: State, cause: Cause, body: bytes
) -> None:
    if status[:3] in {"204", "304"}:
        body = b""
    site = await serve(reply(body, "Content-Type: application/json", status=status))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause, reading.detail) == (state, cause, f"HTTP {status[:3]}")


@pytest.mark.parametrize(
    "answer",
    [
        reply(DELETED, "Content-Type: text/html; charset=utf-8"),
        reply(DELETED, "Content-Type: application/json"),
        reply(DELETED),
        reply("\r\n  <HTML><body>Bye</body></HTML>", "Content-Type: text/plain"),
        reply("Bye", "Content-Type: Text/HTML"),
    ],
    ids=["html", "html called json", "html called nothing", "html called text", "text called html"],
)
@pytest.mark.parametrize("redirected", [False, True], ids=["at once", "after a redirect"])
async def test_a_web_page_that_answers_200_in_place_of_data_is_a_page_that_is_gone(
    serve: Serve, looker: Looker, answer: bytes, redirected: bool
) -> None:
    site = await serve(answer)
    if redirected:
        site = await serve(moved(f"{site.url}/deleted"))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.GONE, Cause.PAGE_GONE)


async def test_data_that_only_calls_itself_html_is_read(serve: Serve, looker: Looker) -> None:
    document = json.dumps(summary("minor"))
    site = await serve(reply(f"\ufeff\n{document}".encode(), "Content-Type: text/html; charset=utf-8"))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.DEGRADED, Cause.ANSWERED)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_page_that_moved_is_read_where_it_is_now(serve: Serve, looker: Looker, status: str) -> None:
    there = await serve(reply(summary("minor")))
    here = await serve(reply(b"", f"Location: {there.url}/moved.json", status=status))

    reading = await looker.look(page(here))

    assert (reading.state, reading.cause) == (State.DEGRADED, Cause.ANSWERED)
    assert there.heads[0].startswith("GET /moved.json ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"OK",
        b"{",
        b'{"page": {"id": "x"}, "status": {"indicator": "none"}} and more',
        b"\xff\xfe\xfd",
        b'{"page": "\xff"}',
        b"\x00" * 64,
        b"9" * 5000,
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'<?xml version="1.0"?><page/>',
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_what_is_not_json_is_unknown(serve: Serve, looker: Looker, body: bytes) -> None:
    site = await serve(reply(body, "Content-Type: application/json"))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.NOT_JSON)


@pytest.mark.parametrize(
    "data",
    [
        None,
        True,
        0,
        "none",
        [],
        {},
        [summary()],
        {"status": "ok"},
        {"status": {"indicator": "none"}},
        {"page": {"id": "x"}},
        {"page": {"id": 7}, "status": {"indicator": "none"}},
        {"page": {"id": "x"}, "status": {"indicator": None}},
        {"page": {"id": "x"}, "status": {"indicator": ["none"]}},
        {"page": {"id": "x"}, "status": "none"},
        {"page": "x", "status": {"indicator": "none"}},
        {"page": [["id", "x"]], "status": [["indicator", "none"]]},
        {"redis": "UP"},
    ],
    ids=json.dumps,
)
async def test_json_that_is_not_a_status_pages_is_unknown(serve: Serve, looker: Looker, data: Any) -> None:
    site = await serve(reply(json.dumps(data), "Content-Type: application/json"))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.WRONG_SHAPE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
async def test_json_is_read_in_every_unicode_encoding(serve: Serve, looker: Looker, encoding: str) -> None:
    said = json.dumps(summary(incidents=[incident(name="Störung 🔥")]), ensure_ascii=False)
    site = await serve(reply(said.encode(encoding), "Content-Type: application/json; charset=klingon"))

    reading = await looker.look(page(site))

    assert [one.title for one in reading.incidents] == ["Störung 🔥"]


async def test_an_unchanged_page_is_not_sent_again_and_its_reading_is_as_old_as_its_content(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await serve(reply(summary("minor", incidents=[incident()]), 'ETag: W/"abc"'))
    first = await looker.look(page(site))
    site.answer = reply(b"", status="304 Not Modified")
    clock.now += 60

    second = await looker.look(page(site))

    assert site.header("If-None-Match", 0) is None
    assert site.header("If-None-Match", 2) == 'W/"abc"'
    assert (second.state, second.cause, second.incidents) == (State.DEGRADED, Cause.ANSWERED, first.incidents)
    assert (first.at, second.at) == (clock.now - 60, clock.now - 60)


async def test_a_page_whose_etag_never_changes_is_read_in_full_every_five_minutes(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    content = summary()

    async def talk(head: str, writer: Any) -> None:
        unchanged = "If-None-Match" in head
        writer.write(reply(b"", status="304 Not Modified") if unchanged else reply(content, 'ETag: "for ever"'))
        await writer.drain()

    site = await serve(talk)
    states: list[State] = []
    for _ in range(12):
        reading = await looker.look(page(site))
        states.append(reading.state)
        assert clock.now - reading.at < FULL_EVERY
        content, clock.now = summary("critical"), clock.now + 60

    assert states == [State.UP] * 5 + [State.DOWN] * 7
    # The very first request asks whether the page is incident.io's.
    in_full = [number for number in range(12) if site.header("If-None-Match", number + 1) is None]
    assert in_full == [0, 5, 10]


async def test_a_page_that_says_only_unchanged_is_unknown_once_its_content_is_old(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await serve(reply(summary(), 'ETag: "one"'))
    await looker.look(page(site))
    site.answer = reply(b"", status="304 Not Modified")
    clock.now += FULL_EVERY

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause, reading.detail) == (State.UNKNOWN, Cause.HTTP_ERROR, "HTTP 304")


async def test_a_page_that_changed_is_read_anew_and_remembered_by_its_new_etag(serve: Serve, looker: Looker) -> None:
    site = await serve(reply(summary("minor"), 'ETag: "one"'))
    await looker.look(page(site))
    site.answer = reply(summary("critical"), 'ETag: "two"')
    changed = await looker.look(page(site))
    site.answer = reply(b"", status="304 Not Modified")
    unchanged = await looker.look(page(site))

    assert site.header("If-None-Match") == '"two"'
    assert (changed.state, unchanged.state) == (State.DOWN, State.DOWN)


@pytest.mark.parametrize(
    "bad",
    [
        reply("oops", 'ETag: "bad"'),
        reply(summary("apocalypse"), 'ETag: "bad"'),
        reply("", 'ETag: "bad"', status="401 No"),
    ],
    ids=["not json", "unknown value", "gone"],
)
async def test_an_answer_that_could_not_be_read_is_not_asked_about_by_its_etag(
    serve: Serve, looker: Looker, bad: bytes
) -> None:
    site = await serve(reply(summary(), 'ETag: "good"'))
    await looker.look(page(site))
    site.answer = bad
    await looker.look(page(site))
    site.answer = reply(summary("minor"))

    reading = await looker.look(page(site))

    assert site.header("If-None-Match") is None
    assert reading.state is State.DEGRADED


@pytest.mark.parametrize("etag", [b'"\xff\xfe"', '"é"'.encode(), b'"' + b"a" * 4000 + b'"', b"unquoted, not valid"])
async def test_a_strange_etag_does_not_lock_us_out_of_the_page(serve: Serve, looker: Looker, etag: bytes) -> None:
    site = await serve(reply(summary("minor"), b"ETag: " + etag))

    readings = [await looker.look(page(site)) for _ in range(3)]

    assert [(one.state, one.cause) for one in readings] == [(State.DEGRADED, Cause.ANSWERED)] * 3


async def test_a_page_that_closes_is_in_doubt_for_two_looks_then_gone_and_back_as_soon_as_it_returns(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    board = SignalBoard()
    site = await serve(reply(summary(), 'ETag: "one"'))
    states: list[State] = []
    for answer in [reply(summary()), *[reply(DELETED, "Content-Type: text/html")] * 3, reply(summary("minor"))]:
        site.answer = answer
        clock.now += 60
        seen = board.put("example", await looker.look(page(site)))
        states.append(seen.now.state)

    assert states == [State.UP, State.UNKNOWN, State.UNKNOWN, State.GONE, State.DEGRADED]
