"""`/status` for many people at once: few polls, and nobody disturbs another's."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest

from bot.core.service import Links, Service, Source
from bot.core.signals import Cause, Incident, Reading, Signal, SignalBoard, State
from bot.usecases.reports.check_status import CheckStatus
from tests.patience import PATIENCE
from tests.status.conftest import FakeClock

OFFICIAL = Source(Signal.OFFICIAL, "statuspage", "https://status.example.org")
PROBE = Source(Signal.PROBE, "http", "https://example.org/health")


def service(name: str = "example", sources: tuple[Source, ...] = (OFFICIAL, PROBE)) -> Service:
    links = Links(website="https://example.org", support="https://example.org/help")
    return Service(name, name.title(), (), (), links, sources, (), {})


class FakeSource:
    """Looks that take until `land` is set, see `states`, and are counted."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.looks: Counter[str] = Counter()
        self.land = asyncio.Event()
        self.states: dict[Signal, State] = {}
        self.fault: Exception | None = None
        self.cut_short = 0

    async def look(self, source: Source) -> Reading:
        self.looks[source.url] += 1
        try:
            await self.land.wait()
        except asyncio.CancelledError:
            self.cut_short += 1
            raise
        if self.fault is not None:
            raise self.fault
        state = self.states.get(source.signal, State.UP)
        return Reading(source.signal, state, Cause.ANSWERED, self.clock(), source.link)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(clock: FakeClock) -> FakeSource:
    return FakeSource(clock)


@pytest.fixture
def board() -> SignalBoard:
    return SignalBoard()


@pytest.fixture
def check(source: FakeSource, board: SignalBoard, clock: FakeClock) -> CheckStatus:
    return CheckStatus(source, board, clock)


