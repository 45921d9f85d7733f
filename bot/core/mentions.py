"""Mentions: does this message say that the service is failing, now?

A lexicon gives words their concepts, clause by clause; a linear model adds up what words, their pieces, their
neighbours and the concepts say. Both are data (`bot/content/mentions`), made by `make mentions`; this is only sums
of table look-ups, so it takes microseconds and says the same on every machine.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.core.mention_features import Lexicon, Pair, of_concepts, of_length, of_neighbours, of_word, of_word_at_first
from bot.core.mention_text import END, TextReader, clauses
from bot.core.mention_weights import Weights

_NOT_SAID = frozenset({"<code>", "<shown>", "<quote>", "<url>", "<act>", "<user>", "<emoji>", END, "?"})
_TROUBLE = frozenset({"fails", "error", "5xx", "hangs", "cannot", "shown"})


class MentionKind(StrEnum):
    """What sort of complaint it is."""

    ERROR = "error"
    """Names an error that is shown: "internal server error"."""
    LOGIN = "login"
    """Cannot get in."""
    QUESTION = "question"
    """Asks others: "is it down for anyone else?"."""
    SYMPTOM = "symptom"
    """Says what fails: "won't load"."""


class Sensitivity(StrEnum):
    """How sure the bot must be before it answers."""

    CAREFUL = "careful"
    BALANCED = "balanced"
    EAGER = "eager"


@dataclass(frozen=True, slots=True)
class Mention:
    """A message that says the service fails now, as far as the model can tell.

    `confidence` is the model's probability, 0 to 1. `found` holds the message's own words that speak most for it.
    """

    kind: MentionKind
    confidence: float
    found: str

    REASONS: ClassVar[Mapping[MentionKind, str]] = {
        MentionKind.ERROR: "names an error that is shown",
        MentionKind.LOGIN: "says that they cannot get in",
        MentionKind.QUESTION: "asks whether it fails for others, too",
        MentionKind.SYMPTOM: "says that the service fails now",
    }

    @property
    def why(self) -> str:
        """The reason in words, for operators: "says that the service fails now: 'won't load'"."""
        return f"{self.REASONS[self.kind]}: '{self.found}'"


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt: a weight for each feature, and the confidence needed at each sensitivity.

    The eager point is the one for counting talk, too: below it there is no mention. `pairs` are the features such as
    `cannot>acts`, by their sign and their two concepts. `gate` is a first look with weights for words alone: a text
    that stays below `gate_point` is none either, which spares ordinary chat the rest. `words` are met often, as they
    are spelt; they are worked out beforehand.
    """

    weights: Weights
    pairs: Mapping[str, Mapping[Pair, float]]
    bias: float
    gate: Weights
    gate_point: float
    words: Sequence[str]
    points: Mapping[Sensitivity, float]


