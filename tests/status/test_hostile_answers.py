"""Malicious answers: each gives a named reading, and none raises an exception."""

import asyncio
import copy
import gzip
import json
from typing import Any

import pytest

from bot.core.signals import Cause, State
from bot.status.looker import Looker
from tests.status.conftest import Serve
from tests.status.servers import incident, maintenance, moved, page, probe, reply, summary

JSON = "Content-Type: application/json"
BODY = json.dumps(summary()).encode()
CHUNKED = reply(b"", JSON, "Transfer-Encoding: chunked", length=False)


def sized(length: str) -> bytes:
    return reply(BODY, JSON, f"Content-Length: {length}", length=False)


@pytest.mark.parametrize(
    ("raw", "causes"),
    [
        pytest.param(b"<html>HTTP/0.9 says hello</html>", {Cause.GARBLED}, id="HTTP/0.9"),
        pytest.param(b"\x00\x01\x02\xff" * 1000, {Cause.GARBLED}, id="noise"),
        pytest.param(b"HTTP/9.9 200 OK\r\n\r\n", {Cause.GARBLED}, id="HTTP/9.9"),
        pytest.param(b"HTTP/1.1 99999 What\r\n\r\n", {Cause.GARBLED}, id="status of five digits"),
        pytest.param(reply(BODY, JSON, status="000 Nought"), {Cause.HTTP_ERROR}, id="status 000"),
        pytest.param(reply(BODY, JSON, status="101 Switching Protocols"), {Cause.HTTP_ERROR}, id="status 101"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 5000, {Cause.RESET}, id="continue for ever"),
        pytest.param(reply(BODY, "X-Long: " + "a" * 100_000), {Cause.GARBLED}, id="100 KB header"),
        pytest.param(reply(BODY, *[f"X-{n}: a" for n in range(20_000)]), {Cause.GARBLED}, id="20000 headers"),
        pytest.param(sized("10"), {Cause.GARBLED, Cause.NOT_JSON}, id="length too short"),
        pytest.param(sized("99999"), {Cause.RESET}, id="length too long"),
        pytest.param(sized("-5"), {Cause.GARBLED}, id="length negative"),
        pytest.param(sized("9" * 40), {Cause.GARBLED}, id="length enormous"),
        pytest.param(sized("many"), {Cause.GARBLED}, id="length in words"),
        pytest.param(sized("3\r\nContent-Length: 5"), {Cause.GARBLED}, id="two lengths"),
        pytest.param(CHUNKED + b"zz\r\nhello\r\n", {Cause.GARBLED}, id="chunk size not hex"),
        pytest.param(CHUNKED + b"-5\r\nhello\r\n", {Cause.GARBLED}, id="chunk size negative"),
        pytest.param(CHUNKED + b"f" * 40 + b"\r\nhi", {Cause.GARBLED}, id="chunk size enormous"),
        pytest.param(
            reply(gzip.compress(BODY)[:20], JSON, "Content-Encoding: gzip"),
            {Cause.NOT_JSON, Cause.RESET},
            id="half a gzip",
        ),
        pytest.param(
            reply(b"\x1f\x8b" + b"rubbish" * 9, JSON, "Content-Encoding: gzip"), {Cause.GARBLED}, id="gzip of rubbish"
        ),
        pytest.param(reply(b"rubbish" * 9, JSON, "Content-Encoding: x-gzip"), {Cause.GARBLED}, id="x-gzip of rubbish"),
        pytest.param(
            reply(gzip.compress(BODY)[:20], JSON, "Content-Encoding: x-gzip"), {Cause.NOT_JSON}, id="half an x-gzip"
        ),
        pytest.param(
            reply(gzip.compress(gzip.compress(BODY)), JSON, "Content-Encoding: gzip"),
            {Cause.NOT_JSON},
            id="gzip in gzip",
        ),
        pytest.param(
            reply(b"\x1b\x00\x00", "Content-Encoding: br"),
            {Cause.GARBLED},
            id="brotli",
        ),
        pytest.param(
            reply(b"\x28\xb5\x2f\xfd", "Content-Encoding: zstd"),
            {Cause.GARBLED},
            id="zstd",
        ),
        pytest.param(reply(b"[" * 400_000, JSON), {Cause.NOT_JSON}, id="brackets"),
        pytest.param(reply(b"[" * 900 + b"]" * 900, JSON), {Cause.WRONG_SHAPE}, id="nested as deep as goes"),
        pytest.param(reply(b"1" + b"0" * 100_000, JSON), {Cause.NOT_JSON}, id="a number of 100000 digits"),
        pytest.param(reply(b'"' + b"\\u0000" * 50_000 + b'"', JSON), {Cause.WRONG_SHAPE}, id="zeros in a text"),
        pytest.param(reply(b"NaN", JSON), {Cause.WRONG_SHAPE}, id="NaN"),
        pytest.param(reply(b"-Infinity", JSON), {Cause.WRONG_SHAPE}, id="-Infinity"),
        pytest.param(reply(b"\xff\xfe\x00\xd8", JSON), {Cause.NOT_JSON, Cause.WRONG_SHAPE}, id="half a surrogate"),
    ],
)
async def test_a_hostile_answer_is_unknown_for_a_named_reason(
    serve: Serve, looker: Looker, raw: bytes, causes: set[Cause]
) -> None:
    site = await serve(raw)

    official = await looker.look(page(site))
    probed = await looker.look(probe(site, {"redis": "UP"}))

    assert official.state is State.UNKNOWN and official.cause in causes
    assert probed.state is State.UNKNOWN and probed.cause in causes


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("Content-Type: application/json; charset=klingon",), BODY),
        ((b"Content-Type: \xff\xfe/\xfd",), BODY),
        (("Content-Encoding: no-such-thing",), BODY),
        ((b"Set-Cookie: \xff;;==;",), BODY),
        ((b"X-Odd: \x80\x81",), BODY),
        (("Content-Encoding: gzip",), gzip.compress(BODY)),
        (("Content-Encoding: GZIP",), gzip.compress(BODY)),
        (("Content-Encoding: x-gzip",), gzip.compress(BODY)),
        (("Content-Encoding: X-GZip ",), gzip.compress(BODY)),
    ],
    ids=["charset", "type not text", "encoding", "cookie", "high bytes", "gzip", "GZIP", "x-gzip", "X-GZip"],
)
async def test_odd_headers_do_not_hide_a_good_page(
    serve: Serve, looker: Looker, headers: tuple[str | bytes, ...], body: bytes
) -> None:
    site = await serve(reply(body, *headers))

    reading = await looker.look(page(site))

    assert (reading.state, reading.cause) == (State.UP, Cause.ANSWERED)


