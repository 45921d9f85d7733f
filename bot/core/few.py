"""Small numbers: public figures show no count below five people, because it could identify someone."""

from dataclasses import replace

from bot.core.chart import Chart
from bot.core.tally import Tally

EXACT_FROM = 5
"""Smaller counts are "a few"."""
_DRAWN = 2
"""The height at which a bar of a few people is drawn."""


def is_few(count: int) -> bool:
    """Whether there are people, but too few to show a number."""
    return 0 < count < EXACT_FROM


def rough(chart: Chart) -> Chart:
    """The chart with all bars of a few people at the same height."""
    return replace(chart, people=tuple(_DRAWN if is_few(people) else people for people in chart.people))


def common(tally: Tally) -> Tally:
    """The tally without symptoms that only a few people have."""
    return tally._replace(symptoms={one: people for one, people in tally.symptoms.items() if not is_few(people)})
