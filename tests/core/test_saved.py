"""Saved values: written as JSON and read back without loss; garbage is rejected."""

import json
from typing import Any

import pytest

from bot.core.saved import load, numbers, save


class Holder:
    def __init__(self) -> None:
        self.count, self.on, self.list = 0.0, False, [0.0, 0.0]


def test_values_come_back_as_they_were_and_lists_are_copies() -> None:
    part, again = Holder(), Holder()
    part.count, part.on, part.list = 2.5, True, [1.0, 2.0]
    state = save(part, vars(part))
    part.list[0] = 99.0
    load(again, vars(again), json.loads(json.dumps(state)))
    assert (again.count, again.on, again.list) == (2.5, True, [1.0, 2.0])


@pytest.mark.parametrize(
    "bad",
    [
        {"count": "2"},
        {"count": True},
        {"count": float("nan")},
        {"count": float("inf")},
        {"count": None},
        {"on": "yes"},
        {"list": [1.0]},
        {"list": [1.0, 2.0, 3.0]},
        {"list": [1.0, "x"]},
        {"list": (1.0, 2.0)},
    ],
)
def test_what_is_of_another_kind_or_length_is_refused(bad: dict[str, Any]) -> None:
    part = Holder()
    with pytest.raises(ValueError, match="not a"):
        load(part, vars(part), save(part, vars(part)) | bad)


def test_numbers_are_so_many_finite_ones() -> None:
    assert numbers([1, 2.5], 2) == [1, 2.5]
    for bad in ([1], [1, 2, 3], [1, True], [1, float("nan")], "12", None):
        with pytest.raises(ValueError, match="not a"):
            numbers(bad, 2)
