"""A server's own phrases: more texts that the bot answers, chosen by its moderators.

A phrase is searched for literally, as whole words, in any case and spelling. Between slashes, `/like this/`, it is a
pattern for google-re2, which always needs linear time; a pattern for Python's own `re` could block the bot for minutes.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import re2

from bot.core.errors import InvalidValueError
from bot.core.mention_text import MAX_LENGTH, written_together

MAX_PHRASES = 20
MAX_PHRASE = 100
_SHORTEST = 3
_re2: Any = re2  # it comes without types
_ACCENTS = re.compile("[\u0300-\u036f]")
_STRETCHED = re.compile(r"([^\W\d_])\1+")
_MOST_MEMORY = 1 << 20
"""Bytes for one compiled pattern: nested repetitions are refused."""


def check_phrase(phrase: str) -> str:
    """The phrase with its white space normalised. Raises InvalidValueError that says what is wrong with it."""
    phrase = " ".join(phrase.split())
    shown = f"`{phrase[:MAX_PHRASE].replace('`', '')}`"
    if not is_sound(phrase):
        raise InvalidValueError("phrases", "texts that can be written down; one holds half a character")
    if not _SHORTEST <= len(phrase) <= MAX_PHRASE:
        raise InvalidValueError("phrases", f"texts of {_SHORTEST} to {MAX_PHRASE} letters; {shown} is not")
    if is_pattern(phrase):
        pattern = _compile(phrase)
        if pattern is None:
            raise InvalidValueError("phrases", f"patterns that RE2 reads and that stay small; {shown} is not one")
        if pattern.search("") is not None:
            raise InvalidValueError("phrases", f"patterns that need some text; {shown} matches everything")
    elif not any(map(str.isalnum, _words(phrase))):
        raise InvalidValueError("phrases", f"texts with letters or digits; {shown} has none")
    return phrase


def is_sound(text: str) -> bool:
    """Whether it is valid Unicode; JSON can contain half a character (a lone surrogate), which nothing else accepts."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_pattern(phrase: str) -> bool:
    """Whether the phrase is a pattern, written between slashes."""
    return len(phrase) > 2 and phrase[0] == phrase[-1] == "/"  # noqa: PLR2004 - two slashes and something


def phrase_rule(phrase: str) -> str:
    """A short name of this phrase's rule, for counting; the same phrase always has the same name."""
    return f"own.{crc32(phrase.encode()):08x}"


class OwnPhrases:
    """The phrases of one server, prepared for searching."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._literal = [(phrase, _needle(phrase)) for phrase in phrases if not is_pattern(phrase)]
        compiled = ((phrase, _compile(phrase)) for phrase in phrases if is_pattern(phrase))
        self._patterns = [(phrase, pattern) for phrase, pattern in compiled if pattern is not None]

    def find(self, text: str) -> str | None:
        """The first phrase that the text contains, or None."""
        text = text[:MAX_LENGTH]
        if self._literal:
            words = f" {_words(text)} "
            for phrase, needle in self._literal:
                if needle in words:
                    return phrase
        if self._patterns and not is_sound(text):
            text = text.encode("utf-8", "replace").decode()
        for phrase, pattern in self._patterns:
            if pattern.search(text) is not None:
                return phrase
        return None


def _needle(phrase: str) -> str:
    words = _words(phrase)
    # Scripts that write words together have no whole words to search for.
    return words if any(map(written_together, words.split())) else f" {words} "


def _words(text: str) -> str:
    """Only the words, in lower case, without accents and repeated letters; digits stay unchanged."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    spaced = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in flat)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", spaced))
    return " ".join(_STRETCHED.sub(r"\1", unicodedata.normalize("NFC", bare)).split())


def _compile(phrase: str) -> Any:
    options = _re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        return _re2.compile(phrase[1:-1], options)
    except (_re2.error, UnicodeError):
        return None
