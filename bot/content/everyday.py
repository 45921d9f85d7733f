"""Small words by language: beside them, a service's careful words may not be its name."""

import tomllib
from importlib.resources import files
from typing import Any

from bot.core.mention_text import fold
from bot.core.name_sense import Grammar

_FOLDER = files("bot.content").joinpath("mentions")


def everyday_words() -> dict[str, frozenset[str]]:
    """Language -> its most common words, as used in training the mention model."""
    return {language: frozenset(words) for language, words in _read("everyday.toml").items()}


def read_grammars() -> dict[str, Grammar]:
    """Language -> its small words, which distinguish a name from an everyday word.

    Spelt like the tokens of a message.
    """
    return {
        language: Grammar(**{kind: frozenset(map(fold, words)) for kind, words in kinds.items()})
        for language, kinds in _read("naming.toml").items()
    }


def _read(file: str) -> dict[str, Any]:
    return tomllib.loads(_FOLDER.joinpath(file).read_text("utf-8"))
