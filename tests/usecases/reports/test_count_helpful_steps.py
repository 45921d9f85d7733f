"""*Did it help?* and questions without a symptom: counted once per day and person, and without names."""

from collections.abc import Mapping

import pytest

from bot.core.errors import StoreError
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY
from bot.core.step_scores import NOTHING
from bot.usecases.reports.count_helpful_steps import CountHelpfulSteps, StepScores, Unknown
from tests.usecases.fakes import Days, a_service

SERVICE = a_service()


class Disk:
    """Counts in memory; fails when told to."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Mapping[int, int]] = {}
        self.fails = False

    def _check(self) -> None:
        if self.fails:
            raise StoreError("no")

    async def helped(self) -> Mapping[tuple[str, str], Mapping[int, int]]:
        return dict(self.counts)

    async def put(self, service: str, symptom: str, helped: Mapping[int, int]) -> None:
        self._check()
        self.counts[service, symptom] = helped


class Place:
    def __init__(self) -> None:
        self.disk, self.days, self.scores, self.now = Disk(), Days(), StepScores(), 100.0 * DAY
        self.steps = CountHelpfulSteps(self.scores, self.disk, self.days, ReporterKey(bytes(32)), lambda: self.now)


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_person_is_counted_once_a_day_for_a_guide(place: Place) -> None:
    assert await place.steps.helped(SERVICE, "", 1, 0)
    assert not await place.steps.helped(SERVICE, "login", 1, NOTHING), "login has no guide of its own: it is the same"
    assert await place.steps.helped(SERVICE, "", 2, NOTHING)
    assert not await place.steps.helped(SERVICE, "", 3, 7), "there is no such step"
    place.now += DAY
    assert await place.steps.helped(SERVICE, "", 1, 0)
    assert place.disk.counts == {(SERVICE.id, ""): {0: 2, NOTHING: 1}}
    assert place.scores.orders(SERVICE) == {"": (0,)}


async def test_an_answer_that_could_not_be_kept_may_be_given_again(place: Place) -> None:
    place.disk.fails = True
    with pytest.raises(StoreError):
        await place.steps.helped(SERVICE, "", 1, 0)
    assert place.scores.of(SERVICE.id, "") == {}
    place.disk.fails = False
    assert await place.steps.helped(SERVICE, "", 1, 0)


async def test_what_other_processes_counted_is_read_every_hour(place: Place) -> None:
    place.disk.counts[SERVICE.id, ""] = {0: 9}
    await place.steps.refresh()
    assert place.scores.of(SERVICE.id, "") == {0: 9}


async def test_unknown_trouble_is_counted_by_server_for_thirty_days(place: Place) -> None:
    for guild in (5, 5, 6, None):
        await place.steps.unknown(guild, Unknown.TYPED)
    await place.days.add(5, "reply", 100)
    assert await place.steps.unknown_in(5) == {"typed": 2}
    place.now += 31 * DAY
    assert await place.steps.unknown_in(5) == {}
    await place.steps.refresh()
    assert place.days.counts == {}


async def test_a_database_that_fails_stops_nobody(place: Place) -> None:
    place.days.fails = True
    await place.steps.unknown(5, Unknown.TYPED)
    assert await place.steps.unknown_in(5) == {}
