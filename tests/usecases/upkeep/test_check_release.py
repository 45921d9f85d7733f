"""A newer release is logged once, and checked at most once a day."""

import pytest

from bot.core.reports import DAY, HOUR
from bot.usecases.leadership import Leadership, Observer, OnlyProcess
from bot.usecases.upkeep.check_release import CheckRelease
from tests.usecases.upkeep.shelf import Shelf


class Place:
    """A bot of version 1.0.0 that is restarted before each look."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.newest: str | None = "1.1.0"
        self.now = 1_700_000_000.0
        self.asked = 0
        self.leadership: Leadership = OnlyProcess()
        self._shelf = Shelf()
        self._log = caplog

    async def looks(self, after: float) -> list[str]:
        """What is told."""

        async def newest() -> str | None:
            self.asked += 1
            return self.newest

        self.now += after
        self._log.clear()
        await CheckRelease("1.0.0", newest, self._shelf, self.leadership, lambda: self.now).look()
        return self._log.messages


@pytest.fixture
def place(caplog: pytest.LogCaptureFixture) -> Place:
    return Place(caplog)


async def test_a_newer_release_is_told_once(place: Place) -> None:
    assert await place.looks(0) == ["NotJustYou 1.1.0 is out; this is 1.0.0"]
    assert [await place.looks(DAY) for _ in range(3)] == [[], [], []]
    place.newest = "1.2.0"
    assert await place.looks(DAY) == ["NotJustYou 1.2.0 is out; this is 1.0.0"]


async def test_however_often_it_is_restarted_it_asks_once_a_day(place: Place) -> None:
    for _ in range(24):
        await place.looks(HOUR)
    assert place.asked == 1
    await place.looks(HOUR)
    assert place.asked == 2


async def test_nobody_is_told_of_what_is_not_newer_or_cannot_be_read(place: Place) -> None:
    for newest in ("1.0.0", "0.9.0", None):
        place.newest = newest
        assert await place.looks(DAY) == []
    assert place.asked == 3


async def test_what_cannot_be_read_is_asked_for_again_the_next_day_and_what_was_told_stays_told(place: Place) -> None:
    assert await place.looks(0) != []
    place.newest = None
    assert await place.looks(DAY) == [] and await place.looks(HOUR) == []
    place.newest = "1.1.0"
    assert await place.looks(DAY) == []


async def test_a_clock_that_was_wrong_does_not_silence_it_for_years(place: Place) -> None:
    place.now += 1000 * DAY
    assert await place.looks(0) != []
    place.now -= 1000 * DAY
    place.newest = "1.2.0"
    assert await place.looks(0) == ["NotJustYou 1.2.0 is out; this is 1.0.0"]


async def test_of_several_processes_only_the_leader_asks(place: Place) -> None:
    place.leadership = Observer()
    assert await place.looks(DAY) == [] and place.asked == 0