@pytest.mark.parametrize(
    "target",
    [
        "http://[::1",
        "http://a..b/",
        "http://" + "a" * 64 + ".test/",
        "http://" + "a." * 200 + "test/",
        "http://℀.test/",
        "http://\x7f/",
        "http://[v1.x]/",
        "http://xn--a/",
        "//",
        "?",
        "#",
        "http:",
        "x" * 7000,
        "/\t/",
    ],
    ids=lambda target: repr(target)[:24],
)
async def test_a_redirect_to_nonsense_is_unknown(serve: Serve, looker: Looker, target: str) -> None:
    site = await serve(moved(target))

    reading = await looker.look(page(site))

    assert reading.state is State.UNKNOWN
    assert reading.cause in {Cause.ADDRESS_REFUSED, Cause.REDIRECTS, Cause.DNS}


ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\x00\n\r",
    "\ud800",
    "9" * 5000,
    [],
    [[]],
    [None],
    [{}],
    {},
    {"a": []},
]


@pytest.mark.parametrize(
    "place",
    [
        ("page",),
        ("page", "id"),
        ("status",),
        ("status", "indicator"),
        ("status", "description"),
        ("components",),
        ("components", 0),
        ("components", 0, "status"),
        ("components", 0, "group"),
        ("incidents",),
        ("incidents", 0),
        ("incidents", 0, "name"),
        ("incidents", 0, "status"),
        ("incidents", 0, "shortlink"),
        ("incidents", 0, "started_at"),
        ("incidents", 0, "created_at"),
        ("incidents", 0, "id"),
        ("incidents", 0, "impact"),
        ("incidents", 0, "updated_at"),
        ("incidents", 0, "components"),
        ("incidents", 0, "incident_updates"),
        ("components", 0, "id"),
        ("components", 0, "name"),
        ("components", 0, "group_id"),
        ("scheduled_maintenances",),
        ("scheduled_maintenances", 0),
        ("scheduled_maintenances", 0, "id"),
        ("scheduled_maintenances", 0, "name"),
        ("scheduled_maintenances", 0, "status"),
        ("scheduled_maintenances", 0, "scheduled_for"),
        ("scheduled_maintenances", 0, "scheduled_until"),
    ],
    ids=lambda place: ".".join(map(str, place)),
)
async def test_any_value_at_any_place_of_a_summary_gives_a_reading(
    serve: Serve, looker: Looker, place: tuple[Any, ...]
) -> None:
    site = await serve(b"")
    good = summary("minor", incidents=[incident(started_at=None), incident("resolved")])
    good["scheduled_maintenances"] = [maintenance("in_progress")]
    for odd in ODD:
        said: Any = copy.deepcopy(good)
        holder = said
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = odd
        site.answer = reply(said)

        reading = await looker.look(page(site))

        if reading.state is State.UNKNOWN:
            assert reading.cause in {Cause.WRONG_SHAPE, Cause.UNKNOWN_VALUE}, odd
        else:
            assert (reading.state, reading.cause) == (State.DEGRADED, Cause.ANSWERED), odd
        part = await looker.look(page(site, "API"))
        assert part.known or part.cause in {Cause.WRONG_SHAPE, Cause.UNKNOWN_VALUE, Cause.PART_MISSING}, odd


