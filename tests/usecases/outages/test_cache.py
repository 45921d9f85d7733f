"""The outages in memory: the open one, those of the last 30 days, and those that are forgotten."""

from dataclasses import replace

from bot.core.outage_life import Outage, Phase
from bot.usecases.outages.cache import OutageCache

OVER = Outage("one", Phase.OVER, 100, id=1, ended=200)


def cache_of(*outages: Outage) -> OutageCache:
    cache = OutageCache()
    for outage in outages:
        cache.put(outage)
    return cache


def test_a_suspicion_is_the_current_outage_and_a_simulation_is_not() -> None:
    suspected = replace(OVER, id=2, phase=Phase.SUSPECTED)
    cache = cache_of(OVER, suspected, replace(OVER, id=3, phase=Phase.ON, guild_id=5))
    assert cache.current("one") == suspected and cache.current("two") is None
    assert [one.id for one in cache.open()] == [3, 2]
    assert cache.is_open(2) and not cache.is_open(1) and not cache.is_open(404)


def test_recent_outages_are_real_ones_of_the_service_newest_first() -> None:
    cache = cache_of(
        OVER,
        replace(OVER, id=2, began=300),
        replace(OVER, id=3, phase=Phase.DISMISSED),
        replace(OVER, id=4, guild_id=5),
        replace(OVER, id=5, service="two"),
    )
    assert [one.id for one in cache.recent("one")] == [2, 1]
    cache.keep_services({"two"})
    assert cache.recent("one") == [] and [one.id for one in cache.recent("two")] == [5]


def test_the_old_and_the_simulated_are_forgotten_once_their_posts_are_finished() -> None:
    new, passed = replace(OVER, id=2, began=1000), replace(OVER, id=3, began=400, phase=Phase.DISMISSED)
    played, on = replace(new, id=4, guild_id=5), replace(OVER, id=5, phase=Phase.ON)
    cache = cache_of(OVER, new, passed, played, on)
    cache.forget_old(500, in_use={OVER.id})
    assert [number for number in range(1, 6) if cache.get(number)] == [1, 2, 5]
    cache.forget_old(500, in_use=())
    assert [number for number in range(1, 6) if cache.get(number)] == [2, 5]


def test_false_alarms_are_remembered_as_long_as_outages() -> None:
    """The public page tells our mistakes, too."""
    passed = replace(OVER, id=2, began=1000, phase=Phase.DISMISSED)
    cache = cache_of(OVER, passed, replace(passed, id=3, began=2000), replace(passed, id=4, guild_id=5))
    cache.put(replace(passed, id=5, service="two"))
    cache.forget_old(500, in_use=())
    assert [one.id for one in cache.dismissed("one")] == [3, 2] and cache.recent("one") == []


def test_how_long_most_outages_lasted_is_told_from_three_on_that_are_over_and_were_watched() -> None:
    lasting = [replace(OVER, id=number, ended=100 + 60 * minutes) for number, minutes in enumerate((5, 40, 12, 9), 1)]
    blind = replace(OVER, id=8, ended=9000, blind_from=200, blind_to=9000)
    cache = cache_of(*lasting[:2], blind, replace(OVER, id=9, phase=Phase.ON, ended=None, seen=99_999))
    assert cache.typical("one") is None
    cache.put(lasting[2])
    assert cache.typical("one") == 12 * 60, "two of three were over within that time"
    cache.put(lasting[3])
    assert cache.typical("one") == 12 * 60, "three of four"
