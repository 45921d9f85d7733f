"""Errors: their texts for operators, and that all derive from our own class."""

from importlib import import_module
from pkgutil import walk_packages

import pytest

import bot
from bot.core import errors


def test_every_error_is_one_of_ours() -> None:
    modules = [
        import_module(one.name) for one in walk_packages(bot.__path__, "bot.") if not one.name.endswith("__main__")
    ]
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__.startswith("bot.")
    }
    assert len(kinds) > 15
    assert not [kind for kind in kinds if not issubclass(kind, errors.NotJustYouError)]
    assert issubclass(errors.SchemaError, errors.StoreError)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.ConfigurationError(["one is wrong", "so is another"]), "one is wrong\nso is another"),
        (errors.UnknownServiceError("nope"), "no service called 'nope'; `notjustyou services list` shows them"),
        (errors.InvalidValueError("cooldown", "one of 30, 60"), "cooldown: should be one of 30, 60"),
        (errors.WrongInputError("roles", "At most {most}.", most=3), "roles: At most 3."),
    ],
)
def test_it_says_what_is_wrong_and_what_would_be_right(error: errors.NotJustYouError, sentence: str) -> None:
    assert str(error) == sentence
