"""Every kind of fault, with a real local server: the readings of probes and official pages while our network works.

Each source was fine before. It is polled three times, a minute apart; unclear results are unknown at first.
"""

import asyncio
import gzip
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
import trustme

from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.status.looker import Looker
from tests.patience import PATIENCE
from tests.status.certificates import (
    of_another_host,
    outdated,
    self_signed,
    whole_chain,
    with_the_root,
    without_the_intermediate,
)
from tests.status.conftest import IMPATIENT, PATIENT, FakeClock, Names, Serve, Watching
from tests.status.servers import Talk, moved, page, probe, reply, reset, summary

JSON = "Content-Type: application/json"
CHALLENGE = "cf-mitigated: challenge"
UNKNOWN, DOWN, GONE = State.UNKNOWN, State.DOWN, State.GONE


@dataclass
class Place:
    """Where the faults are made."""

    serve: Serve
    names: Names
    ca: trustme.CA
    stack: ExitStack = field(default_factory=ExitStack)


Fault = Callable[[Place], Awaitable[str]]
"""Gives the address of something that fails."""


def says(answer: bytes | Talk, tls: Callable[[trustme.CA], ssl.SSLContext] | None = None) -> Fault:
    async def made(place: Place) -> str:
        return (await place.serve(answer, tls=tls(place.ca) if tls else None)).url

    return made


def named(lookup: Callable[[], list[str]]) -> Fault:
    async def made(place: Place) -> str:
        place.names["service.test"] = lookup
        return "http://service.test"

    return made


def no_such_name() -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def name_server_fails() -> list[str]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def name_server_hangs() -> list[str]:
    time.sleep(1.5)
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


async def refuses(place: Place) -> str:
    bound = place.stack.enter_context(socket.socket())
    bound.bind(("127.0.0.1", 0))
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


async def lets_nobody_in(place: Place) -> str:
    """A door whose queue is full: a new connection gets no answer at all."""
    door = place.stack.enter_context(socket.socket())
    door.bind(("127.0.0.1", 0))
    door.listen(0)
    for _ in range(4):
        waiting = place.stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(door.getsockname())
    await asyncio.sleep(0.05)
    return f"http://127.0.0.1:{door.getsockname()[1]}"


async def hangs_in_the_handshake(place: Place) -> str:
    return (await place.serve(silent)).url.replace("http:", "https:")


async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(2 * PATIENCE)


async def resets(_head: str, writer: asyncio.StreamWriter) -> None:
    reset(writer)


async def resets_in_the_body(_head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(summary())[:-10])
    await writer.drain()
    await asyncio.sleep(0.02)
    reset(writer)


def drips(at_once: bytes, drop: bytes) -> Talk:
    async def talk(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(at_once)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.3)

    return talk


async def pours(_head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(b"", JSON, length=False))
    while True:
        writer.write(b" " * 4096)
        await writer.drain()


def status(line: str, *headers: str) -> Fault:
    return says(reply({"redis": "UP"}, *headers, status=line))


HEAD = reply(b"", JSON, "Content-Length: 9999", length=False)
BOMB = reply(gzip.compress(bytes(8 * 1024 * 1024)), JSON, "Content-Encoding: gzip")

