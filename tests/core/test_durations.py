"""Durations are counted in the buckets that Prometheus reads."""

from math import inf

from bot.core.durations import Durations


def test_each_time_is_within_its_bound_and_all_larger_ones() -> None:
    taken = Durations((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        taken.add(seconds)
    assert taken.within == [(0.1, 2), (1.0, 3), (inf, 4)]
    assert round(taken.total, 9) == 7.65


def test_nothing_is_counted_yet() -> None:
    assert Durations((1.0,)).within == [(1.0, 0), (inf, 0)]
