"""Quiet hours, own phrases, and scores of rules."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidValueError
from bot.core.own_phrases import OwnPhrases, check_phrase, phrase_rule
from bot.core.quiet_hours import QuietHours
from bot.core.rule_scores import RuleScore

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


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("ate my chat", "it ATE  my chaaat!", True),
        ("ate my chat", "it ate my chatter", False),
        ("ate my chat", "plate my chat", False),
        ("落ちた", "サーバー落ちたよ", True),
        ("café is closed", "CAFE is closed", True),
        ("c.ai died", "omg c ai died", True),
        ("/ghost(ed|ing) me/", "the bot is GHOSTING ME", True),
        ("/^no$/", "no thanks", False),
        ("500", "so what's for dinner", False),
        ("500", "it says 500 again", True),
        ("error 404", "ERROR 404!", True),
        ("бот опять завис", "lol бот опять завис", True),
        ("не работает", "c.ai не работает опять", True),
        ("काम", "किम जोंग", False),
        ("ล่ม", "ลมแรงมาก", False),
        ("ʼʼʼ", "!!! 😂", False),
        ("/rip cai/", "rip cai \ud800", True),
    ],
)
def test_own_phrases(phrase: str, text: str, found: bool) -> None:
    assert (OwnPhrases([check_phrase(phrase)]).find(text) == phrase) is found


@given(st.text(max_size=120))
def test_any_phrase_is_refused_by_name_or_can_be_looked_for(phrase: str) -> None:
    try:
        kept = check_phrase(phrase)
    except InvalidValueError as error:
        assert error.field == "phrases"
    else:
        assert check_phrase(kept) == kept
        OwnPhrases([kept]).find("some text")
        assert phrase_rule(kept).startswith("own.")


@pytest.mark.parametrize("phrase", ["!!!", "🎉🎉🎉", "a\ud800b"])
def test_phrases_without_words_are_refused(phrase: str) -> None:
    with pytest.raises(InvalidValueError):
        check_phrase(phrase)


def test_a_rule_turns_off_after_three_misses_in_over_a_quarter_of_its_replies() -> None:
    score = RuleScore()
    for _ in range(20):
        score = score.replied()
    for _ in range(5):
        score = score.called_wrong()
    assert not score.off and score.precision == 0.75
    assert score.called_wrong().off
    assert not RuleScore(2, 1).called_wrong().off
    assert RuleScore(3, 2).called_wrong().off


def test_a_rule_is_judged_by_its_latest_work() -> None:
    score = RuleScore()
    for _ in range(5_000):
        score = score.replied()
    assert score.replies <= 101
    for _ in range(40):
        score = score.replied().called_wrong()
    assert score.off


@given(st.lists(st.booleans(), max_size=400))
def test_counts_stay_sensible(wrong: list[bool]) -> None:
    score = RuleScore()
    for one in wrong:
        score = score.called_wrong() if one else score.replied()
        assert 0 <= score.wrong <= score.replies
        assert score.precision is None or 0 <= score.precision <= 1
