"""Readings of the plain probe, from real answers over HTTP."""

import json
from typing import Any

import pytest

from bot.core.service import Healthy, Source
from bot.core.signals import Cause, Signal, State
from bot.status.looker import Looker
from tests.status.conftest import Serve
from tests.status.servers import moved, page, probe, reply, summary

HEALTH = {"redis": "UP"}


@pytest.mark.parametrize(
    ("body", "state", "cause", "detail"),
    [
        ({"redis": "UP"}, State.UP, Cause.ANSWERED, "HTTP 200"),
        ({"redis": "UP", "more": [1, 2]}, State.UP, Cause.ANSWERED, "HTTP 200"),
        ({"redis": "DOWN"}, State.DEGRADED, Cause.UNEXPECTED_HEALTH, "redis: DOWN"),
        ({"redis": "up"}, State.DEGRADED, Cause.UNEXPECTED_HEALTH, "redis: up"),
        ({"redis": None}, State.DEGRADED, Cause.UNEXPECTED_HEALTH, "redis: null"),
        ({"redis": ["UP"]}, State.DEGRADED, Cause.UNEXPECTED_HEALTH, 'redis: ["UP"]'),
        ({"redis": "x" * 9000}, State.DEGRADED, Cause.UNEXPECTED_HEALTH, "redis: " + "x" * 93),
        ({"mysql": "UP"}, State.UNKNOWN, Cause.WRONG_SHAPE, "redis"),
        ({}, State.UNKNOWN, Cause.WRONG_SHAPE, "redis"),
        (["redis", "UP"], State.UNKNOWN, Cause.WRONG_SHAPE, ""),
        (None, State.UNKNOWN, Cause.WRONG_SHAPE, ""),
        (b"", State.UNKNOWN, Cause.NOT_JSON, ""),
        (b"UP", State.UNKNOWN, Cause.NOT_JSON, ""),
        (b"[" * 200_000, State.UNKNOWN, Cause.NOT_JSON, ""),
        (b"<!doctype html><title>Hi</title>", State.GONE, Cause.PAGE_GONE, "a web page instead of data"),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_a_health_answer_is_healthy_only_if_it_says_all_we_expect(
    serve: Serve, looker: Looker, body: Any, state: State, cause: Cause, detail: str
) -> None:
    site = await serve(reply(body))

    reading = await looker.look(probe(site, HEALTH))

    assert (reading.state, reading.cause, reading.detail) == (state, cause, detail)
    assert site.heads[0].startswith("GET /health HTTP/1.1")


async def test_every_expected_member_is_looked_at(serve: Serve, looker: Looker) -> None:
    site = await serve(reply({"redis": "UP", "mysql": "DOWN"}))

    reading = await looker.look(probe(site, {"redis": "UP", "mysql": "UP"}))

    assert (reading.state, reading.detail) == (State.DEGRADED, "mysql: DOWN")


@pytest.mark.parametrize(
    ("status", "state", "cause"),
    [
        ("500 Internal Server Error", State.DOWN, Cause.SERVER_ERROR),
        ("502 Bad Gateway", State.DOWN, Cause.SERVER_ERROR),
        ("503 Service Unavailable", State.DOWN, Cause.SERVER_ERROR),
        ("522 Connection Timed Out", State.DOWN, Cause.GATE),
        ("401 Unauthorized", State.UNKNOWN, Cause.BLOCKED),
        ("403 Forbidden", State.UNKNOWN, Cause.BLOCKED),
        ("429 Too Many Requests", State.UNKNOWN, Cause.RATE_LIMITED),
        ("404 Not Found", State.GONE, Cause.PAGE_GONE),
        ("410 Gone", State.GONE, Cause.PAGE_GONE),
        ("400 Bad Request", State.UNKNOWN, Cause.HTTP_ERROR),
        ("302 Found", State.UNKNOWN, Cause.HTTP_ERROR),
    ],
)
@pytest.mark.parametrize("expect", [{}, HEALTH], ids=["plain", "health"])
async def test_only_a_server_error_says_that_the_service_is_down(
    serve: Serve, looker: Looker, status: str, state: State, cause: Cause, expect: dict[str, str]
) -> None:
    site = await serve(reply({"redis": "UP"}, status=status))

    reading = await looker.look(probe(site, expect))

    assert (reading.state, reading.cause, reading.detail) == (state, cause, f"HTTP {status[:3]}")


@pytest.mark.parametrize(
    ("wanted", "found", "state"),
    [
        (True, True, State.UP),
        (True, 1, State.DEGRADED),
        (True, "true", State.DEGRADED),
        (True, False, State.DEGRADED),
        (1, True, State.DEGRADED),
        (0, False, State.DEGRADED),
        (False, None, State.DEGRADED),
        (False, False, State.UP),
        (200, 200, State.UP),
        (200, 200.0, State.UP),
        (200, "200", State.DEGRADED),
        ("200", 200, State.DEGRADED),
        ("true", True, State.DEGRADED),
        ("200", "200", State.UP),
        (0.5, 0.5, State.UP),
        ("UP", "UP", State.UP),
        ("null", None, State.DEGRADED),
    ],
)
async def test_a_value_is_healthy_only_if_its_type_is_the_expected_one(
    serve: Serve, looker: Looker, wanted: Healthy, found: Any, state: State
) -> None:
    site = await serve(reply({"ok": found}))

    reading = await looker.look(probe(site, {"ok": wanted}))

    details = {State.UP: "HTTP 200", State.DEGRADED: f"ok: {found if isinstance(found, str) else json.dumps(found)}"}
    assert (reading.state, reading.detail) == (state, details[state])


async def test_probes_that_expect_true_and_1_of_one_address_do_not_share_an_answer(
    serve: Serve, looker: Looker
) -> None:
    site = await serve(reply({"ok": True}, 'ETag: "one"'))
    first = await looker.look(probe(site, {"ok": True}))
    other = await looker.look(probe(site, {"ok": 1}))

    assert (first.state, other.state) == (State.UP, State.DEGRADED)
    assert site.header("If-None-Match") is None


@pytest.mark.parametrize(
    "body", [b"", b"hello", b'{"any": "data"}', b'<?xml version="1.0"?><health/>', b"<!-- a -->" * 200]
)
@pytest.mark.parametrize("status", ["200 OK", "204 No Content"])
async def test_a_probe_that_expects_nothing_is_up_when_it_is_answered(
    serve: Serve, looker: Looker, body: bytes, status: str
) -> None:
    site = await serve(reply(b"" if status.startswith("204") else body, status=status))

    reading = await looker.look(probe(site))

    assert (reading.state, reading.cause) == (State.UP, Cause.ANSWERED)


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"<!doctype html><title>We will be back</title>"),
        reply(b"Something went wrong", "Content-Type: text/html; charset=utf-8"),
        reply(b'<?xml version="1.0"?><html/>', "Content-Type: application/xhtml+xml"),
        reply(b"\xef\xbb\xbf <!DOCTYPE html>"),
        reply(b'<?xml version="1.0"?>\n<!-- (c) -->\n<!-- us -->\n<HTML lang="en">', "Content-Type: text/plain"),
        reply(b"<head><title>Sorry</title></head>"),
    ],
)
async def test_a_web_page_does_not_show_that_a_service_works(serve: Serve, looker: Looker, answer: bytes) -> None:
    reading = await looker.look(probe(await serve(answer)))

    assert (reading.state, reading.cause, reading.detail) == (State.UNKNOWN, Cause.WEB_PAGE, "HTTP 200")


