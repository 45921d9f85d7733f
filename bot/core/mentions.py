"""Mentions: does this message say that the service is failing, now?

A first, honest version: phrases per kind of complaint, read clause by clause, with words that take a
clause out of account (past, fixed, another product, own device, hypothetical). Precision comes first: an
interruption of the wrong talk is worse than a missed one. The phrases are data (`content/mentions.toml`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_LENGTH = 1000
"""Longer messages are stories, not complaints; only this much is read."""

_MARKUP = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^\s*>.*$|https?://\S+|<a?:\w+:\d+>|<[@#][^>]{1,30}>",
    re.DOTALL | re.MULTILINE,
)
_REPEATED = re.compile(r"([^\W\d_])\1+")
_SPACES = re.compile(r"[^\S\n]+")
_CLAUSES = re.compile(r"[!\n;,。！]+|\.+(?=\s|$)|(?<=\?)|？|\b(?:but|though|pero|mas|aber|mais|ma)\b")


class Kind(StrEnum):
    """What sort of complaint it is."""

    ERROR = "error"
    """Names the error: "internal server error"."""
    QUESTION = "question"
    """Asks others: "is it down for anyone else?"."""
    SYMPTOM = "symptom"
    """Says what fails: "won't load"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A message that says the service fails now. `because` is the phrase of ours that was found."""

    kind: Kind
    because: str


class Detector:
    """Finds mentions of one service's trouble. Built once; `detect` is pure and fast.

    `phrases` maps each kind to its phrases. A phrase may hold `{it}`, which stands for the service's
    names or for "it", "the site" and the like; `{name}` for its names alone. `spoilers` take a clause out of account.
    """

    def __init__(
        self,
        words: Sequence[str],
        stand_ins: Sequence[str],
        phrases: Mapping[Kind, Sequence[str]],
        spoilers: Sequence[str],
        everywhere_spoilers: Sequence[str],
    ) -> None:
        stand_for = {"it": _one_of((*words, *stand_ins)), "name": _one_of(words)}
        self._kinds = tuple((kind, _any_of(group, stand_for)) for kind, group in phrases.items())
        self._spoiler = _any_of(spoilers, stand_for)
        self._everywhere_spoiler = _any_of(everywhere_spoilers, stand_for)

    def detect(self, text: str) -> Mention | None:
        """The first mention in the text, or None."""
        cleaned = normalise(text)
        if not cleaned or self._everywhere_spoiler.search(cleaned):
            return None
        for clause in _CLAUSES.split(cleaned):
            if not clause or self._spoiler.search(clause):
                continue
            for kind, pattern in self._kinds:
                if found := pattern.search(clause):
                    return Mention(kind, found.group(0).strip())
        return None


def normalise(text: str) -> str:
    """Lower case, compatibility forms folded, quotes, code, links and mentions taken out, doubled letters once."""
    folded = unicodedata.normalize("NFKC", text[:MAX_LENGTH]).casefold().replace("’", "'")
    plain = _MARKUP.sub(" ", folded)
    return _SPACES.sub(" ", _REPEATED.sub(r"\1", plain)).strip()


def _one_of(words: Sequence[str]) -> str:
    return "(?:" + "|".join(_literal(word) for word in words) + ")"


def _any_of(phrases: Sequence[str], stand_for: Mapping[str, str]) -> re.Pattern[str]:
    if not phrases:
        return re.compile(r"(?!)")
    parts = [_literal(phrase) for phrase in phrases]
    for mark, pattern in stand_for.items():
        parts = [part.replace(rf"\{{{mark}\}}", pattern) for part in parts]
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)")


def _literal(phrase: str) -> str:
    return re.escape(normalise(phrase)).replace(r"\ ", r"\s+")
