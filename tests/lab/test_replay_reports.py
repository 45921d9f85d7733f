"""`replay`: past minutes of a file, played to the detector; a wrong line is named."""

import pytest

from bot.core.errors import InvalidValueError
from bot.core.outages import Level
from bot.core.reports import MINUTE
from bot.lab.replay_reports import Minute, ReplayReports, read_minutes

HEAD = "minute,reporters,servers"


def test_a_file_of_one_minute_is_one_minute_and_one_bar() -> None:
    minutes = read_minutes([HEAD, "29000000,4,2"])
    assert minutes == [Minute(29_000_000, 4, 2)]
    replay = ReplayReports(minutes)
    assert list(replay.level_changes()) == []
    chart = replay.chart()
    assert chart.people == (4,) and chart.start <= 29_000_000 * MINUTE < chart.end


def test_a_file_without_a_minute_is_refused() -> None:
    for lines in ([HEAD], [HEAD, ""]):
        with pytest.raises(InvalidValueError) as error:
            read_minutes(lines)
        assert error.value.field == "line 2"


def test_other_columns_and_their_order_make_no_difference() -> None:
    assert read_minutes(["servers,note,minute,reporters", "2,hm,7,4"]) == [Minute(7, 4, 2)]


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["minute,reporters", "1,1"], "line 1"),
        ([], "line 1"),
        ([HEAD, "1,1,1", "2,x,1"], "line 3"),
        ([HEAD, "1,1"], "line 2"),
        ([HEAD, "1,-1,1"], "line 2"),
        ([HEAD, "1,1,1", "1,1,1"], "line 3"),
        ([HEAD, "2,1,1", "1,1,1"], "line 3"),
        ([HEAD, "1,1,1", "999999999,1,1"], "line 3"),
    ],
)
def test_a_wrong_line_is_named(lines: list[str], where: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        read_minutes(lines)
    assert error.value.field == where


def test_zero_is_a_number_and_minutes_left_out_are_silent() -> None:
    minutes = read_minutes([HEAD, "0,0,0", "30,5,5"])
    replay = ReplayReports(minutes)
    list(replay.level_changes())
    assert sum(replay.chart().people) == 5


def test_an_outage_is_told_from_its_beginning_to_its_end_and_drawn() -> None:
    begin = 3 * 1440
    lines = [f"{minute},{int(minute % 60 == 0)},{int(minute % 60 < 15)}" for minute in range(begin)]
    lines += [f"{minute},6,5" for minute in range(begin, begin + 30)]
    lines += [f"{begin + 180},0,0"]
    replay = ReplayReports(read_minutes([HEAD, *lines]))
    turns = list(replay.level_changes())
    levels = [turn.level for turn in turns]
    assert Level.LIKELY in levels and levels[-1] is Level.NORMAL and Level.RECOVERED in levels
    [outage] = replay.chart().outages
    assert outage.start == pytest.approx(begin * MINUTE, abs=5 * MINUTE)
    assert outage.end == pytest.approx((begin + 30) * MINUTE, abs=10 * MINUTE)