@pytest.mark.parametrize("status", ["200 OK", "503 No", "404 Not Found"])
async def test_what_another_host_answers_says_nothing_of_a_probe_that_expects_nothing(
    serve: Serve, looker: Looker, status: str
) -> None:
    there = await serve(reply(b"{}", status=status), host="127.0.0.2")
    here = await serve(moved(f"{there.url}/sorry"))

    reading = await looker.look(probe(here))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.ELSEWHERE)
    assert reading.detail == f"127.0.0.2:{there.port}"


async def test_a_redirect_within_the_host_is_an_answer(serve: Serve, looker: Looker) -> None:
    async def talk(head: str, writer: Any) -> None:
        writer.write(reply(b"{}") if head.startswith("GET /new ") else moved("/new"))
        await writer.drain()

    reading = await looker.look(probe(await serve(talk)))

    assert (reading.state, reading.cause) == (State.UP, Cause.ANSWERED)


async def test_a_probe_follows_a_redirect(serve: Serve, looker: Looker) -> None:
    there = await serve(reply({"redis": "UP"}))
    here = await serve(moved(f"{there.url}/new"))

    reading = await looker.look(probe(here, HEALTH))

    assert (reading.state, there.visits) == (State.UP, 1)


async def test_two_probes_of_one_address_that_expect_different_things_do_not_share_an_answer(
    serve: Serve, looker: Looker
) -> None:
    async def talk(head: str, writer: Any) -> None:
        unchanged = 'If-None-Match: "one"' in head
        body = reply(b"", status="304 Not Modified") if unchanged else reply({"a": "UP", "b": "DOWN"}, 'ETag: "one"')
        writer.write(body)
        await writer.drain()

    site = await serve(talk)

    a = await looker.look(probe(site, {"a": "UP"}))
    b = await looker.look(probe(site, {"b": "UP"}))

    assert (a.state, b.state) == (State.UP, State.DEGRADED)


async def test_a_probe_of_an_official_page_does_not_speak_for_the_page(serve: Serve, looker: Looker) -> None:
    site = await serve(reply(summary("critical"), 'ETag: "one"'))
    official = await looker.look(page(site))
    site.answer = reply(b"", status="304 Not Modified")
    same_address = Source(Signal.PROBE, "http", f"{site.url}/api/v2/summary.json")

    probed = await looker.look(same_address)

    assert (official.signal, probed.signal) == (Signal.OFFICIAL, Signal.PROBE)


async def test_a_status_that_http_does_not_know_does_not_say_that_the_service_is_down(
    serve: Serve, looker: Looker
) -> None:
    site = await serve(reply(b"", status="999 Request Denied"))

    reading = await looker.look(probe(site))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.HTTP_ERROR)
