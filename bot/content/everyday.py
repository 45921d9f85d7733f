"""Everyday words by language: in a message with one of them, a service's careful words may not be its name."""

import tomllib
from importlib.resources import files


def everyday_words() -> dict[str, frozenset[str]]:
    """Language -> its commonest words."""
    text = files("bot.content").joinpath("mentions", "everyday.toml").read_text("utf-8")
    return {language: frozenset(words) for language, words in tomllib.loads(text).items()}