class Detector:
    """Finds mentions of one service's trouble. Built once; what it says depends on the text alone."""

    def __init__(self, name: str, reader: TextReader, lexicon: Lexicon, model: Model) -> None:
        self._name = name
        self._reader = reader
        self._lexicon = lexicon
        self._model = model
        # Most words of a message are among those of the model; they are worked out once, here.
        known = reader.expect(model.words)
        lexicon.expect(known)
        self._looks = _Sums(model.gate, of_word_at_first, known)
        self._sums = _Sums(model.weights, of_word, known)

    def replies(self, mention: Mention, sensitivity: Sensitivity = Sensitivity.BALANCED) -> bool:
        """Whether the bot is sure enough to answer."""
        return mention.confidence >= self._model.points[sensitivity]

    def detect(self, text: str) -> Mention | None:
        """The mention in the text, or None. Never raises."""
        weighed = self._weigh(text)
        if weighed is None:
            return None
        confidence, tokens, concepts = weighed
        if confidence < self._model.points[Sensitivity.EAGER] or _says_nothing_of_now(tokens, concepts):
            return None
        words, clause = self._most_telling(text)
        return Mention(_kind(clause, self._lexicon.concepts(clause)), confidence, words)

    def confidence(self, text: str) -> float:
        """The model's probability that the text is a mention, before any point or rule; for measuring."""
        weighed = self._weigh(text)
        return weighed[0] if weighed else 0.0

    def _weigh(self, text: str) -> tuple[float, list[str], list[list[str]]] | None:
        """Confidence, tokens, and the concepts of each clause; the same sum as over `mention_features.features`."""
        letters = self._reader.letters(text)
        words = self._reader.words(letters)
        if self._looks.total(words) < self._model.gate_point:
            return None
        tokens = self._reader.tokens(letters)
        weights, pairs = self._model.weights, self._model.pairs
        parts = list(clauses(tokens))
        concepts = [self._lexicon.concepts(clause) for clause in parts]
        neighbours = {pair for clause in parts for pair in of_neighbours(clause)}
        single, follow, together, across = of_concepts(concepts)
        # An exact sum: the order of sets changes from run to run, and must not show in the last digit.
        total = math.fsum(
            (
                self._model.bias,
                self._sums.total(words),
                *weights.of([of_length(tokens), *neighbours, *[f"={tag}" for tag in single]]),
                *[pairs[">"].get(pair, 0.0) for pair in follow],
                *[pairs["&"].get(pair, 0.0) for pair in together],
                *[pairs["+"].get(pair, 0.0) for pair in across],
            )
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), tokens, concepts

    def _most_telling(self, text: str) -> tuple[str, list[str]]:
        """The few neighbouring words that speak most for it, as they are written, and the clause they stand in."""
        best, words = -math.inf, ""
        clause, its_clause = list[str](), list[str]()
        run: list[tuple[float, str]] = []
        before = END
        for token, letters in self._reader.spelt(text):
            if token == END:
                run, clause = [], []
            else:
                here = self._sums.total((token,))
                step = sum(self._model.weights.of((f"{before} {token}",))) if run else 0.0
                shown = self._name if token == "<svc>" else letters  # noqa: S105 - a token of text
                run = [*((sum_ + here + step, f"{said} {shown}") for sum_, said in run[-4:]), (here, shown)]
                top, said = max(run)
                clause.append(token)
                if top > best:
                    best, words, its_clause = top, said, clause
            before = token
        return words, its_clause


class _Sums:
    """What words add to a sum, each by itself and by its pieces.

    Only `known` words are remembered, which makes it faster: the others are what people write, and that is not kept.
    """

    def __init__(self, weights: Weights, pieces: Callable[[str], Iterable[str]], known: Iterable[str]) -> None:
        self._weights = weights
        self._pieces = pieces
        self._known = {END: 0.0, **{word: self._of(word) for word in known}}

    def total(self, words: Iterable[str]) -> float:
        """The sum over the words; exact, so that their order does not matter."""
        known = self._known
        try:
            return math.fsum(map(known.__getitem__, words))
        except KeyError:
            return math.fsum([known[word] if word in known else self._of(word) for word in words])

    def _of(self, word: str) -> float:
        return math.fsum(self._weights.of(self._pieces(word)))


def _says_nothing_of_now(tokens: Sequence[str], concepts: Sequence[Sequence[str]]) -> bool:
    """Two rules that hold whatever was learnt.

    A message that is all code, quotation or link says nothing by itself. And one whose trouble is all told with
    "yesterday" or the like, with nothing that says "now", "still" or "since", is over.
    """
    if all(token in _NOT_SAID for token in tokens):
        return True
    if any("now" in met for met in concepts):
        return False
    trouble = [met for met in concepts if not _TROUBLE.isdisjoint(met)]
    return bool(trouble) and all("yesterday" in met for met in trouble)


def _kind(clause: Sequence[str], concepts: Sequence[str]) -> MentionKind:
    met = set(concepts)
    if met & {"error", "5xx", "shown"}:
        return MentionKind.ERROR
    if "login" in met:
        return MentionKind.LOGIN
    return MentionKind.QUESTION if "?" in clause or met & {"others", "ask"} else MentionKind.SYMPTOM
