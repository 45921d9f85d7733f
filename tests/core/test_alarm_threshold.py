"""The alarm threshold: learned from a service's own history, and forgotten within months."""

from math import exp

import pytest

from bot.core.alarm_threshold import FLOOR, LOWER_FLOOR, MONTH, AlarmThreshold

QUARTER = 15
SIZE = 20.0


def lived(bar: AlarmThreshold, days: int, peaks_a_day: int = 0, height: float = FLOOR + 3) -> AlarmThreshold:
    """Ordinary days of a service whose evidence peaks so often and so high."""
    for quarter in range(days * 96):
        if peaks_a_day and quarter % (96 // peaks_a_day) == 0:
            bar.watch(height)
            bar.watch(0.0)
        bar.settle(QUARTER, SIZE)
    return bar


def test_a_service_nobody_knows_has_the_bar_of_an_exact_model() -> None:
    bar = AlarmThreshold()
    assert 8 < bar.alarm < 9
    assert 6 < bar.warning < bar.alarm - 1


def test_a_wild_history_raises_the_bar_and_a_calm_one_lowers_it() -> None:
    new, calm = AlarmThreshold(), lived(AlarmThreshold(), 60)
    assert calm.alarm < new.alarm < lived(AlarmThreshold(), 60, peaks_a_day=4).alarm
    assert calm.warning < new.warning


def test_higher_peaks_raise_it_more_and_no_history_passes_the_limits() -> None:
    low, high = (lived(AlarmThreshold(), 30, 2, height) for height in (FLOOR + 0.5, FLOOR + 4))
    assert low.alarm < high.alarm
    wild = lived(AlarmThreshold(), 200, 48, 1000.0)
    assert (wild.alarm, wild.warning) == (13.0, 12.0), "a warning comes before the alarm"
    assert lived(AlarmThreshold(), 400).alarm >= 7.0


def test_peaks_that_an_earlier_version_counted_from_a_lower_floor_leave_the_bar_about_where_it_was() -> None:
    bar = AlarmThreshold()
    bar.peaks, bar.excess, bar.minutes = 40.0, 40.0, float(MONTH)
    bar.raise_floor()
    assert (bar.peaks, bar.excess) == (pytest.approx(40 * exp(LOWER_FLOOR - FLOOR)), pytest.approx(bar.peaks))
    empty = AlarmThreshold()
    empty.raise_floor()
    assert (empty.peaks, empty.excess) == (0.0, 0.0)


def test_a_peak_counts_once_and_only_when_it_is_over() -> None:
    bar = AlarmThreshold()
    for evidence in (FLOOR - 0.1, FLOOR, FLOOR + 2, 3.0, FLOOR + 1, 2.0):
        bar.watch(evidence)
    assert bar.peaks == 0, "below the floor, but not yet calm"
    bar.watch(1.9)
    assert (bar.peaks, bar.excess, bar.peak) == (1, 2.0, 0.0)
    bar.watch(0.0)
    assert bar.peaks == 1


@pytest.mark.parametrize("size", [0.5, 30.0])
def test_in_a_small_or_large_community_the_alarm_comes_with_less_evidence(size: float) -> None:
    typical, other = (lived(AlarmThreshold(), 30, 1, FLOOR + 0.5) for _ in range(2))
    typical.settle(0, 3.0)
    other.settle(0, size)
    assert 0.05 < typical.alarm - other.alarm < 1
    assert other.warning <= other.alarm - 1


def test_an_alarm_that_hardly_passed_the_bar_raises_it() -> None:
    bar = AlarmThreshold()
    before = bar.alarm
    bar.count(bar.alarm)
    bar.settle(QUARTER, SIZE)
    assert bar.alarm > before


def test_one_huge_peak_counts_as_one_that_just_reached_the_alarm() -> None:
    bar = AlarmThreshold()
    bar.watch(500.0)
    bar.watch(0.0)
    assert bar.excess == pytest.approx(bar.alarm + 1 - FLOOR)


def test_what_was_a_month_ago_weighs_half() -> None:
    bar = AlarmThreshold()
    bar.peaks, bar.excess = 10.0, 20.0
    bar.settle(MONTH, SIZE)
    assert (bar.peaks, bar.excess, bar.minutes) == (pytest.approx(5), pytest.approx(10), MONTH)
