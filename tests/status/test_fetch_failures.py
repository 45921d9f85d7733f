"""Faults of networks, servers and certificates: each has its own name, and none takes long."""

import asyncio
import gzip
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import aiohttp
import pytest
import trustme

from bot.core.service import Source
from bot.core.signals import Cause, Reading, State
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from tests.patience import PATIENCE
from tests.status.certificates import (
    not_yet_valid,
    of_another_host,
    outdated,
    self_signed,
    whole_chain,
    with_certificate,
    without_the_intermediate,
)
from tests.status.conftest import FakeClock, Names, Serve
from tests.status.servers import Site, Talk, incident, moved, page, probe, reply, reset, summary

MIB = 1024 * 1024
SILENCE = 2 * PATIENCE
JSON = "Content-Type: application/json"
HELLO = reply(summary())
CHUNKED = reply(b"", JSON, "Transfer-Encoding: chunked", length=False)


def unknown(reading: Reading) -> Cause:
    """The cause, of a reading that must be unknown."""
    assert reading.state is State.UNKNOWN
    return reading.cause


async def test_a_server_that_never_answers_is_a_timeout(serve: Serve, impatient: Looker) -> None:
    async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(SILENCE)

    site = await serve(silent)
    began = time.monotonic()

    assert unknown(await impatient.look(page(site))) is Cause.TIMEOUT
    assert time.monotonic() - began < SILENCE / 2


async def test_a_silence_in_the_middle_ends_the_look_long_before_its_time_is_up(serve: Serve, clock: FakeClock) -> None:
    async def stall(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO[:-10])
        await asyncio.sleep(SILENCE)

    site = await serve(stall)
    began = time.monotonic()
    async with Fetcher(allow_private=True, timeout=aiohttp.ClientTimeout(total=SILENCE, sock_read=0.2)) as fetcher:
        reading = await Looker(fetcher, clock).look(page(site))

    assert unknown(reading) is Cause.SLOW
    assert time.monotonic() - began < SILENCE / 2


async def test_a_server_that_drips_is_cut_off_by_the_time_for_the_whole_look(serve: Serve, impatient: Looker) -> None:
    def drip(at_once: bytes, raw: bytes) -> Talk:
        async def talk(_head: str, writer: asyncio.StreamWriter) -> None:
            writer.write(at_once)
            for start in range(0, len(raw), 7):
                writer.write(raw[start : start + 7])
                await writer.drain()
                await asyncio.sleep(0.5)

        return talk

    drips = {
        "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"z" * 1000),
        "body": (reply(b"", JSON, "Content-Length: 5000", length=False), b" " * 1000),
        "chunks": (CHUNKED, b"1\r\n \r\n" * 1000),
        "interim answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 1000),
    }
    sites = [await serve(drip(*raw)) for raw in drips.values()]
    began = time.monotonic()
    readings = await asyncio.gather(*(impatient.look(page(site)) for site in sites))
    took = time.monotonic() - began

    assert dict(zip(drips, map(unknown, readings), strict=True)) == {
        "headers": Cause.TIMEOUT,
        "body": Cause.SLOW,
        "chunks": Cause.SLOW,
        "interim answers": Cause.TIMEOUT,
    }
    assert took < SILENCE / 2, "the dripping would take much longer"
    assert all([await site.client_left() for site in sites])


async def test_slow_redirects_share_the_time_of_one_look(serve: Serve, impatient: Looker) -> None:
    async def slow(_head: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.7)
        writer.write(moved("/again"))
        await writer.drain()

    site = await serve(slow)

    assert unknown(await impatient.look(page(site))) is Cause.TIMEOUT


async def test_a_look_that_timed_out_does_not_hold_up_the_next(serve: Serve, impatient: Looker) -> None:
    async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(SILENCE)

    site = await serve(silent)
    stuck = [await impatient.look(page(site)) for _ in range(3)]
    site.answer = HELLO

    assert [unknown(one) for one in stuck] == [Cause.TIMEOUT] * 3
    assert (await impatient.look(page(site))).state is State.UP


def bombs() -> Iterator[tuple[str, bytes]]:
    zeros = bytes(96 * MIB)
    gz, deflated = gzip.compress(zeros), zlib.compress(zeros)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(gz), gz)
    yield "gzip", reply(gz, JSON, "Content-Encoding: gzip")
    yield "x-gzip", reply(gz, JSON, "Content-Encoding: x-gzip")
    yield "deflate", reply(deflated, JSON, "Content-Encoding: deflate")
    yield "gzip in chunks", reply(chunked, JSON, "Content-Encoding: gzip", "Transfer-Encoding: chunked", length=False)


async def test_a_bomb_of_96_mib_in_96_kib_is_cut_off_at_once_and_is_never_in_memory(
    serve: Serve, looker: Looker
) -> None:
    for name, bomb in bombs():
        assert len(bomb) < 100 * 1024, name
        site = await serve(bomb)
        tracemalloc.start()
        try:
            reading = await looker.look(page(site))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert unknown(reading) is Cause.TOO_LARGE, name
        assert peak < 6 * MIB, name


