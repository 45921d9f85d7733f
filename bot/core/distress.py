"""Detects people in distress. A message about suicide or self-harm gets no auto-reply and is not counted.

Phrases in many languages, optimised for recall over precision: an unanswered joke costs little. A text is read as it
sounds to a reader (`mention_text.fold`), so odd spelling hides nothing. A phrase is only tried where one of its first
words occurs, so most words of a message cost two look-ups.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.core.mention_text import flat, fold

UNSPACED = frozenset({"ar", "fa", "ja", "ko", "th", "zh"})
"""Languages whose phrases are matched without regard to spaces: they have none, or join small words."""
_SIGN_FOR_LETTER = re.compile(r"(?<=[^\W\d_])[!@$](?=[^\W\d_])")
_LETTERS = {"!": "i", "@": "a", "$": "s"}
_HIDING = re.compile(r"(?<=[^\W\d_])[*_·•](?=[^\W\d_])|['’ʼ´`]")
_SPELT_OUT = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*]){2,}[^\W\d_](?!\w)")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*]")
_CLAUSE_END = re.compile(r"[.!?,;:\n…。！？、،؟।]+")
_NO_WORD = re.compile(r"[^\w|\u0900-\u0dff\u0e00-\u0eff]+")
_PIECE = re.compile(r" \.\.\. |[()|*?$ ]|[^()|*?$ ]+")
_FIRST = re.compile(r"\(([^)]*)\)|([^ ]+)")
_END = "|"
_SIGNS = {"(": "(?:", ")": ")", "|": "|", "?": "?"}
_SPACED = {**_SIGNS, " ": " ", " ... ": r" (?:\S+ ){0,3}", "*": r"[^\s|]*", "$": r"\|"}
_TOGETHER = {**_SIGNS, " ... ": ".{0,8}"}
_STEM = 3
"""Number of letters that index a phrase whose first word has an open end."""


@dataclass(frozen=True, slots=True)
class DistressWords:
    """The phrases of one language; each is enough. `harmless` ones are taken out of the text first.

    In a phrase `(a|b)` are alternatives, `(a)?` may be missing, `*` stands for any ending, `...` for up to three words
    (or eight letters) and `$` for a clause's end.
    """

    language: str
    phrases: tuple[str, ...]
    harmless: tuple[str, ...] = ()


class Distress:
    """Built once; its result depends on the text alone, and it keeps nothing."""

    def __init__(self, languages: Iterable[DistressWords]) -> None:
        self._spaced, self._spaced_harmless = _Words(), _Words()
        self._together, self._together_harmless = _Letters(), _Letters()
        for one in languages:
            unspaced = one.language in UNSPACED
            for phrase in one.phrases:
                (self._together if unspaced else self._spaced).add(phrase)
            for phrase in one.harmless:
                (self._together_harmless if unspaced else self._spaced_harmless).add(phrase)

    def matches(self, text: str) -> bool:
        """Whether a person in distress may have written this. Never raises."""
        words = read(text)
        if any(self._spaced.found(_without(words, self._spaced_harmless.found(words)))):
            return True
        if words.isascii():
            return False
        letters = words.replace(" ", "").replace(_END, "")
        return any(self._together.found(_without(letters, self._together_harmless.found(letters))))


class _Phrase:
    """A phrase, compiled to a pattern when its first word first occurs: most never do."""

    __slots__ = ("_pattern", "_written")

    def __init__(self, written: str) -> None:
        self._written = written
        self._pattern: re.Pattern[str] | None = None

    def match(self, text: str, at: int, *, spaced: bool) -> re.Match[str] | None:
        """The match if the phrase is at this position."""
        if self._pattern is None:
            written = f" {_expression(self._written, _SPACED)} " if spaced else _expression(self._written, _TOGETHER)
            self._pattern = re.compile(written)
        return self._pattern.match(text, at)


class _Words:
    """Phrases of words with spaces between them."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[_Phrase]] = {}
        self._by_stem: dict[str, list[_Phrase]] = {}

    def add(self, written: str) -> None:
        """Add a phrase."""
        phrase = _Phrase(written)
        for word in first_words(written):
            if word.endswith("*"):
                self._by_stem.setdefault(_read_piece(word)[:_STEM], []).append(phrase)
            else:
                self._by_word.setdefault(_read_piece(word), []).append(phrase)

    def found(self, words: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each phrase found."""
        at = 0
        for word in words.split():
            for phrase in (*self._by_word.get(word, ()), *self._by_stem.get(word[:_STEM], ())):
                if match := phrase.match(words, at, spaced=True):
                    yield match.span()
            at += len(word) + 1


class _Letters:
    """Phrases that may occur anywhere between letters."""

    def __init__(self) -> None:
        self._by_letter: dict[str, list[_Phrase]] = {}

    def add(self, written: str) -> None:
        """Add a phrase."""
        phrase = _Phrase(written)
        for letter in {_read_piece(word)[0] for word in first_words(written)}:
            self._by_letter.setdefault(letter, []).append(phrase)

    def found(self, letters: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each phrase found."""
        for at, letter in enumerate(letters):
            for phrase in self._by_letter.get(letter, ()):
                if match := phrase.match(letters, at, spaced=False):
                    yield match.span()


def read(text: str) -> str:
    """The folded words of a text with one space before and after each; `|` stands for the end of a clause."""
    text = flat(text).replace(_END, " ")
    text = _HIDING.sub("", _SIGN_FOR_LETTER.sub(lambda sign: _LETTERS[sign.group()], text))
    text = _SPELT_OUT.sub(lambda letters: _BETWEEN_LETTERS.sub("", letters.group()), text)
    words = _NO_WORD.sub(" ", _CLAUSE_END.sub(" | ", text)).split()
    return f" {' '.join(word if word == _END else fold(word) for word in words)} | "


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for begin, end in sorted(spans, reverse=True):
        text = f"{text[:begin]} | {text[end:]}"
    return text


def first_words(phrase: str) -> set[str]:
    """The words that a phrase can begin with, as written."""
    first = _FIRST.match(phrase)
    assert first is not None, "a phrase has a word"
    return {one.split(" ")[0] for one in (first[1].split("|") if first[1] else (first[2],))}


def _read_piece(word: str) -> str:
    return read(word).rstrip(" |").strip()


def _expression(written: str, signs: Mapping[str, str]) -> str:
    return "".join(signs.get(one) or re.escape(_read_piece(one)) for one in _PIECE.findall(written))
