"""Weights: the same values as a dictionary, for any number of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.weights import weights

WEIGHTS = st.floats(-3, 3).map(lambda weight: round(weight, 3)).filter(bool)


@given(st.dictionaries(st.text(), WEIGHTS, max_size=50), st.lists(st.text()))
def test_what_was_added_has_its_weight_and_nothing_else_has_one(added: dict[str, float], others: list[str]) -> None:
    asked = [*others, *added, *reversed(added)]
    assert weights(added).of(asked) == [added[feature] for feature in asked if feature in added]


@pytest.mark.parametrize("count", [0, 1, 682, 683, 50_000])
def test_it_has_room_for_any_number(count: int) -> None:
    added = {f"feature {number}": (number % 2000 + 1) / 1000 for number in range(count)}
    made = weights(added)
    assert made.of(added) == list(added.values())
    assert made.of(f"other {number}" for number in range(10_000)) == []