@pytest.mark.parametrize("headers", [(), ("Transfer-Encoding: chunked",)], ids=["plain", "chunked"])
async def test_an_endless_body_is_cut_off_and_the_connection_closed(
    serve: Serve, looker: Looker, headers: tuple[str, ...]
) -> None:
    piece = b"1000\r\n" + b" " * 0x1000 + b"\r\n" if headers else b" " * 0x1000
    sent = 0

    async def pour(_head: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(reply(b"", JSON, *headers, length=False))
        while True:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)

    site = await serve(pour)

    assert unknown(await looker.look(page(site))) is Cause.TOO_LARGE
    assert await site.client_left()
    assert sent < 64 * MIB


@pytest.mark.parametrize(("size", "cause"), [(512 * 1024, Cause.ANSWERED), (512 * 1024 + 1, Cause.TOO_LARGE)])
async def test_a_body_may_have_512_kib_and_not_a_byte_more(
    serve: Serve, looker: Looker, size: int, cause: Cause
) -> None:
    body = HELLO.partition(b"\r\n\r\n")[2]
    site = await serve(reply(body + b" " * (size - len(body)), JSON))

    assert (await looker.look(page(site))).cause is cause


HUGE = b"<!doctype html>" + b" " * MIB


@pytest.mark.parametrize(
    ("kind", "answer", "state"),
    [
        (page, reply(HUGE, status="401 Unauthorized"), State.GONE),
        (page, reply(HUGE, "Content-Type: text/html"), State.GONE),
        (probe, reply(HUGE, status="500 Internal Server Error"), State.DOWN),
        (probe, reply(HUGE, "Content-Type: text/html"), State.UNKNOWN),
        (probe, reply(b" " * MIB), State.UP),
    ],
    ids=["closed page", "web page instead of data", "server error", "plain probe of a web site", "plain probe"],
)
async def test_a_huge_body_does_not_hide_an_answer_that_is_clear_without_it(
    serve: Serve, looker: Looker, kind: Callable[[Site], Source], answer: bytes, state: State
) -> None:
    site = await serve(answer)

    assert (await looker.look(kind(site))).state is state


async def test_nobody_listening_is_refused(looker: Looker) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        reading = await looker.look(page(f"http://127.0.0.1:{bound.getsockname()[1]}"))

    assert unknown(reading) is Cause.REFUSED


def cut(raw: bytes) -> Talk:
    async def talk(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return talk


def cut_hard(raw: bytes) -> Talk:
    async def talk(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        await asyncio.sleep(0.02)
        reset(writer)

    return talk


@pytest.mark.parametrize("end", [cut, cut_hard], ids=["closed", "reset"])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nContent-",
        HELLO[:-10],
        CHUNKED + b"ff\r\nhello",
        CHUNKED + b"5\r\nhello\r\n",
    ],
    ids=["nothing", "status line", "header", "body", "chunk", "between chunks"],
)
async def test_a_connection_that_breaks_anywhere_is_a_reset(
    serve: Serve, looker: Looker, end: Callable[[bytes], Talk], raw: bytes
) -> None:
    site = await serve(end(raw))

    assert unknown(await looker.look(page(site))) is Cause.RESET


async def test_a_name_that_does_not_exist_is_a_dns_failure(looker: Looker) -> None:
    assert unknown(await looker.look(page("https://nope.invalid"))) is Cause.DNS


@pytest.mark.parametrize("error", [socket.EAI_AGAIN, socket.EAI_FAIL])
async def test_a_resolver_that_fails_is_told_from_a_name_that_does_not_exist(
    looker: Looker, names: Names, error: int
) -> None:
    def fail() -> list[str]:
        raise socket.gaierror(error, "made up")

    names["some.test"] = fail

    assert unknown(await looker.look(page("https://some.test"))) is Cause.DNS_FAILED


async def test_a_resolver_that_hangs_is_told_from_a_server_that_does(impatient: Looker, names: Names) -> None:
    def hang() -> list[str]:
        time.sleep(1.5)
        return []

    names["slow.test"] = hang

    assert unknown(await impatient.look(page("https://slow.test"))) is Cause.DNS_FAILED


async def test_an_address_that_does_not_answer_is_passed_over_for_one_that_does(
    serve: Serve, looker: Looker, names: Names
) -> None:
    site = await serve(HELLO)
    names["both.test"] = lambda: ["127.0.0.9", "127.0.0.1"]

    assert (await looker.look(page(f"http://both.test:{site.port}"))).state is State.UP


async def test_a_redirect_loop_ends_after_a_few_hops(serve: Serve, looker: Looker) -> None:
    site = await serve(moved("/round"))

    assert unknown(await looker.look(page(site))) is Cause.REDIRECTS
    assert site.visits == 5


