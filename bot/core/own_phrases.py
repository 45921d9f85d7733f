"""A server's own phrases: additional texts that the bot answers, chosen by its moderators.

A phrase is searched for literally, as whole words, in any case and spelling. Between slashes, `/like this/`, it is a
pattern for google-re2, whose running time is proportional to the text and to the pattern's program. So both are
limited: the program when the pattern is saved, and the text to its first few hundred letters.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol
from zlib import crc32

from bot.core.errors import WrongInputError
from bot.core.mention_text import MAX_LENGTH, written_together
from bot.core.texts import N_

MAX_PHRASES = 20
MAX_PHRASE = 100
_SHORTEST = 3
_ACCENTS = re.compile("[\u0300-\u036f]")
_STRETCHED = re.compile(r"([^\W\d_])\1+")
MOST_MEMORY = 1 << 17
"""Bytes for one compiled pattern with its caches; this refuses nested repetitions."""
MOST_STEPS = 1500
"""The longest program of a pattern; any letter of any script (`\\pL`) takes about 1,200 steps."""
LONGEST_SEARCHED = 400
"""Number of letters of a message that patterns are tried on."""
LONGEST_SEARCH = 0.000_25
"""Seconds of CPU time that a pattern may take for the worst of a few texts when it is saved."""
_TIMED = 3
_HARD_TEXTS = ("a", "ab", "a b ", "abcdefghijklmnopqrstuvwxyz ", "0123456789", "\u0430\u3042\u00df\U0001f600 ")
Stopwatch = Callable[[], float]
"""Seconds of CPU time of this thread."""


def check_phrase(phrase: str) -> str:
    """The phrase with its white space normalised. Raises WrongInputError with the reason."""
    phrase = " ".join(phrase.split())
    if problem := _problem(phrase):
        raise WrongInputError("phrases", problem, phrase=phrase, shortest=_SHORTEST, longest=MAX_PHRASE)
    return phrase


def _problem(phrase: str) -> str | None:
    if not is_sound(phrase):
        return N_("One phrase has a broken character. Type it again.")
    if not _SHORTEST <= len(phrase) <= MAX_PHRASE:
        return N_("“{phrase}” must have {shortest} to {longest} characters.")
    if is_pattern(phrase):
        pattern = _compile(phrase)
        if pattern is None:
            return N_("“{phrase}” isn't a pattern that I can use: it is mistyped or too complex (RE2 syntax).")
        if pattern.search("") is not None:
            return N_("“{phrase}” would match every message. Add some words to it.")
    elif not any(map(str.isalnum, _words(phrase))):
        return N_("“{phrase}” needs letters or digits.")
    return None


def check_speed(phrases: Iterable[str], stopwatch: Stopwatch) -> None:
    """Raises WrongInputError for the first pattern that is too slow. Takes some milliseconds for each."""
    for phrase in filter(is_pattern, phrases):
        pattern = _compile(phrase)
        if pattern is not None and any(_is_slow(pattern, text, stopwatch) for text in _hard_texts(phrase)):
            problem = N_("“{phrase}” would be too slow to search for. Use fewer repetitions in it.")
            raise WrongInputError("phrases", problem, phrase=phrase)


def is_sound(text: str) -> bool:
    """Whether it is valid Unicode.

    JSON can contain half a character (a lone surrogate), and nothing else accepts it.
    """
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


class Budget(Protocol):
    """The CPU time that a server's patterns may take."""

    stopwatch: Stopwatch

    def rests(self, phrase: str) -> bool:
        """Whether this pattern is suspended for now."""
        ...

    def spend(self, phrase: str, seconds: float) -> None:
        """Record the time that a pattern took."""
        ...


class OwnPhrases:
    """The phrases of one server, prepared for searching.

    `refused` holds patterns that are too large for this version.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        self._literal = [(phrase, _needle(phrase)) for phrase in phrases if not is_pattern(phrase)]
        compiled = [(phrase, _compile(phrase)) for phrase in phrases if is_pattern(phrase)]
        self._patterns = [(phrase, pattern) for phrase, pattern in compiled if pattern is not None]
        self.refused = tuple(phrase for phrase, pattern in compiled if pattern is None)

    @property
    def memory(self) -> int:
        """The most bytes that its patterns can use."""
        return len(self._patterns) * MOST_MEMORY

    def find(self, text: str, budget: Budget | None = None) -> str | None:
        """The first phrase that the text contains, or None. Patterns that the budget suspends are left out."""
        text = text[:MAX_LENGTH]
        if self._literal:
            words = f" {_words(text)} "
            for phrase, needle in self._literal:
                if needle in words:
                    return phrase
        return self._find_pattern(_beginning(text), budget) if self._patterns else None

    def _find_pattern(self, text: str, budget: Budget | None) -> str | None:
        for phrase, pattern in self._patterns:
            if budget is None:
                found = pattern.search(text)
            elif budget.rests(phrase):
                continue
            else:
                begin = budget.stopwatch()
                found = pattern.search(text)
                budget.spend(phrase, budget.stopwatch() - begin)
            if found is not None:
                return phrase
        return None


def _beginning(text: str) -> str:
    """The part of a text that patterns are tried on, cut between words if possible."""
    if len(text) > LONGEST_SEARCHED:
        cut = text[: LONGEST_SEARCHED + 1]
        text = cut[: cut.rfind(" ")] if " " in cut else cut[:LONGEST_SEARCHED]
    return text if is_sound(text) else text.encode("utf-8", "replace").decode()


def _hard_texts(phrase: str) -> list[str]:
    """Texts that take patterns long: repeated, and in an order that gives no pattern the same state twice."""
    own = "".join(filter(str.isalnum, phrase))
    repeated = [(text * LONGEST_SEARCHED)[:LONGEST_SEARCHED] for text in (*_HARD_TEXTS, own) if text]
    mixed = ["".join(text[n * n * n // 7 % len(text)] for n in range(LONGEST_SEARCHED)) for text in repeated]
    return repeated + mixed


def _is_slow(pattern: Any, text: str, stopwatch: Stopwatch) -> bool:
    """Whether every one of several searches takes too long.

    A single slow one may be due to other work on the machine.
    """
    return all(_took(pattern, text, stopwatch) > LONGEST_SEARCH for _ in range(_TIMED))


def _took(pattern: Any, text: str, stopwatch: Stopwatch) -> float:
    begin = stopwatch()
    pattern.search(text)
    return stopwatch() - begin


def _needle(phrase: str) -> str:
    words = _words(phrase)
    # Scripts that write words together have no whole words to search for.
    return words if any(map(written_together, words.split())) else f" {words} "


def _words(text: str) -> str:
    """Only the words, in lower case, without accents and repeated letters; digits stay unchanged."""
    # Remove accents first, because ordering thousands of them takes long, and one letter may become eighteen.
    flat = unicodedata.normalize("NFKC", _ACCENTS.sub("", text))[:MAX_LENGTH].casefold()
    spaced = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in flat)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", spaced))
    return " ".join(_STRETCHED.sub(r"\1", unicodedata.normalize("NFC", bare)).split())


def _compile(phrase: str) -> Any:
    import re2  # noqa: PLC0415 - takes 1.5 MB, and most servers have no pattern

    library: Any = re2  # re2 has no type hints
    options = library.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        pattern = library.compile(phrase[1:-1], options)
    except (library.error, UnicodeError):
        return None
    return pattern if pattern.programsize <= MOST_STEPS else None
