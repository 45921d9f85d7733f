"""The order of the steps in a guide."""

from bot.core.step_scores import LEAST_ANSWERS, MEMORY, NOTHING, answered, order


def test_steps_stay_as_they_are_until_enough_people_have_answered_and_then_the_helpful_come_first() -> None:
    assert order(3, {}) == (0, 1, 2)
    assert order(3, {2: LEAST_ANSWERS - 1}) == (0, 1, 2)
    assert order(3, {2: 5, NOTHING: 3}) == (2, 0, 1)
    assert order(4, {1: 4, 3: 4}) == (1, 3, 0, 2), "those that helped equally stay as they are"
    assert order(2, {5: 20}) == (0, 1), "a step that the guide has no more"


def test_answers_add_up_and_old_ones_fade() -> None:
    counts = answered(answered({}, 1), NOTHING)
    assert counts == {1: 1, NOTHING: 1}
    assert answered({0: MEMORY}, 1) == {0: MEMORY // 2, 1: 1}