@pytest.mark.parametrize(("hops", "cause"), [(4, Cause.ANSWERED), (5, Cause.REDIRECTS)])
async def test_four_redirects_are_followed_and_no_fifth(serve: Serve, looker: Looker, hops: int, cause: Cause) -> None:
    async def talk(head: str, writer: asyncio.StreamWriter) -> None:
        path = head.split(" ")[1]
        hop = int(path[2:]) if path.startswith("/h") else 0
        writer.write(HELLO if hop == hops else moved(f"h{hop + 1}" if hop else "/h1"))
        await writer.drain()

    site = await serve(talk)

    assert (await looker.look(page(site))).cause is cause


async def test_the_body_of_a_redirect_is_not_read(serve: Serve, looker: Looker) -> None:
    there = await serve(HELLO)

    async def pour(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"", f"Location: {there.url}", status="302 Found", length=False))
        while True:
            writer.write(b" " * 4096)
            await writer.drain()

    here = await serve(pour)

    assert (await looker.look(page(here))).state is State.UP
    assert await here.client_left()


async def test_a_page_with_a_good_certificate_is_read(serve: Serve, looker: Looker, trusted: trustme.CA) -> None:
    for certificate in (with_certificate(trusted.issue_cert("127.0.0.1")), whole_chain(trusted)):
        site = await serve(HELLO, tls=certificate)

        assert (await looker.look(page(site))).state is State.UP


async def test_a_secure_address_does_not_lead_to_one_that_is_not(
    serve: Serve, looker: Looker, trusted: trustme.CA
) -> None:
    open_to_all = await serve(HELLO)
    tls = with_certificate(trusted.issue_cert("127.0.0.1"))
    secure = await serve(moved(open_to_all.url), tls=tls)
    first_open = await serve(moved(secure.url))

    for asked in (secure, first_open):
        reading = await looker.look(page(asked))
        assert (unknown(reading), reading.detail) == (Cause.INSECURE, "127.0.0.1")
        assert (await looker.look(probe(asked, {"page": "x"}))).cause is Cause.INSECURE
    assert open_to_all.visits == 0


async def test_an_open_address_may_lead_to_a_secure_one(serve: Serve, looker: Looker, trusted: trustme.CA) -> None:
    secure = await serve(HELLO, tls=with_certificate(trusted.issue_cert("127.0.0.1")))

    assert (await looker.look(page(await serve(moved(secure.url))))).state is State.UP


@pytest.mark.parametrize(
    "certificate",
    [
        outdated,
        not_yet_valid,
        of_another_host,
        lambda _ca: with_certificate(trustme.CA().issue_cert("127.0.0.1")),
        lambda _ca: self_signed(),
        without_the_intermediate,
    ],
    ids=["expired", "not yet valid", "of another host", "of an unknown authority", "self-signed", "incomplete"],
)
@pytest.mark.parametrize("redirected", [False, True], ids=["at once", "after a redirect"])
async def test_a_page_with_a_bad_certificate_is_not_asked(
    serve: Serve,
    looker: Looker,
    trusted: trustme.CA,
    certificate: Callable[[trustme.CA], ssl.SSLContext],
    redirected: bool,
) -> None:
    site = await serve(HELLO, tls=certificate(trusted))
    asked = await serve(moved(site.url)) if redirected else site

    assert unknown(await looker.look(page(asked))) in {Cause.TLS, Cause.TLS_CHAIN}
    assert site.heads == []


async def test_a_server_that_does_not_speak_tls_is_a_tls_failure(looker: Looker) -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"speak plainly", status="400 Bad Request"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert unknown(await looker.look(page(f"https://127.0.0.1:{port}"))) is Cause.TLS


async def test_a_connection_that_breaks_in_the_tls_handshake_is_a_reset(looker: Looker) -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.close()

    async with await asyncio.start_server(leave, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert unknown(await looker.look(page(f"https://127.0.0.1:{port}"))) is Cause.RESET


async def test_without_control_targets_a_broken_probe_is_unknown_and_never_down(
    serve: Serve, impatient: Looker
) -> None:
    async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(SILENCE)

    answers: list[bytes | Talk] = [silent, cut_hard(HELLO[:-10]), b"\x00\x01", moved("/health")]
    causes = [unknown(await impatient.look(probe(await serve(answer)))) for answer in answers]

    assert causes == [Cause.TIMEOUT, Cause.RESET, Cause.GARBLED, Cause.REDIRECTS]


async def test_a_page_that_fails_once_is_still_asked_about_by_its_etag(serve: Serve, looker: Looker) -> None:
    site = await serve(reply(summary("minor", incidents=[incident()]), 'ETag: "one"'))
    await looker.look(page(site))
    site.answer = cut(b"")
    broken = await looker.look(page(site))
    site.answer = reply(b"", status="304 Not Modified")

    again = await looker.look(page(site))

    assert unknown(broken) is Cause.RESET
    assert (again.state, len(again.incidents)) == (State.DEGRADED, 1)
