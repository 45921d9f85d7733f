"""The watch when it cannot observe: unobserved minutes prove nothing."""

from dataclasses import replace

import pytest

from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Phase
from bot.core.reports import MINUTE, Report
from bot.core.service import Counted, Nature, Symptom
from bot.usecases.outages.watch import _LateReports
from bot.usecases.services import Services
from tests.usecases.fakes import a_service
from tests.usecases.outages.outage_world import SERVICE, World
from tests.usecases.outages.test_announce import world_on


async def test_while_nothing_can_be_kept_nobody_is_seen_and_that_is_no_sign_of_calm() -> None:
    world = await world_on()
    world.disk.fails = 10**9
    for _ in range(9):
        await world.minute()  # people press, and are told that it could not be kept
    world.disk.fails = 0
    await world.minute(8)
    current = world.cache.current(SERVICE)
    assert current is not None and current.phase is Phase.ON
    span = world.states.unobserved(SERVICE)[-1]
    assert 7 * MINUTE <= span.end - span.start <= 9 * MINUTE, "shown as not seen, in the picture of the day, too"


async def test_a_minute_that_was_not_seen_stays_so_when_what_could_not_be_kept_then_is_kept_later_in_it() -> None:
    world = await world_on()
    world.clock.lived += MINUTE
    world.reachable = False
    world.guilds.put(2, GuildSettings(outage_channel=20))
    world.disk.fails = 1
    with pytest.raises(StoreError):
        await world.watch.tick()  # a server that begins to ask for it is to be told
    blind = world.states.unobserved(SERVICE)[-1]
    world.reachable = True
    await world.watch.tick()
    assert world.states.unobserved(SERVICE)[-1] == blind
    world.clock.lived += MINUTE
    await world.watch.tick()
    assert world.states.unobserved(SERVICE)[-1] == blind


async def test_people_whose_report_was_kept_after_its_minute_was_taken_in_are_counted_all_the_same() -> None:
    """A card told 76 people, and the outage had "at most 73"."""
    world = await world_on()
    mirror = world.board.mirror(SERVICE)

    def missing() -> int:
        """People in the log whom the outage does not tell, of the same 15 minutes."""
        outage = world.cache.current(SERVICE)
        assert outage is not None and outage.peak >= outage.recent
        last = outage.seen // MINUTE
        return sum(map(mirror.counted, range(last - 15, last))) - outage.recent

    await world.minute(8)
    outage, before = world.cache.current(SERVICE), missing()
    assert outage is not None
    for number in range(3):
        mirror.add(Report(9000 + number, SERVICE, 50, 9000 + number, None, outage.seen - 1))
    assert missing() == before + 3
    await world.minute(8)
    assert missing() == before
    await world.minute(8)
    assert missing() == before, "once, and not again"


SYMPTOMS = tuple(Symptom(f"s{number}", {}, Nature.DEVICE, Counted.MANY) for number in range(8))


@pytest.mark.parametrize(("different", "outage"), [(8, False), (1, True)])
async def test_what_counts_when_many_have_it_calls_an_outage_only_when_many_have_the_same(
    different: int, outage: bool
) -> None:
    world = World({})
    world.services = Services([replace(a_service(SERVICE), symptoms=SYMPTOMS)])
    await world.learn()
    await world.start()
    for number in range(12):
        world.report(1, SYMPTOMS[number % different].id)
        await world.minute()
    current = world.cache.current(SERVICE)
    assert (current is not None) is outage


async def test_people_count_from_the_third_on_who_has_it() -> None:
    world = World({})
    world.services = Services([replace(a_service(SERVICE), symptoms=SYMPTOMS)])
    await world.start()
    late, minute = _LateReports(), int(world.clock()) // MINUTE
    service = world.services.default
    mirror, people = world.board.mirror(SERVICE), list[int]()
    for number in range(4):
        mirror.add(Report(number, SERVICE, 1, number, "s1", (minute + number) * MINUTE))
        people.append(late.people(mirror, minute + number, service))
    assert people == [0, 0, 1, 1]
