"""The real status client against local servers. Nothing in here leaves this machine."""

import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ssl import SSLContext, create_default_context
from typing import Any

import aiohttp
import aiohttp.connector
import pytest
import trustme

from bot.status.controls import Controls
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from tests.patience import PATIENCE
from tests.status.servers import Site, Talk

PATIENT = aiohttp.ClientTimeout(total=PATIENCE, connect=PATIENCE, sock_read=PATIENCE)
IMPATIENT = aiohttp.ClientTimeout(total=2, connect=1, sock_read=1)
"""For tests in which nothing comes; long enough that a busy machine still gets as far as that."""

Serve = Callable[..., Awaitable[Site]]
Watching = Callable[..., Awaitable[Looker]]
Names = dict[str, Callable[[], list[str]]]


@dataclass
class FakeClock:
    """Time that passes when a test says so."""

    now: float = 1_772_370_000.0
    """An hour after the incidents of `servers.incident` began."""

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine stands in Tokyo."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Opens servers: `await serve(answer)`, where the answer is all bytes or a talk."""
    async with AsyncExitStack() as stack:

        async def opened(answer: bytes | Talk, host: str = "127.0.0.1", tls: SSLContext | None = None) -> Site:
            site = Site(answer)
            await site.open(host, tls)
            stack.push_async_callback(site.close)
            return site

        yield opened


async def _looker(clock: FakeClock, times: aiohttp.ClientTimeout, *, allow_private: bool) -> AsyncIterator[Looker]:
    async with Fetcher(allow_private=allow_private, timeout=times) as fetcher:
        yield Looker(fetcher, clock)


@pytest.fixture
async def looker(clock: FakeClock) -> AsyncIterator[Looker]:
    """May go to this machine; has time."""
    async for one in _looker(clock, PATIENT, allow_private=True):
        yield one


@pytest.fixture
async def impatient(clock: FakeClock) -> AsyncIterator[Looker]:
    """May go to this machine; a second between two bytes, two for all."""
    async for one in _looker(clock, IMPATIENT, allow_private=True):
        yield one


@pytest.fixture
async def guarded(clock: FakeClock) -> AsyncIterator[Looker]:
    """As in production: public addresses only."""
    async for one in _looker(clock, PATIENT, allow_private=False):
        yield one


@pytest.fixture
async def watching(clock: FakeClock) -> AsyncIterator[Watching]:
    """Opens lookers with control targets: `await watching(url, url)`; they may go to this machine."""
    async with AsyncExitStack() as stack:

        async def opened(
            *controls: str, times: aiohttp.ClientTimeout = PATIENT, controls_have: aiohttp.ClientTimeout = PATIENT
        ) -> Looker:
            fetcher = await stack.enter_async_context(Fetcher(allow_private=True, timeout=times))
            asks = await stack.enter_async_context(Fetcher(allow_private=True, timeout=controls_have))
            return Looker(fetcher, clock, Controls(asks, controls, clock))

        yield opened


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address that refuses every connection."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What the system's resolver says of names a test makes up: a call that gives addresses or raises.

    The real one is asked about addresses and this machine only; any other name does not exist.
    """
    known: Names = {}
    ask = socket.getaddrinfo

    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002 - as the real one
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[Any, ...]]:
        if host in known:
            return [_info(address, port) for address in known[host]()]
        if str(host).lower() != "localhost":
            flags |= socket.AI_NUMERICHOST
        return ask(host, port, family, type, proto, flags)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def _info(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """The client trusts this authority and no other; all else of its TLS is as it comes."""
    context = create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)
    return authority
