"""The real status client with local servers. No connection leaves this machine."""

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
"""The time limit for tests in which no answer comes; long enough for a busy machine."""

Serve = Callable[..., Awaitable[Site]]
Watching = Callable[..., Awaitable[Looker]]
Names = dict[str, Callable[[], list[str]]]


@dataclass
class FakeClock:
    """A clock that a test advances."""

    now: float = 1_772_370_000.0
    """An hour after the start of the incidents of `servers.incident`."""

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sets the time zone of this machine to Tokyo."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Opens servers: `await serve(answer)`, where the answer is bytes or a function that answers a request."""
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
    """A client that may connect to this machine, with long time limits."""
    async for one in _looker(clock, PATIENT, allow_private=True):
        yield one


@pytest.fixture
async def impatient(clock: FakeClock) -> AsyncIterator[Looker]:
    """A client that may connect to this machine, with a second between two bytes and two in total."""
    async for one in _looker(clock, IMPATIENT, allow_private=True):
        yield one


@pytest.fixture
async def guarded(clock: FakeClock) -> AsyncIterator[Looker]:
    """A client as in production, for public addresses only."""
    async for one in _looker(clock, PATIENT, allow_private=False):
        yield one


@pytest.fixture
async def watching(clock: FakeClock) -> AsyncIterator[Watching]:
    """Opens pollers with control targets: `await watching(url, url)`. They may connect to this machine."""
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
    """Answers of the system's resolver for invented names: a function that returns addresses or raises.

    The real resolver is only asked about addresses and this machine. Any other name does not exist.
    """
    known: Names = {}
    ask = socket.getaddrinfo

    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the name in the real function
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
    """The client trusts only this authority. The rest of its TLS is unchanged."""
    context = create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)
    return authority
