"""Charts as plain numbers, for people who cannot see them."""

import pytest

from bot.core.chart import Chart, ChartSummary, Span
from bot.core.reports import DAY, HOUR

START, QUARTER, BARS = 20_000 * DAY, 900, 96
END = START + DAY


def day(people: dict[int, int] | None = None, **more: tuple[Span, ...]) -> Chart:
    return Chart(START, QUARTER, tuple((people or {}).get(bar, 0) for bar in range(BARS)), (None,) * BARS, **more)


def test_chart_says_in_numbers_what_it_shows() -> None:
    gaps = (Span(START - HOUR, START + HOUR), Span(START + HOUR / 2, START + 2 * HOUR))
    outages = (Span(START - 2 * HOUR, START - HOUR), Span(START + HOUR, START + 2 * HOUR), Span(END - HOUR, None))
    chart = day({4: 7, 9: 7, 95: 2}, outages=outages, incidents=(Span(START, START + 60),), gaps=gaps)
    assert chart.summary() == ChartSummary(
        people=16,
        latest=2,
        peak=7,
        peak_at=START + HOUR,
        outages=2,
        outage_since=END - HOUR,
        incidents=1,
        incident_since=None,
        unwatched=2 * HOUR,
    )
    assert day().summary() == ChartSummary(0, 0, 0, None, 0, None, 0, None, 0.0)


@pytest.mark.parametrize(("people", "usual", "step"), [((), (), 900), ((1,), (), 900), ((1,), (None,), 0)])
def test_chart_that_cannot_be_is_refused(people: tuple[int, ...], usual: tuple[float | None, ...], step: int) -> None:
    with pytest.raises(ValueError, match="chart"):
        Chart(START, step, people, usual)


def test_what_reaches_into_the_picture_is_seen_from_left_to_right() -> None:
    before, first, second = Span(START - 60, START), Span(START - 60, START + 1), Span(END - 1, None)
    after = Span(END, END + 60)
    assert day().overlapping((after, second, before, first)) == [first, second]


def test_the_earliest_of_those_still_going_on_is_told_and_unwatched_time_ends_with_the_picture() -> None:
    chart = day(
        outages=(Span(START + 60, None), Span(START, None)), gaps=(Span(END - 60, None), Span(END - 30, END + 60))
    )
    assert chart.summary().outage_since == START
    assert chart.summary().unwatched == 60
    apart = day(gaps=(Span(START, START + 10), Span(START + 100, START + 130)))
    assert apart.summary().unwatched == 40
