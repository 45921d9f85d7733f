"""Small numbers: what everybody may read has no count of fewer than five people, which could point at somebody."""

from dataclasses import replace

from bot.core.chart import Chart
from bot.core.tally import Tally

EXACT_FROM = 5
"""Smaller counts are "a few"."""
_DRAWN = 2
"""How high a bar of a few people is drawn."""


def is_few(count: int) -> bool:
    """Whether there is somebody, but too few for a number."""
    return 0 < count < EXACT_FROM


def rough(chart: Chart) -> Chart:
    """The chart in which all bars of a few people are alike."""
    return replace(chart, people=tuple(_DRAWN if is_few(people) else people for people in chart.people))


def common(tally: Tally) -> Tally:
    """The tally without the symptoms that only a few people have."""
    return tally._replace(symptoms={one: people for one, people in tally.symptoms.items() if not is_few(people)})