async def a_moment() -> None:
    """Let everything that can run, run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_fifty_who_ask_at_once_share_one_look_at_each_source_and_all_see_it(
    check: CheckStatus, source: FakeSource, board: SignalBoard
) -> None:
    seen: list[tuple[bool, bool]] = []

    async def ask() -> None:
        await check.look(service())
        official, probed = board.get("example", Signal.OFFICIAL), board.get("example", Signal.PROBE)
        seen.append((official is not None, probed is not None))

    asking = asyncio.gather(*(ask() for _ in range(50)))
    await a_moment()
    assert seen == []
    source.land.set()
    await asking

    assert source.looks == {OFFICIAL.url: 1, PROBE.url: 1}
    assert seen == [(True, True)] * 50


async def test_the_sources_are_looked_at_side_by_side(check: CheckStatus, source: FakeSource) -> None:
    asking = asyncio.create_task(check.look(service()))
    await a_moment()

    assert source.looks == {OFFICIAL.url: 1, PROBE.url: 1}
    source.land.set()
    await asking


async def test_a_slow_service_does_not_hold_up_another(check: CheckStatus, source: FakeSource) -> None:
    slow = asyncio.create_task(check.look(service("slow")))
    await a_moment()
    source.land.set()
    other = Source(Signal.OFFICIAL, "statuspage", "https://status.example.com")

    await check.look(service("other", (other,)))

    assert source.looks[other.url] == 1
    await slow


@pytest.mark.parametrize(
    ("later", "looks"),
    [(0.0, 1), (5.0, 1), (9.9, 1), (10.0, 2), (3600.0, 2), (-5.0, 1), (-3600.0, 2)],
)
async def test_ten_seconds_pass_between_two_looks_also_when_the_clock_is_set_back(
    check: CheckStatus, source: FakeSource, clock: FakeClock, later: float, looks: int
) -> None:
    source.land.set()
    await check.look(service())
    clock.now += later
    await check.look(service())

    assert source.looks[OFFICIAL.url] == looks


async def test_the_ten_seconds_begin_when_the_look_ends(
    check: CheckStatus, source: FakeSource, clock: FakeClock
) -> None:
    asking = asyncio.create_task(check.look(service()))
    await a_moment()
    clock.now += 30
    source.land.set()
    await asking
    clock.now += 9
    await check.look(service())
    assert source.looks[OFFICIAL.url] == 1

    clock.now += 1
    await check.look(service())
    assert source.looks[OFFICIAL.url] == 2


async def test_a_look_at_one_service_does_not_count_for_another(check: CheckStatus, source: FakeSource) -> None:
    source.land.set()
    await check.look(service("one"))
    await check.look(service("two"))

    assert source.looks[OFFICIAL.url] == 2


@pytest.mark.parametrize("impatient", [[0], [1], [0, 1, 2]], ids=["the first", "the second", "all"])
async def test_one_who_stops_waiting_does_not_end_the_look_of_the_others(
    check: CheckStatus, source: FakeSource, board: SignalBoard, impatient: list[int]
) -> None:
    askers = [asyncio.create_task(check.look(service())) for _ in range(3)]
    await a_moment()
    for number in impatient:
        askers[number].cancel()
    await a_moment()
    source.land.set()
    await asyncio.gather(*askers, return_exceptions=True)
    await a_moment()

    assert [asker.cancelled() for asker in askers] == [number in impatient for number in range(3)]
    assert source.cut_short == 0
    assert board.get("example", Signal.OFFICIAL) is not None
    assert source.looks == {OFFICIAL.url: 1, PROBE.url: 1}


async def test_one_who_asks_after_another_stopped_waiting_joins_the_same_look(
    check: CheckStatus, source: FakeSource
) -> None:
    first = asyncio.create_task(check.look(service()))
    await a_moment()
    first.cancel()
    second = asyncio.create_task(check.look(service()))
    await a_moment()
    source.land.set()
    await second

    assert source.looks[OFFICIAL.url] == 1


async def test_a_source_that_blows_up_does_not_block_the_service_for_good(
    check: CheckStatus, source: FakeSource, board: SignalBoard, clock: FakeClock
) -> None:
    source.land.set()
    source.fault = RuntimeError("a bug of ours")
    with suppress(RuntimeError):
        await check.look(service())
    source.fault = None
    clock.now += 10

    await check.look(service())

    seen = board.get("example", Signal.OFFICIAL)
    assert seen is not None and seen.now.state is State.UP


async def test_closing_ends_a_look_that_is_under_way(check: CheckStatus, source: FakeSource) -> None:
    asking = asyncio.create_task(check.look(service()))
    await a_moment()

    await asyncio.wait_for(check.close(), PATIENCE)
    await asyncio.wait([asking], timeout=PATIENCE)

    assert source.cut_short == 2
    assert asking.done()


@pytest.mark.parametrize(
    ("official", "probed", "in_trouble", "gone"),
    [
        (State.UP, State.UP, False, False),
        (State.UP, State.DOWN, True, False),
        (State.DEGRADED, State.UP, True, False),
        (State.GONE, State.DEGRADED, True, False),
        (State.MAINTENANCE, State.UP, False, False),
        (State.UNKNOWN, State.UNKNOWN, False, False),
        (State.GONE, State.UP, False, False),
        (State.GONE, State.UNKNOWN, False, False),
        (State.GONE, State.GONE, False, True),
    ],
)
async def test_trouble_is_what_any_source_says_and_gone_what_all_say(
    check: CheckStatus, source: FakeSource, official: State, probed: State, in_trouble: bool, gone: bool
) -> None:
    source.land.set()
    source.states = {Signal.OFFICIAL: official, Signal.PROBE: probed}
    await check.look(service())

    assert (check.in_trouble(service()), check.gone(service())) == (in_trouble, gone)


@pytest.mark.parametrize("sources", [(), (OFFICIAL, PROBE)], ids=["no sources", "nobody looked"])
def test_a_service_nobody_looked_at_is_neither_in_trouble_nor_gone(
    check: CheckStatus, sources: tuple[Source, ...]
) -> None:
    assert not check.in_trouble(service(sources=sources))
    assert not check.gone(service(sources=sources))


async def test_a_service_without_sources_can_be_looked_at(check: CheckStatus, source: FakeSource) -> None:
    await asyncio.wait_for(check.look(service(sources=())), PATIENCE)

    assert not source.looks


async def test_a_service_is_read_more_often_for_new_trouble_and_not_for_an_incident_of_months(
    check: CheckStatus, board: SignalBoard, clock: FakeClock
) -> None:
    incident = Incident("Slow", "monitoring", since=clock.now - 600)
    board.put("example", Reading(Signal.OFFICIAL, State.DEGRADED, Cause.ANSWERED, clock.now, incidents=(incident,)))
    assert check.in_trouble(service())
    clock.now += 90 * 86_400
    assert not check.in_trouble(service())


async def test_a_service_that_one_look_found_down_is_read_again_soon(
    check: CheckStatus, board: SignalBoard, clock: FakeClock
) -> None:
    board.put("example", Reading(Signal.PROBE, State.DOWN, Cause.SERVER_ERROR, clock.now))
    assert check.in_trouble(service())
