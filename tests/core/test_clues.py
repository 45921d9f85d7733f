"""Clues: those that misled in a server count less there, within limits."""

from bot.core.clues import MOST_LOWERED, lowered
from bot.core.rule_scores import RuleScore


def test_one_wrong_reply_changes_nothing() -> None:
    assert lowered([RuleScore(replies=1, wrong=1)]) == 0


def test_a_clue_that_is_mostly_right_is_not_lowered() -> None:
    assert lowered([RuleScore(replies=30, wrong=5)]) == 0
    assert lowered([]) == lowered([RuleScore()]) == 0


def test_the_more_often_a_clue_misled_the_less_it_counts() -> None:
    found = [lowered([RuleScore(replies=10, wrong=wrong)]) for wrong in range(5, 11)]
    assert found == sorted(found)
    assert found[0] == 0 and found[-1] > 2


def test_the_worst_clue_decides_and_the_sum_of_many_is_bounded() -> None:
    worst = RuleScore(replies=1000, wrong=1000)
    assert lowered([worst] * 9) == lowered([RuleScore(replies=50, wrong=1), worst]) == MOST_LOWERED
