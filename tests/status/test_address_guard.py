"""Nobody can make the bot knock at a private door: not by an address, a name, or a redirect."""

import asyncio
import socket

import pytest

from bot.core.signals import Cause, Reading, State
from bot.status import guard
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from tests.status.conftest import IMPATIENT, FakeClock, Names, Serve
from tests.status.servers import moved, page, probe, reply, summary

HELLO = reply(summary())

REACHES_THIS_MACHINE = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "0.0.0.0",
    "0x7f000001",
    "0x7f.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
]
PRIVATE = [
    *REACHES_THIS_MACHINE,
    "0",
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127.0.0.2",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[ff02::1]",
]


def refused(reading: Reading) -> bool:
    return (reading.state, reading.cause) == (State.UNKNOWN, Cause.ADDRESS_REFUSED)


@pytest.mark.parametrize("host", REACHES_THIS_MACHINE)
async def test_without_the_guard_these_addresses_reach_this_machine(serve: Serve, looker: Looker, host: str) -> None:
    site = await serve(HELLO)

    assert (await looker.look(page(f"http://{host}:{site.port}"))).state is State.UP


@pytest.mark.parametrize("host", PRIVATE)
async def test_an_address_that_is_not_public_is_refused_and_nothing_is_sent(
    serve: Serve, guarded: Looker, host: str
) -> None:
    site = await serve(HELLO)

    assert refused(await guarded.look(page(f"http://{host}:{site.port}")))
    assert refused(await guarded.look(probe(f"http://{host}:{site.port}/health")))
    assert site.visits == 0


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "fd00::1"],
)
async def test_a_name_that_leads_to_a_private_address_is_refused(
    serve: Serve, guarded: Looker, names: Names, address: str
) -> None:
    site = await serve(HELLO)
    names["rebound.test"] = lambda: [address]

    assert refused(await guarded.look(page(f"http://rebound.test:{site.port}")))
    assert site.visits == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://user:word@127.0.0.1",
        "http://user@example.org",
        "file:///etc/passwd",
        "ftp://example.org",
        "unix:///var/run/docker.sock",
        "gopher://127.0.0.1",
        "http://",
        "http:///path",
        "https:example.org",
        "//example.org",
        "",
    ],
)
async def test_an_address_that_is_not_plain_http_is_refused_even_where_private_ones_are_allowed(
    looker: Looker, url: str
) -> None:
    assert refused(await looker.look(probe(url)))


@pytest.fixture
def first_hop_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 counts as public here, and it alone: there must be somewhere to start from."""
    real = guard.is_public
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1" or real(address))


@pytest.mark.usefixtures("first_hop_is_public")
@pytest.mark.parametrize(
    "host", ["127.0.0.2", "[::ffff:127.0.0.2]", "0.0.0.0", "127.2", "2130706434", "0x7f000002", "inside.test"]
)
async def test_a_redirect_to_a_private_address_is_refused_and_the_server_there_sees_nothing(
    serve: Serve, guarded: Looker, names: Names, host: str
) -> None:
    inside = await serve(HELLO, host="127.0.0.2")
    names["inside.test"] = lambda: ["127.0.0.2"]
    outside = await serve(moved(f"http://{host}:{inside.port}/"))

    assert refused(await guarded.look(page(outside)))
    assert (outside.visits, inside.visits) == (1, 0)


@pytest.mark.usefixtures("first_hop_is_public")
async def test_a_redirect_to_a_public_address_is_followed_by_the_guarded_client(serve: Serve, guarded: Looker) -> None:
    there = await serve(HELLO)
    here = await serve(moved(there.url))

    assert (await guarded.look(page(here))).state is State.UP


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file:/etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "data:application/json,{}",
        "javascript:alert(1)",
        "unix:///var/run/docker.sock",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
    ],
)
async def test_a_redirect_to_something_that_is_not_plain_http_is_refused(
    serve: Serve, looker: Looker, target: str
) -> None:
    site = await serve(moved(target))

    assert refused(await looker.look(page(site)))
    assert site.visits == 1


@pytest.mark.usefixtures("first_hop_is_public")
async def test_a_name_with_a_private_and_a_public_address_is_read_at_the_public_one(
    serve: Serve, guarded: Looker, names: Names
) -> None:
    site = await serve(HELLO)
    names["both.test"] = lambda: ["127.0.0.2", "::1", "127.0.0.1"]

    assert (await guarded.look(page(f"http://both.test:{site.port}"))).state is State.UP


@pytest.mark.usefixtures("first_hop_is_public")
async def test_an_address_refused_on_the_way_does_not_hide_what_went_wrong_at_the_other(
    serve: Serve, clock: FakeClock, names: Names
) -> None:
    async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    site = await serve(silent)
    names["both.test"] = lambda: ["127.0.0.2", "127.0.0.1"]
    async with Fetcher(timeout=IMPATIENT) as fetcher:
        reading = await Looker(fetcher, clock).look(page(f"http://both.test:{site.port}"))

    assert (site.visits, reading.cause) == (1, Cause.TIMEOUT)


async def test_two_looks_at_once_do_not_take_each_others_blame(serve: Serve, guarded: Looker) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        site = await serve(HELLO)
        private, odd = await asyncio.gather(
            guarded.look(page(f"http://127.0.0.1:{port}")), guarded.look(page(f"ftp://127.0.0.1:{site.port}"))
        )

    assert (private.detail, odd.detail) == ("127.0.0.1", "ftp")


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "104.18.0.1", "2606:4700::6810:1", "::ffff:8.8.8.8"])
def test_the_public_internet_is_not_refused(address: str) -> None:
    assert guard.is_public(address)


def test_the_old_private_range_of_ipv6_is_refused() -> None:
    assert not guard.is_public("fec0::1")
