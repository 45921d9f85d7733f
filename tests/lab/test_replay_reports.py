"""`replay`: past minutes from a file are played to the detector; a wrong line is named."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from bot.core.errors import InvalidValueError
from bot.core.outages import Level
from bot.core.reports import MINUTE
from bot.core.signals import State
from bot.lab.replay_reports import ReplayReports, read_minutes
from bot.lab.replay_watch import Minute

HEAD = "minute,reporters,servers"


def test_a_file_of_one_minute_is_one_minute_and_one_bar() -> None:
    minutes = read_minutes([HEAD, "29000000,4,2"])
    assert minutes == [Minute(29_000_000, 4, 2)]
    replay = ReplayReports(minutes)
    assert list(replay.changes()) == []
    chart = replay.chart()
    assert chart.people == (4,) and chart.start <= 29_000_000 * MINUTE < chart.end


def test_a_file_without_a_minute_is_refused() -> None:
    for lines in ([HEAD], [HEAD, ""]):
        with pytest.raises(InvalidValueError) as error:
            read_minutes(lines)
        assert error.value.field == "line 2"


def test_other_columns_and_their_order_make_no_difference() -> None:
    assert read_minutes(["servers,note,minute,reporters", "2,hm,7,4"]) == [Minute(7, 4, 2)]
    assert read_minutes(["Minute, Reporters, SERVERS ", "7, 4, 2", "", ", ,"]) == [Minute(7, 4, 2)]


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
        ([HEAD, "1764520000,1,1"], "line 2"),
        ([HEAD, "1,1,1", "", f"2,{10**400},1"], "line 4"),
        ([f"{HEAD},incident", "1,1,1,Errors", "2,1,1," + "x" * 200_000], "line 3"),
    ],
)
def test_a_wrong_line_is_named(lines: list[str], where: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        read_minutes(lines)
    assert error.value.field == where


def test_zero_is_a_number_and_minutes_left_out_are_silent() -> None:
    minutes = read_minutes([HEAD, "0,0,0", "30,5,5"])
    replay = ReplayReports(minutes)
    list(replay.changes())
    assert sum(replay.chart().people) == 5


def test_an_outage_is_told_from_its_beginning_to_its_end_and_drawn() -> None:
    begin = 3 * 1440
    lines = [f"{minute},{int(minute % 60 == 0)},{int(minute % 60 < 15)}" for minute in range(begin)]
    lines += [f"{minute},6,5" for minute in range(begin, begin + 30)]
    lines += [f"{begin + 180},0,0"]
    replay = ReplayReports(read_minutes([HEAD, *lines]))
    turns = list(replay.changes())
    levels = [turn.level for turn in turns]
    assert Level.LIKELY in levels and levels[-1] is Level.NORMAL and Level.RECOVERED in levels
    [outage] = replay.chart().outages
    assert outage.start == pytest.approx(begin * MINUTE, abs=5 * MINUTE)
    assert outage.end == pytest.approx((begin + 30) * MINUTE, abs=10 * MINUTE)


BEGIN = 3 * 1440


def replayed(
    people: Callable[[int], int], signals: Callable[[int], Sequence[object]] = lambda _minute: (), *, columns: str = ""
) -> list[dict[str, Any]]:
    """What is told of five days: three ordinary ones, and then so many people in the minutes after `BEGIN`."""
    rng, counted = Random(1), list[int]()
    for minute in range(-BEGIN, 2 * 1440):
        counted.append(int(rng.random() < 0.03) + (people(minute) if minute >= 0 else 0))
    lines = [HEAD + columns]
    for index, reporters in enumerate(counted):
        servers = min(12, sum(counted[max(0, index - 14) : index + 1]))
        lines.append(",".join(map(str, (index, reporters, servers, *signals(index - BEGIN)))))
    changes = ReplayReports(read_minutes(lines)).changes()
    return [change.document() | {"minute": change.minute - BEGIN} for change in changes]


def minutes_of(changes: list[dict[str, Any]], post: str) -> list[int]:
    return [one["minute"] for one in changes if post in one["posts"] and one["minute"] < 1440]


def half_an_hour(minute: int) -> int:
    return 3 if minute < 30 else 0


def six_hours_down(minute: int) -> tuple[str, str, str]:
    return ("down", "down", "Errors") if 0 <= minute < 360 else ("up", "up", "")


def test_nobody_is_called_back_while_probe_and_page_still_say_down() -> None:
    changes = replayed(half_an_hour, six_hours_down, columns=",official,probe,incident")
    assert [one["phase"] for one in changes if one["phase"] and 60 < one["minute"] < 360] in ([], ["on"])
    assert minutes_of(changes, "call") == [365], "it must work for five minutes"
    [closed] = minutes_of(changes, "close")
    assert closed == 390
    assert len(minutes_of(changes, "announce")) == len(minutes_of(changes, "ping")) == 1


def test_a_page_that_is_never_closed_does_not_hold_it_for_ever() -> None:
    def never_closed(minute: int) -> tuple[str, str]:
        return ("down" if minute >= 0 else "up"), "up"

    changes = replayed(half_an_hour, never_closed, columns=",official,probe")
    [called] = minutes_of(changes, "call")
    assert 60 < called < 150 and len(minutes_of(changes, "close")) == 1
    stuck = replayed(half_an_hour, lambda minute: ("down" if minute >= 0 else "up",), columns=",official")
    assert 6 * 60 < minutes_of(stuck, "call")[0] < 8 * 60


@pytest.mark.parametrize(
    "odd",
    [
        lambda minute: ("up", "up") if minute == 120 else None,
        lambda minute: ("unknown", "gone") if 120 <= minute < 150 else None,
        lambda minute: ("up", "down") if 120 <= minute < 150 else None,
        lambda minute: ("down", "up") if minute % 15 > 11 else None,
    ],
    ids=["one good look", "unreadable for half an hour", "one of them is well for half an hour", "half down"],
)
def test_signals_that_come_and_go_call_nobody_before_they_stay(
    odd: Callable[[int], tuple[str, str] | None],
) -> None:
    def signals(minute: int) -> tuple[str, str]:
        return (odd(minute) or ("down", "down")) if 0 <= minute < 360 else ("up", "up")

    changes = replayed(half_an_hour, signals, columns=",official,probe")
    assert minutes_of(changes, "call") == [365] and len(minutes_of(changes, "close")) == 1


def test_a_page_with_a_forgotten_notice_holds_nothing_once_it_is_as_before() -> None:
    def forgotten(minute: int) -> tuple[str, str]:
        return ("down" if 0 <= minute < 60 else "degraded" if minute > -2000 else "up"), "up"

    changes = replayed(lambda minute: 3 if minute < 60 else 0, forgotten, columns=",official,probe")
    assert minutes_of(changes, "call")[0] < 120 and len(minutes_of(changes, "close")) == 1


def test_an_alarm_that_other_signals_helped_to_raise_does_not_turn_without_them() -> None:
    changes = replayed(lambda m: 2 * (m % 12 == 0 and m < 360), six_hours_down, columns=",official,probe,incident")
    phases = [one["phase"] for one in changes if one["minute"] < 360]
    assert "recovering" not in phases
    [called] = minutes_of(changes, "call")
    assert called >= 360 and len(minutes_of(changes, "announce")) == 1


def test_a_suspicion_is_one_message_while_page_and_probe_say_down() -> None:
    changes = replayed(lambda m: 2 * (m % 15 == 0 and m < 360), six_hours_down, columns=",official,probe,incident")
    assert len(minutes_of(changes, "announce")) == len(minutes_of(changes, "ping")) == 1
    [called] = minutes_of(changes, "call")
    assert called >= 360


@pytest.mark.parametrize("every", [45, 55, 90, 120])
def test_a_service_that_fails_every_hour_is_one_message_and_one_call_of_the_role(every: int) -> None:
    changes = replayed(lambda m: 3 if m < 720 and m % every < 8 else 0)
    assert len(minutes_of(changes, "announce")) == len(minutes_of(changes, "ping")) == 1
    first, last = minutes_of(changes, "call")
    assert first < every and last > 720, "after the first episode, and when it has held"
    assert len(minutes_of(changes, "reopen")) <= 1


def test_what_has_stood_for_hours_on_the_page_raises_no_outage() -> None:
    def standing(minute: int) -> tuple[str, str]:
        return ("degraded", "Forgotten") if minute > -BEGIN + 60 else ("up", "")

    with_page = replayed(lambda _minute: 0, standing, columns=",official,incident")
    without = replayed(lambda _minute: 0)
    assert [(one["minute"], one["posts"]) for one in with_page] == [(one["minute"], one["posts"]) for one in without]


def test_optional_columns_may_be_empty_and_wrong_words_are_named() -> None:
    [minute] = read_minutes(["minute,reporters,servers,probe,incident,talk,official", "5,1,1,,,,"])
    assert minute == Minute(5, 1, 1)
    [minute] = read_minutes(["minute,reporters,servers,probe,incident,talk,official", "5,1,1,Down,Errors,3,gone"])
    assert minute == Minute(5, 1, 1, State.GONE, State.DOWN, "Errors", 3)
    [without] = read_minutes([f"{HEAD},incident", "5,1,1,Errors"])
    assert without.official is State.DEGRADED, "a page with an open incident"
    [without] = read_minutes([f"{HEAD},incident", "5,1,1,"])
    assert without.official is State.UP, "a page without one"
    for line in ("5,1,1,broken,,,", "5,1,1,,,many,", "5,1,1,,,-1,"):
        with pytest.raises(InvalidValueError) as error:
            read_minutes(["minute,reporters,servers,probe,incident,talk,official", line])
        assert error.value.field == "line 2"
