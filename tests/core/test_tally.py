"""Tallies: the mirror compared with SQL over the log, with clock jumps, restarts and other processes."""

import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from benchmarks.histories import SYMPTOMS, History
from bot.core.reports import DAY, Report
from bot.core.tally import Counts, Mirror

WHO, WHERE, WHAT = st.integers(0, 5), st.integers(0, 3), st.sampled_from(SYMPTOMS)  # server 0 is none
LATER = st.one_of(st.integers(0, 5000), st.integers(0, 2 * DAY))


class MirrorBesideSql(RuleBasedStateMachine):
    """Whatever people, clocks and restarts do, the mirror says what SQL counts in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()

    def teardown(self) -> None:
        self.history.close()

    @rule(who=WHO, where=WHERE, what=WHAT, young=st.booleans())
    def report(self, who: int, where: int, what: str | None, young: bool) -> None:
        self.history.report(who, where, what, young=young)

    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        self.history.withdraw(who)

    @rule(who=WHO, what=WHAT)
    def change(self, who: int, what: str | None) -> None:
        self.history.change(who, what)

    @rule(who=WHO)
    def forget(self, who: int) -> None:
        self.history.forget(who)

    @rule(seconds=LATER)
    def wait(self, seconds: int) -> None:
        self.history.wait(seconds)

    @rule(seconds=LATER)
    def set_the_clock_back(self, seconds: int) -> None:
        self.history.step_back(seconds)

    @rule(chunk=st.integers(1, 5))
    def restart(self, chunk: int) -> None:
        self.history.restart(chunk)

    @rule()
    def read_on(self) -> None:
        self.history.read_on(1)

    @invariant()
    def agrees(self) -> None:
        assert not [one for where in range(4) for one in self.history.differences(where, who=where)]


TestMirrorBesideSql = MirrorBesideSql.TestCase
TestMirrorBesideSql.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def test_memory_is_given_back_after_a_day() -> None:
    mirror = Mirror()
    for number in range(10_000):
        mirror.add(Report(number, "s", 1, number, None, number))
    assert mirror.tally(2 * DAY, None).everywhere.day == 0
    assert mirror._log.end - mirror._log.first < 5000
    assert sum(map(len, mirror._newest)) < 5000


def test_minutes_count_people_newly_counted_and_leave_out_those_who_took_it_back() -> None:
    mirror = Mirror()
    for who, at in ((1, 600), (2, 659), (3, 660)):
        mirror.add(Report(who, "s", 1, who, None, at))
    assert (mirror.counted(10), mirror.counted(11), mirror.counted(12)) == (2, 1, 0)
    mirror.withdraw(2)
    assert mirror.counted(10) == 1


def test_symptoms_of_minutes_follow_those_who_change_them_or_take_it_back() -> None:
    mirror = Mirror()
    for number, (symptom, at) in enumerate([("login", 60), ("login", 119), ("chats", 120), (None, 121)]):
        mirror.add(Report(number, "s", 5, number, symptom, at))
    assert mirror.symptoms_in(range(1, 3)) == {"login": 2, "chats": 1}
    mirror.replace_newest(Report(1, "s", 5, 1, "chats", 119))
    mirror.withdraw(2)
    assert mirror.symptoms_in(range(1, 3)) == {"login": 1, "chats": 1}
    assert mirror.symptoms_in(range(2, 3)) == {}
    again = Mirror()
    again.load([Report(1, "s", 5, 1, "chats", 119), Report(0, "s", 5, 0, "login", 60)], 200)
    assert again.symptoms_in(range(1, 3)) == {"login": 1, "chats": 1}


def test_counts_stay_right_when_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.core.tally._COMPACT_AFTER", 3)
    rng = random.Random(1)
    history = History()
    for _ in range(600):
        history.report(rng.randrange(40), rng.randrange(4), rng.choice(SYMPTOMS))
        history.withdraw(rng.randrange(200))
        history.wait(rng.randrange(1500))
        assert not history.differences(rng.randrange(4), rng.randrange(40))
    history.close()


def test_a_report_of_another_process_counts_once_however_late_and_often_it_comes() -> None:
    mirror = Mirror()
    here, elsewhere = Report(7, "s", 1, 1, "login", 1000), Report(5, "s", 2, 1, None, 998)
    for report in (here, elsewhere, here, Report(6, "s", 2, 2, None, 999), elsewhere):
        mirror.add(report)
    tally = mirror.tally(1001, 1)
    assert (tally.everywhere.day, tally.here, tally.servers) == (2, Counts(1, 1, 1), 2)
    assert mirror.newest(1, 1001) == here and mirror.counted(16) == 3
    assert mirror.withdraw(1) == here and mirror.newest(1, 1001) == elsewhere
    assert mirror.tally(1001, 2).here == Counts(2, 2, 2)
    assert mirror.tally(1000 + DAY, None).everywhere.day == 0


def test_a_clock_that_jumps_a_day_ahead_and_back_loses_and_adds_nobody() -> None:
    mirror = Mirror()
    for who in range(5):
        mirror.add(Report(who, "s", 1 + who % 2, who, None, 10 * DAY + who))
    mirror.withdraw(4)
    before = mirror.tally(10 * DAY + 10, 1)
    assert mirror.tally(11 * DAY + 11, 1).everywhere.day == 0
    mirror.add(Report(9, "s", 1, 9, None, 11 * DAY + 20))  # reported while the clock was wrong
    assert mirror.tally(10 * DAY + 30, 1) == before
    assert mirror.counted(11 * DAY // 60) == 0


def test_whoever_takes_a_report_back_and_reports_again_is_heard_once_in_an_hour() -> None:
    mirror = Mirror()
    for second in range(0, 4 * 3600, 120):
        mirror.add(Report(second + 1, "s", 1, 7, None, second))
        assert mirror.tally(second, None).everywhere.quarter == 1, "the count is of reports that stand"
        mirror.withdraw(7)
    assert sum(map(mirror.reported, range(240))) == 4
    assert sum(map(mirror.counted, range(240))) == 0
    mirror.add(Report(90_000, "s", 1, 8, None, 4 * 3600))
    assert mirror.reported(240) == 1, "others are heard as ever"


def test_whoever_reports_every_quarter_of_an_hour_is_heard_once_in_an_hour() -> None:
    mirror = Mirror()
    for second in range(0, 4 * 3600, 960):
        mirror.add(Report(second + 1, "s", 1, 7, None, second))
    assert sum(map(mirror.counted, range(240))) == 15
    assert sum(map(mirror.reported, range(240))) == 4


def test_people_are_credited_once_an_hour_to_their_server_with_how_many_it_had_in_the_day() -> None:
    mirror = Mirror()
    mirror.add(Report(1, "s", 1, 7, None, 100))
    mirror.add(Report(2, "s", 1, 8, None, 5 * 3600))
    mirror.add(Report(3, "s", 1, 9, None, 5 * 3600 + 10, young=True))
    mirror.add(Report(4, "s", 2, 10, None, 5 * 3600 + 20))
    mirror.withdraw(10)
    mirror.add(Report(5, "s", 2, 10, None, 5 * 3600 + 30))
    assert mirror.credited(300) == {1: (1.25, 3), 2: (1.0, 1)}
    assert mirror.credited(301) == {}