@pytest.mark.parametrize(
    "said",
    [
        summary(incidents=[incident(name="broken \ud83d")]),
        summary(incidents=[incident("\udfff")]),
        summary(incidents=[incident(shortlink="https://stspg.io/\ud800")]),
        summary("\ud800"),
        summary(components=[{"status": "\ud800"}]),
        summary(components=[{"name": "\ud800", "status": "partial_outage"}]),
        summary(scheduled_maintenances=[maintenance("in_progress", name="\ud800", shortlink="https://x/\ud800")]),
        {**summary(), "status": {"indicator": "none", "description": "\ud800"}},
    ],
    ids=["title", "state", "link", "indicator", "component", "part", "maintenance", "description"],
)
async def test_half_a_character_in_a_page_does_not_spoil_the_message_it_is_shown_in(
    serve: Serve, looker: Looker, said: dict[str, Any]
) -> None:
    site = await serve(reply(said))

    reading = await looker.look(page(site))

    shown = [reading.detail, *(text for one in reading.incidents for text in (one.title, one.state, one.url or ""))]
    shown += [text for one in reading.maintenances for text in (one.title, one.url or "")]
    assert "".join(shown).encode()


async def test_half_a_character_in_a_health_answer_does_not_spoil_the_message_it_is_shown_in(
    serve: Serve, looker: Looker
) -> None:
    site = await serve(reply({"redis": "\ud800"}))

    reading = await looker.look(probe(site, {"redis": "UP"}))

    assert (reading.state, reading.cause) == (State.DEGRADED, Cause.UNEXPECTED_HEALTH)
    assert reading.detail.encode()


@pytest.mark.parametrize("depth", range(880, 1000, 8))
async def test_a_value_nested_nearly_too_deep_gives_a_reading(serve: Serve, looker: Looker, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    official = await serve(reply(BODY.replace(b'"All Systems Operational"', deep), JSON))
    health = await serve(reply(b'{"redis": ' + deep + b"}", JSON))

    readings = [await looker.look(page(official)), await looker.look(probe(health, {"redis": "UP"}))]

    assert readings[0].cause in {Cause.ANSWERED, Cause.NOT_JSON}
    assert readings[1].cause in {Cause.UNEXPECTED_HEALTH, Cause.NOT_JSON}


async def test_fifty_bad_answers_at_once_leave_the_client_well(serve: Serve, looker: Looker) -> None:
    sites = [await serve(raw) for raw in (b"\x00", b"", CHUNKED + b"zz\r\n", sized("-5"), sized("99999"))]
    await asyncio.gather(*(looker.look(page(site)) for site in sites * 10))
    good = await serve(reply(BODY))

    assert (await looker.look(page(good))).state is State.UP
