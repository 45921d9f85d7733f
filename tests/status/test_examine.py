"""Examining an address for a new service: its status page, and an address for a probe."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.core.signals import State
from bot.status.examine import as_probe, find_page, find_probe
from bot.status.fetch import Fetcher, FetchFailedError
from tests.status.conftest import PATIENT, Serve
from tests.status.servers import Site, reply, summary

AT = 1_772_370_000.0
HTML = "Content-Type: text/html"
PAGE = reply(summary())


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allow_private=True, timeout=PATIENT) as one:
        yield one


async def site(serve: Serve, pages: Mapping[str, bytes]) -> Site:
    """A site that answers by path; anything else is not found."""

    async def talk(head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(pages.get(head.split(" ", 2)[1], reply("nothing here", status="404 Not Found")))
        await writer.drain()

    return await serve(talk)


def home(*links: str) -> bytes:
    return reply("<html>" + "".join(f'<a class="x" href="{link}">Here</a>' for link in links) + "</html>", HTML)


def asked(one: Site) -> list[str]:
    return [head.split(" ", 2)[1] for head in one.heads]


@pytest.mark.parametrize("link", ["/our-status", "/our-status/", "/our-status#today", "/our-status/#today"])
async def test_the_page_is_where_the_website_links_to(serve: Serve, fetcher: Fetcher, link: str) -> None:
    one = await site(serve, {"/": home("/about", link), "/our-status/api/v2/summary.json": PAGE})
    found = await find_page(fetcher, one.url, AT)
    assert found is not None and found.source.url == f"{one.url}/our-status"
    assert (found.reading.state, found.parts, found.source.link) == (State.UP, ["API"], f"{one.url}/our-status")
    assert not any(path.startswith("/about") for path in asked(one)), "only what is called a status"


async def test_a_link_that_leads_to_nothing_does_not_hide_the_next(serve: Serve, fetcher: Fetcher) -> None:
    links = home("http://127.0.0.1:1/status", "/status-old", "/status")
    one = await site(serve, {"/": links, "/status/api/v2/summary.json": PAGE})
    found = await find_page(fetcher, one.url, AT)
    assert found is not None and found.source.url == f"{one.url}/status"


async def test_a_website_with_a_hundred_links_is_not_asked_a_hundred_times(serve: Serve, fetcher: Fetcher) -> None:
    links = [f"/status/{number}" for number in range(100)]
    one = await site(serve, {"/": home(*links), "/status/4/api/v2/summary.json": PAGE})
    found = await find_page(fetcher, one.url, AT)
    assert found is not None and found.source.url == f"{one.url}/status/4", "the fifth is still tried"
    other = await site(serve, {"/": home(*links), "/status/5/api/v2/summary.json": PAGE})
    assert await find_page(fetcher, other.url, AT) is None
    assert not any(path.startswith("/status/5") for path in asked(other))


async def test_an_address_at_which_nobody_answers_is_a_failure_and_not_a_website_without_a_page(
    fetcher: Fetcher,
) -> None:
    with pytest.raises(FetchFailedError):
        await find_page(fetcher, "http://127.0.0.1:1", AT)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": "ok", "version": "1.2"}, {"status": "ok"}),
        ({"Status": "Healthy", "up": True, "n": 3}, {"Status": "Healthy", "up": True}),
        ({"debug": True, "alive": True}, {"alive": True}),
        ({"alive": 1, "db": "down"}, {}),
        ({"x" * 40: "ok", "y" * 41: "ok"}, {"x" * 40: "ok"}),
        (["ok"], {}),
        ("no JSON", {}),
    ],
)
async def test_a_probe_expects_what_says_that_all_is_well(
    serve: Serve, fetcher: Fetcher, answer: Any, expected: dict[str, Any]
) -> None:
    one = await site(serve, {"/alive": reply(answer)})
    found = await as_probe(fetcher, f"{one.url}/alive")
    assert found is not None and dict(found.expect) == expected


async def test_what_does_not_answer_with_data_is_no_probe(serve: Serve, fetcher: Fetcher) -> None:
    one = await site(serve, {"/": home(), "/broken": reply({"status": "ok"}, status="500 Oh")})
    for path in ("/", "/broken", "/nowhere"):
        assert await as_probe(fetcher, f"{one.url}{path}") is None


async def test_the_first_usual_address_that_says_that_it_is_well_is_the_probe(serve: Serve, fetcher: Fetcher) -> None:
    pages = {"/health": reply({"n": 1}), "/api/health": reply({"status": "up"}), "/ping": reply({"ok": True})}
    one = await site(serve, pages)
    found = await find_probe(fetcher, one.url)
    assert found is not None and (found.url, dict(found.expect)) == (f"{one.url}/api/health", {"status": "up"})
    assert await find_probe(fetcher, (await site(serve, {"/health": reply({"n": 1})})).url) is None
    assert await find_probe(fetcher, "http://127.0.0.1:1") is None, "nobody answers"
