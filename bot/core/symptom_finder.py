"""Finds the symptom in a message: the kind of trouble it is about, by the phrases in the service's files.

The detector, not this module, decides whether the message is a mention. Only for symptoms that are no outage, such as a
limit of the service, a phrase can be enough to answer.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from bot.core.mention_features import Lexicon
from bot.core.mention_text import END, TextReader, clauses, flat, written_together
from bot.core.service import Counted, Symptom

UNLESS = frozenset({"other", "yesterday", "back", "code", "maybe"})
"""Concepts that keep a phrase from being enough: another product, the past, the person's own code, speculation."""

_SPELT_NUMBERS = frozenset({"<5xx>", "<num>"})
_SHORTEST_ANCHOR = 4
_SIGNS = str.maketrans("`>", "  ")


class Strength(IntEnum):
    """How strong a phrase is, as in `Phrases`."""

    WORDS = 1
    NAMED = 2
    SHOWN = 3


class FoundSymptom(NamedTuple):
    """The symptom of a message. `enough`: it may be answered for this alone, whether or not it is a mention."""

    symptom: Symptom
    enough: bool


class _Phrase(NamedTuple):
    tokens: tuple[str, ...]
    stem: bool
    strength: Strength
    order: int
    symptom: Symptom


class SymptomFinder:
    """Finds the symptoms of one service. Built once; the result depends on the text alone."""

    def __init__(self, reader: TextReader, lexicon: Lexicon, symptoms: Sequence[Symptom]) -> None:
        self.symptoms = symptoms
        self._reader = reader
        self._lexicon = lexicon
        self._starts: dict[str, list[_Phrase]] = {}
        self._stems: list[tuple[str, _Phrase]] = []
        self._parts: list[tuple[str, _Phrase]] = []
        for order, symptom in enumerate(symptoms):
            kinds = (symptom.phrases.words, symptom.phrases.named, symptom.phrases.shown)
            for strength, written in zip(Strength, kinds, strict=True):
                for phrase in written:
                    self._add(phrase, strength, order, symptom)
        self._anchors = _anchors(
            phrase
            for symptom in symptoms
            if symptom.counted is Counted.NEVER
            for phrase in (*symptom.phrases.named, *symptom.phrases.shown)
        )

    def find(self, text: str) -> FoundSymptom | None:
        """The symptom that the text names most clearly, or None. Never raises."""
        # An error shown as code names the symptom as well as any other.
        found = max(self._met(self._spelt(text.translate(_SIGNS))), key=_weight, default=None)
        return None if found is None else FoundSymptom(found.symptom, self._is_enough(found, text))

    def find_enough(self, text: str) -> FoundSymptom | None:
        """Like `find`, but only for phrases that are enough by themselves.

        For messages that are no mention, which are most.
        """
        small = flat(text)
        if not any(anchor in small for anchor in self._anchors):
            return None
        found = self.find(text)
        return found if found is not None and found.enough else None

    def _is_enough(self, phrase: _Phrase, text: str) -> bool:
        if not _may_be_enough(phrase):
            return False
        tokens = self._spelt(text)  # here code and quotations do not count
        if phrase.strength is Strength.NAMED and "<svc>" not in tokens:
            return False
        if not any(met is phrase for met in self._met(tokens)):
            return False
        return all(UNLESS.isdisjoint(self._lexicon.concepts(clause)) for clause in clauses(tokens))

    def _met(self, tokens: Sequence[str]) -> Iterable[_Phrase]:
        for at, token in enumerate(tokens):
            for phrase in self._starts.get(token, ()):
                if _matches(phrase, tokens[at : at + len(phrase.tokens)]):
                    yield phrase
            yield from (phrase for stem, phrase in self._stems if token.startswith(stem))
            if self._parts and written_together(token):
                yield from (phrase for part, phrase in self._parts if part in token)

    def _add(self, written: str, strength: Strength, order: int, symptom: Symptom) -> None:
        tokens = [token for token in self._spelt(written.rstrip("*")) if token != END]
        if not tokens:
            return
        phrase = _Phrase(tuple(tokens), written.endswith("*"), strength, order, symptom)
        if len(tokens) == 1 and written_together(tokens[0]):
            self._parts.append((tokens[0], phrase))
        elif len(tokens) == 1 and phrase.stem:
            self._stems.append((tokens[0], phrase))
        else:
            self._starts.setdefault(tokens[0], []).append(phrase)

    def _spelt(self, text: str) -> list[str]:
        """The tokens, but with numbers as written: 502 and 524 are different errors."""
        return [spelt if token in _SPELT_NUMBERS else token for token, spelt in self._reader.spelt(text)]


def _may_be_enough(phrase: _Phrase) -> bool:
    return phrase.symptom.counted is Counted.NEVER and phrase.strength is not Strength.WORDS


def _weight(phrase: _Phrase) -> tuple[int, int, int]:
    """The clearest phrase first, then the longest, then that of the symptom that the service names first."""
    return phrase.strength, len(phrase.tokens), -phrase.order


def _matches(phrase: _Phrase, tokens: Sequence[str]) -> bool:
    if not phrase.stem or len(tokens) < len(phrase.tokens):
        return phrase.tokens == tuple(tokens)
    return phrase.tokens[:-1] == tuple(tokens[:-1]) and tokens[-1].startswith(phrase.tokens[-1])


def _anchors(written: Iterable[str]) -> tuple[str, ...]:
    """A few pieces of text such that each phrase contains one: a text without any of them contains no phrase."""
    left = [frozenset(flat(phrase.rstrip("*")).split()) for phrase in written]
    chosen = list[str]()
    while left:
        counts = Counter[str]()
        for words in left:
            counts.update([word for word in words if len(word) >= _SHORTEST_ANCHOR] or words)
        best = max(counts, key=lambda word: (counts[word], len(word), word))
        chosen.append(best)
        left = [words for words in left if not any(best in word for word in words)]
    return tuple(chosen)
