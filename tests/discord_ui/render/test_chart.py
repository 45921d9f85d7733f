"""A picture in words: its description has all its content, and its caption explains the marks."""

from dataclasses import replace

import pytest

from bot.core.chart import Chart, Most, Span
from bot.core.reports import DAY, HOUR, MINUTE
from bot.discord_ui.render.chart import caption, chart_in_words
from tests.resources import resources

TEXTS = resources().languages.texts("en")
START = 20_000 * DAY
HOURS = Chart(START, 5 * MINUTE, (0,) * 36, (None,) * 36, latest=0)
END = HOURS.end
SPAN = f"The 3 hours before <t:{END}:t>."
BUSY = replace(HOURS, people=(0,) * 35 + (4,), most=Most(9, START + HOUR), latest=4)


def text_of(chart: Chart) -> str:
    return chart_in_words(TEXTS, chart)


@pytest.mark.parametrize(
    ("chart", "length"),
    [
        (HOURS, "Reports in the last 3 hours."),
        (Chart(START, 5 * MINUTE, (0,) * 12, (None,) * 12), "Reports in the last hour."),
        (Chart(START, MINUTE, (0,) * 12, (None,) * 12), "Reports in the last hour."),
        (Chart(START, 15 * MINUTE, (0,) * 96, (None,) * 96), "Reports in the last 24 hours."),
        (Chart(START, DAY, (0,) * 30, (None,) * 30), "Reports in the last 30 days."),
    ],
)
def test_it_says_of_which_time_it_tells(chart: Chart, length: str) -> None:
    assert text_of(chart).startswith(f"{length} As of ")


def test_nobody_is_told_as_nobody() -> None:
    assert text_of(HOURS) == "Reports in the last 3 hours. As of 10-04 03:00 UTC. No one reported trouble. 0 outages."


def test_the_most_people_and_those_of_now_are_told_with_their_times() -> None:
    assert "Most in 15 minutes: 9 people, at 10-04 01:00 UTC. In the last 15 minutes: 4 people. 0 outages." in text_of(
        BUSY
    )
    month = Chart(START, DAY, (7,) + (2,) * 29, (None,) * 30)
    assert "Most on one day: 7 people, on 10-04. 0 outages." in text_of(month)


def test_right_after_an_outage_its_people_are_not_those_of_now() -> None:
    def after(minutes: int) -> bool:
        ended = END - minutes * MINUTE
        return "In the last 15 minutes" in text_of(replace(BUSY, outages=(Span(ended - HOUR, ended),)))

    assert [after(minutes) for minutes in (1, 14, 15, 60)] == [False, False, True, True]
    assert "In the last 15 minutes" in text_of(replace(BUSY, outages=(Span(END - HOUR, None),)))


def test_outages_incidents_and_unwatched_time_are_told() -> None:
    one, two = Span(END - HOUR, END - HOUR / 2), Span(START, START + HOUR / 2)
    shown = text_of(replace(HOURS, outages=(one, two), incidents=(one,), gaps=(Span(START, START + 10 * MINUTE),)))
    assert "2 outages. 1 incident on the official page. Not watched for 10 minutes." in shown
    assert "incident" not in text_of(HOURS) and "Not watched" not in text_of(HOURS)


def test_the_caption_names_the_marks_that_are_there_and_no_others() -> None:
    assert caption(TEXTS, HOURS) == f"{SPAN} Bars: reports per 5 minutes."
    inside = (Span(START, START + HOUR),)
    full = replace(HOURS, usual=(1.0,) + (None,) * 35, outages=inside, incidents=inside, gaps=inside)
    assert caption(TEXTS, full) == (
        f"{SPAN} Bars: reports per 5 minutes. Line: the usual number. Orange stripes: outage. "
        "Violet dots: official page. Grey stripes: not watched."
    )
    outside = (Span(END, None),)
    assert caption(TEXTS, replace(HOURS, outages=outside, incidents=outside, gaps=outside)) == caption(TEXTS, HOURS)
    assert caption(TEXTS, Chart(START, DAY, (0,) * 3, (None,) * 3)) == "Days in UTC. Bars: reports per day."
    assert caption(TEXTS, Chart(START, MINUTE, (0,), (None,))).endswith("Bars: reports per minute.")


def test_the_caption_says_which_hours_these_are_in_the_time_zone_of_the_reader() -> None:
    assert caption(TEXTS, replace(HOURS, drawn=END - 60)).startswith(f"The 3 hours before <t:{END - 60}:t>.")
    assert caption(TEXTS, HOURS, past=True).startswith(f"The 3 hours before <t:{END}:f>.")
    assert caption(TEXTS, Chart(START, MINUTE, (0,), (None,))).startswith(f"The hour before <t:{START + 60}:t>.")
