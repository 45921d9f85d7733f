"""The state of the watch over a restart: continued where it was, or learned again if it is garbage."""

import json

import pytest

from bot.core.outage_life import Outage, Phase
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE
from bot.core.watch import WatchState
from bot.usecases.leadership import OnlyProcess
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.watch_states import WatchStates, from_document, to_document
from bot.usecases.services import Services
from tests.usecases.fakes import a_service
from tests.usecases.outages.outage_world import SERVICE, START, Disk

MINUTES = int(START) // MINUTE
ON = Outage(SERVICE, Phase.ON, START - 600, id=1)


def states_on(document: str | None, *outages: Outage) -> WatchStates:
    disk, cache = Disk(watch={} if document is None else {SERVICE: document}), OutageCache()
    for outage in outages:
        cache.put(outage)
    return WatchStates(Services([a_service(SERVICE)]), disk, cache, OnlyProcess(), lambda: START)


def test_a_state_is_the_same_after_it_was_saved() -> None:
    detector = OutageDetector()
    for minute in range(MINUTES - 100, MINUTES):
        detector.update(minute, minute % 3, 2)
    state = WatchState(SERVICE, detector, MINUTES, ((MINUTES - 20, MINUTES - 10),), ON)
    again = from_document(SERVICE, to_document(state), ON)
    assert again.detector.state() == detector.state()
    assert (again.next_minute, again.unobserved, again.outage) == (state.next_minute, state.unobserved, ON)


async def test_the_minutes_in_which_no_process_ran_are_unobserved() -> None:
    states = states_on(to_document(WatchState(SERVICE, OutageDetector(), MINUTES - 30)), ON)
    await states.load()
    held = states.held(SERVICE)
    assert (held.state.next_minute, held.state.outage, held.unwritten) == (MINUTES + 1, ON, False)
    [span] = states.unobserved(SERVICE)
    assert (span.start, span.end) == ((MINUTES - 30) * MINUTE, (MINUTES + 1) * MINUTE)


@pytest.mark.parametrize("document", [None, "{}", "[", json.dumps({"detector": {}, "next_minute": 1, "unseen": []})])
async def test_without_a_usable_state_learning_starts_again_and_the_last_day_is_unobserved(
    document: str | None,
) -> None:
    states = states_on(document, ON)
    await states.load()
    [span] = states.unobserved(SERVICE)
    assert span.end is not None and span.end - span.start == DAY + MINUTE
    assert not states.detector(SERVICE).seasoned
    assert states.held(SERVICE).state.outage == ON, "an outage does not end because the detector forgot"


async def test_a_service_that_is_followed_from_now_on_begins_once_and_with_what_was_written() -> None:
    services = Services([a_service("another")])
    disk = Disk(watch={SERVICE: to_document(WatchState(SERVICE, OutageDetector(), MINUTES - 30))})
    states = WatchStates(services, disk, OutageCache(), OnlyProcess(), lambda: START)
    await states.load()
    assert states.unobserved(SERVICE)[0].end is None, "nobody watches it"
    assert await states.begin(SERVICE)
    held = states.held(SERVICE)
    assert not await states.begin(SERVICE) and states.held(SERVICE) is held
    assert states.unobserved(SERVICE)[0].start == (MINUTES - 30) * MINUTE
