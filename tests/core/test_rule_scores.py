"""Scores of rules: when a rule turns itself off, judged by its latest replies."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.rule_scores import HALVED_EVERY, RuleScore


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


def test_counts_are_halved_every_two_weeks() -> None:
    score = RuleScore(40, 8, since=1000)
    assert score.faded(1000 + HALVED_EVERY - 1) == score
    assert score.faded(1000 + HALVED_EVERY) == RuleScore(20, 4, since=1000 + HALVED_EVERY)
    assert score.faded(1000 + 100 * HALVED_EVERY) == RuleScore(0, 0, since=1000 + 100 * HALVED_EVERY)
    assert score.faded(5) == score, "a clock that was set back changes nothing"
    assert RuleScore(40, 8, off=True).faded(1000) == RuleScore(40, 8, off=True, since=1000), "of an older version"


@given(st.lists(st.booleans(), max_size=400))
def test_counts_stay_sensible(wrong: list[bool]) -> None:
    score = RuleScore()
    for one in wrong:
        score = score.called_wrong() if one else score.replied()
        assert 0 <= score.wrong <= score.replies
        assert score.precision is None or 0 <= score.precision <= 1
