"""Nobody can make the bot connect to a private address: not by an address, a name, or a redirect."""

import asyncio
import socket
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signals import Cause, Reading, State
from bot.status import guard
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from tests.patience import PATIENCE
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
    "\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11",
    "①②⑦.0.0.1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
]
PRIVATE = [
    *REACHES_THIS_MACHINE,
    "0",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0000177.0.0.1",
    "127.1.",
    "[0:0:0:0:0:0:0:1]",
    "[::1%25lo]",
    "[0000::0001]",
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
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::1]",
    "[2001:0:808:808:0:ffff:80ff:fffe]",
    "[2001:db8::1]",
    "[100::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff05::1]",
]
TRICKS = [
    "http://example.org@{here}/",
    "http://example.org:80@{here}/",
    "http://:word@{here}/",
    "http://@{here}/",
    "http://example.org%40{here}/",
    "http://example.org\\@{here}/",
    "http://{here}\\@example.org/",
    "http://{here}#@example.org/",
    "http://{here}?@example.org/",
    "http://{here};@example.org/",
    "http:\\\\{here}/",
    "http:/{here}/",
    "http:///{here}/",
    "http://\t{here}/",
    "http://{here}\x00.example.org/",
    "http://{here}%00.example.org/",
    "http://{here}%2f.example.org/",
    "http://[::ffff:{here}/",
    "HTTP://{here}/",
    " http://{here}/",
    "http://localhost.:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://%6c%6f%63%61%6c%68%6f%73%74:{port}/",
    "http://{here}:{port}/",
]


