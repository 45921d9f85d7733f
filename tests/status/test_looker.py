"""Polling over the network: however many people ask, a source gets one request."""

import asyncio

import pytest

from bot.core.service import Links, Service
from bot.core.signals import SignalBoard
from bot.status.looker import Looker
from bot.usecases.reports.check_status import CheckStatus
from tests.status.conftest import FakeClock, Serve
from tests.status.servers import page, probe, reply, summary


@pytest.fixture
def board() -> SignalBoard:
    return SignalBoard()


async def test_fifty_who_ask_at_once_are_one_look_on_the_wire(
    serve: Serve, looker: Looker, board: SignalBoard, clock: FakeClock
) -> None:
    official, health = await serve(reply(summary("minor"))), await serve(reply({"redis": "UP"}))
    links = Links("https://example.org", "https://example.org/help")
    sources = page(official), probe(health, {"redis": "UP"})
    example = Service("example", "Example", (), (), links, sources, (), {})
    check = CheckStatus(looker, board, clock)

    await asyncio.gather(*(check.look(example) for _ in range(50)))

    assert len(official.heads) == 2, "the first look also asks whether the page is incident.io's"
    assert len(health.heads) == 1
    assert check.in_trouble(example)
