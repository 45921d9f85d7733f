"""Errors: what an operator reads of them, and that all are ours."""

import pytest

from bot.core import errors


def test_every_error_is_one_of_ours() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert len(kinds) > 4
    assert all(issubclass(kind, errors.NotJustYouError) for kind in kinds)
    assert issubclass(errors.SchemaError, errors.StoreError)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.ConfigurationError(["one is wrong", "so is another"]), "one is wrong\nso is another"),
        (errors.UnknownServiceError("nope"), "no service called 'nope'; `notjustyou services list` shows them"),
        (errors.InvalidValueError("cooldown", "one of 30, 60"), "cooldown: should be one of 30, 60"),
    ],
)
def test_it_says_what_is_wrong_and_what_would_be_right(error: errors.NotJustYouError, told: str) -> None:
    assert str(error) == told