# name: how it fails, the cause, what the probe is in the end, what the page is
FAULTS: dict[str, tuple[Fault, Cause, State, State]] = {
    "no such name": (named(no_such_name), Cause.DNS, DOWN, UNKNOWN),
    "name servers fail": (named(name_server_fails), Cause.DNS_FAILED, DOWN, UNKNOWN),
    "name servers hang": (named(name_server_hangs), Cause.DNS_FAILED, DOWN, UNKNOWN),
    "refused": (refuses, Cause.REFUSED, DOWN, UNKNOWN),
    "connect time-out": (lets_nobody_in, Cause.CONNECT_TIMEOUT, DOWN, UNKNOWN),
    "TLS time-out": (hangs_in_the_handshake, Cause.CONNECT_TIMEOUT, DOWN, UNKNOWN),
    "TLS expired": (says(b"", outdated), Cause.TLS, DOWN, UNKNOWN),
    "TLS of another host": (says(b"", of_another_host), Cause.TLS, DOWN, UNKNOWN),
    "TLS self-signed": (says(b"", lambda _: self_signed()), Cause.TLS, DOWN, UNKNOWN),
    "TLS without the intermediate": (says(b"", without_the_intermediate), Cause.TLS_CHAIN, UNKNOWN, UNKNOWN),
    "TLS of an unknown authority": (says(b"", lambda _: whole_chain(trustme.CA())), Cause.TLS_CHAIN, UNKNOWN, UNKNOWN),
    "TLS with an unknown root": (says(b"", lambda _: with_the_root(trustme.CA())), Cause.TLS_CHAIN, UNKNOWN, UNKNOWN),
    "reset": (says(resets), Cause.RESET, DOWN, UNKNOWN),
    "hung up": (says(b""), Cause.RESET, DOWN, UNKNOWN),
    "read time-out": (says(silent), Cause.TIMEOUT, DOWN, UNKNOWN),
    "total time-out": (says(drips(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n")), Cause.TIMEOUT, DOWN, UNKNOWN),
    "drip": (says(drips(HEAD, b" ")), Cause.SLOW, UNKNOWN, UNKNOWN),
    "stalls": (says(drips(HEAD, b"")), Cause.SLOW, UNKNOWN, UNKNOWN),
    "reset in the body": (says(resets_in_the_body), Cause.RESET, UNKNOWN, UNKNOWN),
    "403 wall": (status("403 Forbidden"), Cause.BLOCKED, UNKNOWN, UNKNOWN),
    "challenge": (status("403 Forbidden", CHALLENGE), Cause.BLOCKED, UNKNOWN, UNKNOWN),
    "challenge with 503": (status("503 Service Unavailable", CHALLENGE), Cause.BLOCKED, UNKNOWN, UNKNOWN),
    "challenge with 404": (status("404 Not Found", "CF-Mitigated: Challenge"), Cause.BLOCKED, UNKNOWN, UNKNOWN),
    "challenge with 200": (status("200 OK", CHALLENGE), Cause.BLOCKED, UNKNOWN, UNKNOWN),
    "429": (status("429 Too Many Requests"), Cause.RATE_LIMITED, UNKNOWN, UNKNOWN),
    "500": (status("500 Internal Server Error"), Cause.SERVER_ERROR, DOWN, UNKNOWN),
    "502": (status("502 Bad Gateway"), Cause.SERVER_ERROR, DOWN, UNKNOWN),
    "503": (status("503 Service Unavailable"), Cause.SERVER_ERROR, DOWN, UNKNOWN),
    "504": (status("504 Gateway Timeout"), Cause.SERVER_ERROR, DOWN, UNKNOWN),
    "503 with a drip": (
        says(drips(HEAD.replace(b"200 OK", b"503 No"), b" ")),
        Cause.SERVER_ERROR,
        DOWN,
        UNKNOWN,
    ),
    **{f"{code}": (status(f"{code} Gate"), Cause.GATE, DOWN, UNKNOWN) for code in (*range(520, 528), 530)},
    "511 of a network that wants a login": (
        status("511 Network Authentication Required"),
        Cause.OWN_NETWORK,
        UNKNOWN,
        UNKNOWN,
    ),
    "404": (status("404 Not Found"), Cause.PAGE_GONE, GONE, GONE),
    "bad JSON": (says(reply(b'{"redis": ', JSON)), Cause.NOT_JSON, UNKNOWN, UNKNOWN),
    "other JSON": (says(reply({"hello": "world"})), Cause.WRONG_SHAPE, UNKNOWN, UNKNOWN),
    "empty": (says(reply(b"", JSON)), Cause.NOT_JSON, UNKNOWN, UNKNOWN),
    "HTML": (says(reply(b"<!doctype html><title>Hi</title>")), Cause.PAGE_GONE, GONE, GONE),
    "bomb": (says(BOMB), Cause.TOO_LARGE, UNKNOWN, UNKNOWN),
    "endless": (says(pours), Cause.TOO_LARGE, UNKNOWN, UNKNOWN),
    "100 KB header": (says(reply(b"", "X-Long: " + "a" * 100_000)), Cause.GARBLED, UNKNOWN, UNKNOWN),
    "not HTTP": (says(b"220 mail.example.org ESMTP\r\n"), Cause.GARBLED, UNKNOWN, UNKNOWN),
    "redirect loop": (says(moved("/again")), Cause.REDIRECTS, UNKNOWN, UNKNOWN),
}
LATE = {"name servers hang", "connect time-out", "TLS time-out", "read time-out", "total time-out", "drip", "stalls"}


@pytest.fixture
def place(serve: Serve, names: Names, trusted: trustme.CA) -> Place:
    return Place(serve, names, trusted)


async def three_looks(looker: Looker, url: str, clock: FakeClock) -> dict[Signal, list[Reading]]:
    board, held = SignalBoard(), dict[Signal, list[Reading]]()
    sources = probe(f"{url}/health", {"redis": "UP"}), page(url)
    for source in sources:
        board.put("example", Reading(source.signal, State.UP, Cause.ANSWERED, clock.now))
    for _ in range(3):
        clock.now += 60
        for fresh in await asyncio.gather(*map(looker.look, sources)):
            held.setdefault(fresh.signal, []).append(board.put("example", fresh).now)
    return held


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_has_its_own_reading(place: Place, watching: Watching, clock: FakeClock, name: str) -> None:
    fault, cause, probe_state, page_state = FAULTS[name]
    control = await place.serve(reply(b"", status="204 No Content"))
    looker = await watching(control.url, control.url, times=IMPATIENT if name in LATE else PATIENT)

    with place.stack:
        held = await three_looks(looker, await fault(place), clock)

    probed, official = held[Signal.PROBE], held[Signal.OFFICIAL]
    assert {one.cause for one in (*probed, *official)} == {cause}
    assert (probed[-1].state, official[-1].state) == (probe_state, page_state)
    assert [one.state for one in probed[:2]] == [UNKNOWN, UNKNOWN if probe_state is GONE else probe_state]
    assert all(one.state in {UNKNOWN, GONE} for one in official)


@pytest.mark.parametrize(
    ("certificate", "wording"),
    [
        (outdated, "certificate has expired"),
        (of_another_host, "certificate is not valid for '127.0.0.1'"),
        (lambda _ca: self_signed(), "self-signed certificate"),
        (without_the_intermediate, "unable to get local issuer certificate"),
    ],
    ids=["expired", "of another host", "self-signed", "without the intermediate"],
)
async def test_what_is_wrong_with_a_certificate_is_told(
    place: Place, looker: Looker, certificate: Callable[[trustme.CA], ssl.SSLContext], wording: str
) -> None:
    reading = await looker.look(page(await says(b"", certificate)(place)))

    assert wording in reading.detail
