"""The sums of the mention detector: a first look at the words, and the score of the stretch that says most.

Both look at a part of the message, the part that speaks most for a report, so harmless sentences do not hide it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from bot.core.mention_features import (
    MOST_CLAUSES,
    Pair,
    neighbours_of,
    of_concepts,
    of_length,
    of_neighbours,
    of_word,
    of_word_at_first,
    spans,
)
from bot.core.mention_text import END, TextReader
from bot.core.mention_weights import Weights

Clauses = Sequence[Sequence[str]]

ALLOWANCE = 6.0
"""What stands around a stretch speaks against it only as far as it says so more clearly than this."""


class Best(NamedTuple):
    """The stretch that says most: its score in the message and alone, and which clauses it is."""

    score: float
    alone: float
    begin: int
    end: int


class FirstLook:
    """Weights of single words: how much the clauses that say most speak for a report. Spares ordinary chat the rest.

    `spelt` are words that are met often, as they are spelt; they are worked out beforehand. No others are remembered:
    people wrote them.
    """

    def __init__(self, weights: Weights, reader: TextReader, spelt: Iterable[str]) -> None:
        self._reader = reader
        self._sums = WordSums(weights, of_word_at_first, ())
        self._known = {letters: self._weight(letters) for letters in spelt}

    def most(self, letters: Iterable[str]) -> float:
        """The highest sum over neighbouring clauses."""
        known = self._known
        best, so_far, clause = -math.inf, 0.0, 0.0
        for spelt in letters:
            weight = known[spelt] if spelt in known else self._weight(spelt)
            if weight is not None:
                clause += weight
                continue
            so_far = clause + max(so_far, 0.0)
            best, clause = max(best, so_far), 0.0
        return max(best, clause + max(so_far, 0.0))

    def _weight(self, letters: str) -> float | None:
        """A word's weight; None for what stands between clauses."""
        token = self._reader.token(letters)
        return None if token == END else self._sums.total((token,))


class WordSums:
    """What words add to a sum, each by itself and by its pieces.

    Only `known` words are remembered, which makes it faster: the others are what people write, and that is not kept.
    """

    def __init__(self, weights: Weights, pieces: Callable[[str], Iterable[str]], known: Iterable[str]) -> None:
        self._weights = weights
        self._pieces = pieces
        self._known = {word: self._of(word) for word in known if word != END}

    def total(self, words: Iterable[str]) -> float:
        """The sum over the words; exact, so that their order does not matter."""
        known = self._known
        return math.fsum([known[word] if word in known else self._of(word) for word in words])

    def _of(self, word: str) -> float:
        return math.fsum(self._weights.of(self._pieces(word)))


class Scorer:
    """Scores the stretches of a message; the same sums as over `mention_features.features`.

    All sums of sets are exact: the order of sets changes from run to run, and must not show in the last digit.
    """

    def __init__(
        self, weights: Weights, pairs: Mapping[str, Mapping[Pair, float]], bias: float, known: Iterable[str]
    ) -> None:
        self._weights = weights
        self._follow, self._together, self._across = pairs[">"], pairs["&"], pairs["+"]
        self._bias = bias
        self.words = WordSums(weights, of_word, known)

    def best(self, parts: Clauses, found: Clauses) -> Best:
        """The best stretch among clauses, given their words and their concepts."""
        parts, found = parts[:MOST_CLAUSES] or [[]], found[:MOST_CLAUSES] or [[]]
        own = [self.clause(words, tags) for words, tags in zip(parts, found, strict=True)]
        if len(parts) == 1:
            score = self._bias + own[0] + self._one(of_length(len(parts[0])))
            return Best(score, score, 0, 1)
        return max(self._stretches(parts, found, own))

    def clause(self, words: Sequence[str], tags: Sequence[str]) -> float:
        """What a clause says by itself."""
        single, follow, together = of_concepts(tags)
        return math.fsum(
            (
                self.words.total(set(words)),
                *self._weights.of([*set(of_neighbours(words)), *[f"={tag}" for tag in single]]),
                *[self._follow.get(pair, 0.0) for pair in follow],
                *[self._together.get(pair, 0.0) for pair in together],
            )
        )

    def _stretches(self, parts: Clauses, found: Clauses, own: Sequence[float]) -> Iterator[Best]:
        count = len(parts)
        across = {
            (one, other): math.fsum(
                [self._across.get(pair, 0.0) for pair in product(set(found[one]), set(found[other]))]
            )
            for one, other in neighbours_of(count)
        }

        def among(begin: int, end: int) -> float:
            words = sum(map(len, parts[begin:end]))
            close = [across[pair] for pair in across if begin <= pair[0] and pair[1] < end]
            return math.fsum((self._bias, self._one(of_length(words)), *own[begin:end], *close))

        whole = among(0, count)
        for begin, end in spans(count):
            alone = among(begin, end)
            yield Best(pooled(alone, whole), alone, begin, end)

    def _one(self, feature: str) -> float:
        return math.fsum(self._weights.of((feature,)))


def pooled(alone: float, whole: float) -> float:
    """The score of a stretch in its message, given the sums over both.

    What stands around it counts in full if it speaks for a report, but against it only as far as it says so more
    clearly than any harmless sentence does.
    """
    around = whole - alone
    return whole if around >= 0 else alone + min(0.0, around + ALLOWANCE)
