"""The parts of the page for one service."""

import re
from dataclasses import replace

import pytest

from bot.core.chart import Chart
from bot.core.official_delay import Grade, OfficialDelay
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.signals import Cause, Reading, Seen, Signal, State
from bot.core.tally import Counts
from bot.usecases.reports.public_state import PublicService
from bot.web.views import MOST_LISTED, ServiceView, SignalView, service_view
from tests.web.served import LANGUAGES
from tests.web.states import NOW, worlds

ENGLISH = LANGUAGES.texts("en")
WORLDS = worlds()
BEGAN = NOW - 2 * DAY


def view(one: PublicService) -> ServiceView:
    return service_view(ENGLISH, one)


def with_outages(*outages: Outage) -> ServiceView:
    return view(replace(WORLDS["calm"][0], outages=outages))


def over(**more: object) -> Outage:
    one = Outage("character-ai", Phase.OVER, BEGAN, id=1, detected=BEGAN + 240, ended=BEGAN + 41 * MINUTE, peak=58)
    return replace(one, **more)  # type: ignore[arg-type]


def text_of(markup: object) -> str:
    """What a reader sees of it."""
    return re.sub(r"<[^>]+>", "", str(markup))


@pytest.mark.parametrize(
    ("official_at", "read", "first"),
    [
        (BEGAN + 241, True, "We noticed first"),
        (BEGAN + 240, True, "We noticed first"),
        (BEGAN + 239, True, "Official page first"),
        (None, True, "Only people reported it"),
        (None, False, ""),
    ],
)
def test_who_noticed_first_is_said_where_it_is_known(official_at: int | None, read: bool, first: str) -> None:
    (one,) = with_outages(over(official_at=official_at, official_read=read)).outages
    assert one.first == first


def test_a_page_with_older_trouble_is_not_said_to_be_silent() -> None:
    (one,) = with_outages(over(official_read=True, official_older=True)).outages
    assert one.first == ""


def test_nobody_was_first_if_it_is_not_known_exactly() -> None:
    (one,) = with_outages(over(official_at=BEGAN + 300, official_read=True, official_exact=False)).outages
    assert one.first == ""


@pytest.mark.parametrize(("outages", "more"), [(0, 0), (MOST_LISTED, 0), (MOST_LISTED + 1, 1), (MOST_LISTED + 9, 9)])
def test_the_newest_twenty_outages_are_listed_and_the_others_counted(outages: int, more: int) -> None:
    seen = with_outages(*(over(began=BEGAN - number * HOUR) for number in range(outages)))
    assert (len(seen.outages), seen.more_outages) == (min(outages, MOST_LISTED), more)
    assert MOST_LISTED == 20


def test_an_outage_that_goes_on_has_no_length_yet() -> None:
    goes_on, ended = with_outages(over(phase=Phase.ON, ended=None, seen=BEGAN + HOUR), over()).outages
    assert (goes_on.lasted, ended.lasted) == ("still going on", "41 minutes")


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        (State.UP, "up"),
        (State.DEGRADED, "degraded"),
        (State.MAINTENANCE, "degraded"),
        (State.DOWN, "down"),
        (State.UNKNOWN, "unknown"),
        (State.GONE, "unknown"),
    ],
)
def test_a_source_has_the_colour_of_its_state(state: State, tone: str) -> None:
    assert source(Reading(Signal.PROBE, state, Cause.ANSWERED, NOW - MINUTE)).tone == tone


def source(reading: Reading) -> SignalView:
    one = WORLDS["calm"][0]
    seen = {Signal.PROBE: Seen(reading, reading if reading.known else None)}
    (_, found) = view(replace(one, answer=replace(one.answer, seen=seen))).signals
    return found


def test_details_of_a_source_are_told_of_what_it_said_and_not_of_what_could_not_be_read() -> None:
    said = source(Reading(Signal.PROBE, State.UP, Cause.ANSWERED, NOW - MINUTE, detail="HTTP 200"))
    unread = source(Reading(Signal.PROBE, State.UNKNOWN, Cause.TIMEOUT, NOW - MINUTE, detail="HTTP 200"))
    assert [text_of(note) for note in said.notes][:1] == ["HTTP 200"]
    assert "HTTP 200" not in " ".join(text_of(note) for note in unread.notes)


@pytest.mark.parametrize(("state", "tone"), [("outage", "down"), ("some", "degraded"), ("calm", "up"), ("back", "up")])
def test_people_have_the_colour_of_what_they_say(state: str, tone: str) -> None:
    assert view(WORLDS[state][0]).signals[0].tone == tone


def test_the_count_of_a_day_is_told_when_the_day_is_read() -> None:
    one = WORLDS["calm"][0]
    tally = one.answer.tally._replace(everywhere=Counts(6, 7, 8))

    def counts(*, whole_day: bool) -> list[str]:
        changed = replace(one.answer, tally=tally._replace(whole_day=whole_day))
        return [text_of(note) for note in view(replace(one, answer=changed)).signals[0].notes]

    assert counts(whole_day=True) == ["7 in the last hour", "8 in the last 24 hours"]
    assert counts(whole_day=False) == ["7 in the last hour"]


def test_the_ends_of_a_chart_are_times_and_those_of_a_month_its_first_and_last_day() -> None:
    start = NOW // DAY * DAY
    hours = Chart(start, 300, (1,) * 36, (None,) * 36)
    month = Chart(start - 29 * DAY, DAY, (7,) * 30, (None,) * 30)
    seen = view(replace(WORLDS["calm"][0], hours=hours, month=month)).charts
    ends = {one.title: (text_of(one.begin), text_of(one.end), one.top) for one in seen}
    assert ends["The last 3 hours"] == ("00:00 UTC", "03:00 UTC", "5")
    assert ends["The last 30 days"] == ("1 Nov", "30 Nov", "7")


def test_what_cannot_be_read_has_no_chart() -> None:
    assert len(view(WORLDS["calm"][0]).charts) == 3
    assert len(view(replace(WORLDS["calm"][0], month=None)).charts) == 2


def test_a_grade_says_how_many_outages_it_is_made_of() -> None:
    def grade(outages: int) -> tuple[str, str, str]:
        found = view(replace(WORLDS["calm"][0], delay=OfficialDelay(Grade.TOO_FEW, outages, 0))).grade
        assert found is not None
        return found

    assert (grade(0)[2], grade(1)[2]) == ("", "0 of 1 outage appeared there at all.")
    assert view(replace(WORLDS["calm"][0], delay=None)).grade is None


def test_what_fails_mostly_is_told_until_it_is_over() -> None:
    def lines(state: str) -> str:
        one = WORLDS[state][0]
        tally = one.answer.tally._replace(symptoms={"login": 6})
        return " ".join(text_of(line) for line in view(replace(one, answer=replace(one.answer, tally=tally))).lines)

    assert "Most common: " in lines("outage") and "Most common: " not in lines("back")
