"""What an official status page says, read from real answers over HTTP."""

import json
from typing import Any

import pytest

from bot.core.signals import Cause, SignalBoard, State
from bot.status.looker import Looker
from tests.status.conftest import FakeClock, Serve
from tests.status.servers import LINK, incident, moved, page, reply, summary

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
    assert site.heads[0].startswith("GET /api/v2/summary.json HTTP/1.1")
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
    ],
)
async def test_an_incident_began_when_the_page_says_so_or_it_is_not_known(
    serve: Serve, looker: Looker, started: Any, created: Any, since: float | None
) -> None:
    site = await serve(reply(summary(incidents=[incident(started_at=started, created_at=created)])))

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
        (summary("maintenance", components=[component("on_fire"), component("operational")]), "on_fire"),
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


async def test_an_unchanged_page_is_not_sent_again_and_its_reading_is_as_new_as_the_look(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await serve(reply(summary("minor", incidents=[incident()]), 'ETag: W/"abc"'))
    first = await looker.look(page(site))
    site.answer = reply(b"", status="304 Not Modified")
    clock.now += 60

    second = await looker.look(page(site))

    assert site.header("If-None-Match", 0) is None
    assert site.header("If-None-Match", 1) == 'W/"abc"'
    assert (second.state, second.cause, second.incidents) == (State.DEGRADED, Cause.ANSWERED, first.incidents)
    assert (first.at, second.at) == (clock.now - 60, clock.now)


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