def refused(reading: Reading) -> bool:
    return (reading.state, reading.cause) == (State.UNKNOWN, Cause.ADDRESS_REFUSED)


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that any socket of this process is told to connect to, whether somebody listens there or not."""
    seen, connect = list[Any](), socket.socket.connect

    def spy(self: socket.socket, address: Any) -> None:
        seen.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", spy)
    return seen


@pytest.mark.parametrize("host", REACHES_THIS_MACHINE)
async def test_without_the_guard_these_addresses_reach_this_machine(serve: Serve, looker: Looker, host: str) -> None:
    site = await serve(HELLO)

    assert (await looker.look(page(f"http://{host}:{site.port}"))).state is State.UP


async def test_without_the_guard_a_connection_would_have_been_counted(
    serve: Serve, looker: Looker, dialled: list[Any]
) -> None:
    site = await serve(HELLO)
    await looker.look(page(site))

    assert (dialled, site.visits) == ([("127.0.0.1", site.port)] * 2, 2)


@pytest.mark.parametrize("host", PRIVATE)
async def test_an_address_that_is_not_public_is_refused_and_nothing_is_sent(
    serve: Serve, guarded: Looker, dialled: list[Any], host: str
) -> None:
    site = await serve(HELLO)

    assert refused(await guarded.look(page(f"http://{host}:{site.port}")))
    assert refused(await guarded.look(probe(f"http://{host}:{site.port}/health")))
    assert (site.visits, dialled) == (0, [])


@pytest.mark.parametrize("trick", TRICKS, ids=repr)
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_an_address_that_is_read_in_two_ways_leads_to_a_private_place_in_neither(
    serve: Serve, guarded: Looker, dialled: list[Any], trick: str, host: str
) -> None:
    site = await serve(HELLO)

    reading = await guarded.look(probe(trick.format(here=f"{host}:{site.port}", port=site.port)))

    assert reading.state is State.UNKNOWN
    assert (site.visits, dialled) == (0, [])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "fd00::1", "fe80::1"],
)
@pytest.mark.parametrize("name", ["rebound.test", "xn--rebund-yua.test", "127.0.0.1.rebound.test"])
async def test_a_name_that_leads_to_a_private_address_is_refused(
    serve: Serve, guarded: Looker, names: Names, dialled: list[Any], name: str, address: str
) -> None:
    site = await serve(HELLO)
    names[name] = lambda: [address]

    assert refused(await guarded.look(page(f"http://{name}:{site.port}")))
    assert (site.visits, dialled) == (0, [])


async def test_a_name_with_private_addresses_of_both_kinds_is_refused_at_each(
    serve: Serve, guarded: Looker, names: Names, dialled: list[Any]
) -> None:
    site = await serve(HELLO)
    names["both.test"] = lambda: ["10.0.0.1", "::1", "127.0.0.1", "fd00::1"]

    assert refused(await guarded.look(page(f"http://both.test:{site.port}")))
    assert (site.visits, dialled) == (0, [])


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
@pytest.mark.parametrize("status", ["301 M", "302 M", "303 M", "307 M", "308 M"])
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "HTTP://127.0.0.2:{port}/",
        "http://example.org@127.0.0.2:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://127.2:{port}/",
        "http://2130706434:{port}/",
        "http://0x7f000002:{port}/",
        "http://127。0。0。2:{port}/",
        "http://inside.test:{port}/",
        "https://127.0.0.2:{port}/",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused_and_the_server_there_sees_nothing(
    serve: Serve, guarded: Looker, names: Names, dialled: list[Any], target: str, status: str
) -> None:
    inside = await serve(HELLO, host="127.0.0.2")
    names["inside.test"] = lambda: ["127.0.0.2"]
    outside = await serve(reply(b"", f"Location: {target.format(port=inside.port)}", status=status))

    assert refused(await guarded.look(page(outside)))
    assert (outside.visits, inside.visits) == (1, 0)
    assert dialled == [("127.0.0.1", outside.port)]


@pytest.mark.usefixtures("first_hop_is_public")
async def test_a_private_address_behind_several_public_ones_is_refused(
    serve: Serve, guarded: Looker, dialled: list[Any]
) -> None:
    inside = await serve(HELLO, host="127.0.0.2")
    way = [await serve(moved(f"http://127.0.0.2:{inside.port}/"))]
    for _ in range(3):
        way.append(await serve(moved(f"{way[-1].url}/")))

    assert refused(await guarded.look(page(way[-1])))
    assert ([one.visits for one in way], inside.visits) == ([1, 1, 1, 1], 0)
    assert len(dialled) == 4


@pytest.mark.usefixtures("first_hop_is_public")
@pytest.mark.parametrize("within_one_look", [False, True])
async def test_a_name_that_changes_its_address_is_judged_anew_at_each_connection(
    serve: Serve, guarded: Looker, names: Names, dialled: list[Any], within_one_look: bool
) -> None:
    site = await serve(HELLO)
    first_look = 1 if within_one_look else 2  # it also asks whether the page is incident.io's
    said = iter(["127.0.0.1"] * first_look + ["127.0.0.2"])
    names["rebinding.test"] = lambda: [next(said)]
    rebinding = page(f"http://rebinding.test:{site.port}")
    if within_one_look:
        site.answer = moved("/again")
    else:
        assert (await guarded.look(rebinding)).state is State.UP

    assert refused(await guarded.look(rebinding))
    assert next(said, None) is None
    assert dialled == [("127.0.0.1", site.port)] * first_look


@pytest.mark.parametrize(
    "location",
    [
        "/x%0d%0aHost:%20evil.test%0d%0aX-Evil:%201",
        "/x%0D%0A%0D%0AGET%20/evil%20HTTP/1.1",
        "/\u010d\u010aX-Evil: 1",
        "/x\tX-Evil: 1",
        "/x\x0bX-Evil: 1",
        "/x\x85X-Evil: 1",
    ],
    ids=ascii,
)
async def test_a_redirect_cannot_put_a_line_into_our_next_request(serve: Serve, looker: Looker, location: str) -> None:
    site = await serve(moved(location))
    await looker.look(page(site))

    names_seen = {line.partition(":")[0].lower() for head in site.heads for line in head.split("\r\n")[1:] if line}
    assert names_seen <= {"host", "user-agent", "accept-encoding", "accept"}
    assert all(head.count("HTTP/1.1\r\n") == 1 for head in site.heads)


@pytest.mark.parametrize("end", [b"\r", b"\x00"])
async def test_a_redirect_with_a_broken_line_in_it_is_not_followed_to_the_second_part(
    serve: Serve, looker: Looker, dialled: list[Any], end: bytes
) -> None:
    evil = await serve(HELLO, host="127.0.0.2")
    there = f"Location: http://127.0.0.2:{evil.port}/".encode()
    site = await serve(reply(b"", b"Location: /x" + end + there, status="302 Found"))
    await looker.look(page(site))

    assert (evil.visits, len(dialled) > 0) == (0, True)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"])
async def test_a_proxy_in_the_environment_is_not_used(
    serve: Serve, looker: Looker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy, site = await serve(reply(b"", status="500 No")), await serve(HELLO)
    monkeypatch.setenv(name, proxy.url)

    assert (await looker.look(page(site))).state is State.UP
    assert proxy.visits == 0


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
        await asyncio.sleep(2 * PATIENCE)

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


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "104.18.0.1", "2606:4700::6810:1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b::101:101"],
)
def test_the_public_internet_is_not_refused(address: str) -> None:
    assert guard.is_public(address)


def test_a_server_that_does_not_answer_holds_up_nobody_else() -> None:
    """A socket that blocks would stop the whole bot until the connection is there."""
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 80))
    with closing(guard.socket_factory(allow_private=True)(info)) as made:
        assert not made.getblocking()


def test_the_old_private_range_of_ipv6_is_refused() -> None:
    assert not guard.is_public("fec0::1")


EMBEDDED = {
    "mapped": lambda v4: 0xFFFF << 32 | v4,
    "compatible": lambda v4: v4,
    "translated": lambda v4: 0xFFFF << 48 | v4,
    "NAT64": lambda v4: 0x64FF9B << 96 | v4,
    "local NAT64": lambda v4: 0x64FF9B0001 << 80 | v4,
    "6to4": lambda v4: 0x2002 << 112 | v4 << 80 | 1,
    "Teredo": lambda v4: 0x2001 << 112 | v4 ^ 0xFFFFFFFF,
}


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(EMBEDDED)))
def test_an_address_that_carries_another_is_public_only_if_that_one_is_and_no_way_round(v4: int, how: str) -> None:
    public = guard.is_public(str(IPv6Address(EMBEDDED[how](v4))))

    assert public == (how in {"mapped", "NAT64"} and guard.is_public(str(IPv4Address(v4))))


async def test_a_host_that_has_only_ipv6_reaches_public_names_and_no_private_ones(
    guarded: Looker, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[Any] = []

    def connect(_socket: socket.socket, address: Any) -> None:
        dialled.append(address[0])
        raise ConnectionRefusedError  # nothing in here leaves this machine

    monkeypatch.setattr(socket.socket, "connect", connect)
    names["public.test"] = lambda: ["64:ff9b::808:808"]
    names["private.test"] = lambda: ["64:ff9b::a9fe:a9fe"]

    assert (await guarded.look(page("http://public.test"))).cause is Cause.REFUSED
    assert refused(await guarded.look(page("http://private.test")))
    assert dialled == ["64:ff9b::808:808"]
