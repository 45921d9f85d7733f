"""Quiet hours: in the server's time zone, across midnight, and in nights with a clock change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidValueError
from bot.core.quiet_hours import QuietHours

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("start", "end", "clock", "quiet"),
    [
        ("22:00", "07:00", "21:59", False),
        ("22:00", "07:00", "22:00", True),
        ("22:00", "07:00", "03:00", True),
        ("22:00", "07:00", "07:00", False),
        ("9:00", "17.30", "17:29", True),
        ("9:00", "17.30", "18:00", False),
    ],
)
def test_quiet_hours_are_local_and_may_span_midnight(start: str, end: str, clock: str, quiet: bool) -> None:
    hours = QuietHours.read(start, end, "Europe/Paris")
    hour, minute = map(int, clock.split(":"))
    for month in (1, 7):  # winter and summer time
        assert hours.covers(datetime(2026, month, 15, hour, minute, tzinfo=PARIS).timestamp()) is quiet


@pytest.mark.parametrize("night", [datetime(2026, 3, 28, 22, tzinfo=PARIS), datetime(2026, 10, 24, 22, tzinfo=PARIS)])
def test_a_night_in_which_the_clocks_change_is_quiet_from_its_begin_to_its_end(night: datetime) -> None:
    hours, begin = QuietHours.read("22:00", "07:00", "Europe/Paris"), night.timestamp()
    end = (night + timedelta(hours=9)).timestamp()  # by the wall clock: eight hours in spring, ten in autumn
    assert end - begin in {8 * 3600, 10 * 3600}
    assert all(hours.covers(begin + minute * 60) for minute in range(int(end - begin) // 60))
    assert not hours.covers(begin - 60) and not hours.covers(end)
    twice = QuietHours.read("02:15", "02:45", "Europe/Paris")
    quiet = sum(twice.covers(begin + minute * 60) for minute in range(int(end - begin) // 60))
    assert quiet == (0 if end - begin < 9 * 3600 else 60), "an hour that is left out, or lived twice"


@given(st.text() | st.none() | st.integers(), st.text() | st.none(), st.text() | st.none())
def test_any_quiet_hours_are_taken_or_refused_by_name(start: object, end: object, zone: object) -> None:
    try:
        QuietHours.read(start, end, zone)
    except InvalidValueError as error:
        assert error.field == "quiet_hours"
