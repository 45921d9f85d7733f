"""The package's own data, read once for all tests of a process: reading it takes longer than most tests."""

from functools import cache

from bot.content.resources import Resources


@cache
def resources() -> Resources:
    """The languages, the vocabulary and the words of distress."""
    return Resources.read()
