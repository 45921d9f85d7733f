"""Mentions: does this message say that the service is failing, now?

A lexicon gives words their concepts, clause by clause. A linear model adds up the weights of words, their pieces, their
neighbours and the concepts in the few clauses that speak most for a report. Both are data (`bot/content/mentions`),
made by `make mentions`; this module only sums table look-ups (`mention_score`), so it takes microseconds and gives the
same result on every machine.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple

from bot.core.mention_features import Lexicon, Pair
from bot.core.mention_score import Best, Clauses, FirstLook, Scorer
from bot.core.mention_text import END, MAYBE_SERVICE, TextReader, clauses
from bot.core.mention_weights import Weights
from bot.core.name_sense import Sense

_NOT_SAID = frozenset({"<code>", "<shown>", "<quote>", "<url>", "<act>", "<user>", "<emoji>", END, "?"})
_NAME_SIGNS = frozenset({Sense.NAME, Sense.UNCLEAR, MAYBE_SERVICE})
_TOLD_BY = {
    "error": frozenset({"error", "5xx", "shown"}),
    "login": frozenset({"login"}),
    "question": frozenset({"?", "others", "ask"}),
}
"""The concepts that show each kind of mention. Kinds are checked in this order."""
_DECIDES = 0.2
"""How much the concepts of a kind must add to the score to count as the reason."""
_FURTHEST = 30.0
_TROUBLE = frozenset({"fails", "error", "5xx", "hangs", "cannot", "shown"})


class MentionKind(StrEnum):
    """The kind of complaint."""

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

    `confidence` is the model's probability, 0 to 1. `found` holds the message's own words that speak most for it, and
    `kind` is what these clauses say.
    """

    kind: MentionKind
    confidence: float
    found: str
    looked_again: bool = False
    """Whether the confidence comes from the second stage, which has thresholds of its own."""
    clues: frozenset[str] = frozenset()
    """The concepts that decided, besides the service's name. They are the lexicon's, not words of the message."""

    REASONS: ClassVar[Mapping[MentionKind, str]] = {
        MentionKind.ERROR: "names an error that is shown",
        MentionKind.LOGIN: "says that they cannot get in",
        MentionKind.QUESTION: "asks whether others have it, too",
        MentionKind.SYMPTOM: "says that the service fails now",
    }

    @property
    def why(self) -> str:
        """The reason in words, for operators: "says that the service fails now: 'won't load'"."""
        return f"{self.REASONS[self.kind]}: '{self.found}'"


@dataclass(frozen=True, slots=True)
class SecondPoints:
    """Which messages the second stage checks, and the score that it must give at each sensitivity.

    `gate` is the lowest detector score that is worth a second look.
    """

    gate: float
    points: Mapping[Sensitivity, float]


@dataclass(frozen=True, slots=True)
class Model:
    """The trained model: a weight for each feature, and the confidence needed at each sensitivity.

    The eager threshold also applies to counting talk: below it there is no mention. `pairs` are the features such as
    `cannot>acts`, by their sign and their two concepts. `gate` is a first look with weights for words alone: a text
    below `gate_point` is not a mention either, so ordinary chat skips the rest. `words` are frequent words, as spelt;
    they are precomputed.
    """

    weights: Weights
    pairs: Mapping[str, Mapping[Pair, float]]
    bias: float
    gate: Weights
    gate_point: float
    words: Sequence[str]
    points: Mapping[Sensitivity, float]
    second: SecondPoints | None = None
    """For the second stage; None if none was trained."""


class _Weighed(NamedTuple):
    """An evaluated message: its clauses, as words and as concepts, and the best stretch of them."""

    parts: Clauses
    found: Clauses
    best: Best


class Common(NamedTuple):
    """The tables of a detector with the precomputed common words."""

    first: FirstLook
    scorer: Scorer


def worked_out(model: Model, reader: TextReader, lexicon: Lexicon) -> Common:
    """The precomputed common words for this reader and this lexicon."""
    known = reader.expect(model.words)
    lexicon.expect(known)
    return Common(FirstLook(model.gate, reader, model.words), Scorer(model.weights, model.pairs, model.bias, known))


class Detector:
    """Finds mentions of one service's trouble. Built once; the result depends on the text alone.

    Its tables of the common words are its own, or `common`, which the detectors of several services share.
    """

    def __init__(
        self, name: str, reader: TextReader, lexicon: Lexicon, model: Model, common: Common | None = None
    ) -> None:
        self._name = name
        self._reader = reader
        self._lexicon = lexicon
        self._model = model
        self._first, self._scorer = common or worked_out(model, reader, lexicon)

    def replies(self, mention: Mention, sensitivity: Sensitivity = Sensitivity.BALANCED, support: float = 0.0) -> bool:
        """Whether the bot is sure enough to answer. `support`: other evidence for or against it, in log-odds."""
        second = self._model.second
        points = second.points if mention.looked_again and second is not None else self._model.points
        return _with_support(mention.confidence, support) >= points[sensitivity]

    def detect(self, text: str) -> Mention | None:
        """The mention in the text, or None. Never raises."""
        weighed = self._weigh(text)
        if weighed is None:
            return None
        confidence = _probability(weighed.best.score)
        if confidence < self._model.points[Sensitivity.EAGER] or _says_nothing_of_now(weighed):
            return None
        return self._mention(text, weighed, confidence)

    def confidence(self, text: str) -> float:
        """The model's probability that the text is a mention, before thresholds and rules; for measuring."""
        weighed = self._weigh(text)
        return _probability(weighed.best.score) if weighed else 0.0

    def score(self, text: str) -> float:
        """The same as log-odds; minus infinity for a text that the first look rejects."""
        weighed = self._weigh(text)
        return weighed.best.score if weighed else -math.inf

    def doubt(self, text: str) -> float | None:
        """The score of a text that the second stage should check; None for any other text. Never raises."""
        second, weighed = self._model.second, self._weigh(text)
        if second is None or weighed is None or weighed.best.score < second.gate or _says_nothing_of_now(weighed):
            return None
        return weighed.best.score

    def after_second_look(self, text: str, log_odds: float) -> Mention | None:
        """The mention in a text that `doubt` selected, given the log-odds of the second stage."""
        second, weighed, confidence = self._model.second, self._weigh(text), _probability(log_odds)
        if second is None or weighed is None or confidence < second.points[Sensitivity.EAGER]:
            return None
        return self._mention(text, weighed, confidence, looked_again=True)

    def _weigh(self, text: str) -> _Weighed | None:
        letters = self._reader.letters(text)
        if self._first.most(letters) < self._model.gate_point:
            return None
        parts = list(clauses(self._reader.tokens(letters)))
        found = [self._lexicon.concepts(clause) for clause in parts]
        return _Weighed(parts, found, self._scorer.best(parts, found))

    def _mention(self, text: str, weighed: _Weighed, confidence: float, *, looked_again: bool = False) -> Mention:
        """The mention with its reasons, taken from the most telling clause."""
        begin, end = weighed.best.begin, weighed.best.end
        said = zip(weighed.parts[begin:end], weighed.found[begin:end], strict=True)
        _, words, tags = max((self._scorer.clause(words, tags), words, tags) for words, tags in said)
        clues = frozenset(tag for tag in tags if tag != "svc" and self._adds(words, tags, {tag}) >= _DECIDES)
        found = self._most_telling(text, weighed)
        return Mention(self._kind(words, tags), confidence, found, looked_again, clues)

    def _adds(self, words: Sequence[str], tags: Sequence[str], some: Collection[str]) -> float:
        """How much some concepts add to the score of a clause."""
        clause = self._scorer.clause
        return clause(words, tags) - clause(words, [tag for tag in tags if tag not in some])

    def _kind(self, words: Sequence[str], tags: Sequence[str]) -> MentionKind:
        """The first of the kinds whose concepts add to the score of the clause."""
        for kind, told_by in _TOLD_BY.items():
            if self._adds(words, tags, told_by) >= _DECIDES or ("?" in words and "?" in told_by):
                return MentionKind(kind)
        return MentionKind.SYMPTOM

    def _most_telling(self, text: str, weighed: _Weighed) -> str:
        """The few neighbouring words of the best stretch that speak most for it, as written."""
        best, words = -math.inf, ""
        run: list[tuple[float, str]] = []
        before, clause = END, -1
        for token, letters in self._reader.spelt(text):
            if token == END:
                run = []
            else:
                clause += before == END
                if not weighed.best.begin <= clause < weighed.best.end:
                    before = token
                    continue
                here = self._scorer.words.total((token,))
                step = sum(self._model.weights.of((f"{before} {token}",))) if run else 0.0
                shown = self._name if token in _NAME_SIGNS else letters
                run = [*((sum_ + here + step, f"{said} {shown}") for sum_, said in run[-4:]), (here, shown)]
                top, said = max(run)
                if top > best:
                    best, words = top, said
            before = token
        return words


def _probability(score: float) -> float:
    return 1 / (1 + math.exp(-max(-_FURTHEST, min(_FURTHEST, score))))


def _with_support(confidence: float, support: float) -> float:
    odds = math.exp(support)
    return confidence * odds / (1 - confidence + confidence * odds) if support else confidence


def _says_nothing_of_now(weighed: _Weighed) -> bool:
    """Three rules that hold regardless of training.

    A message that consists only of code, quotations or links says nothing by itself. A message that contains the
    service's name only as an everyday word is not about the service. And if all trouble comes with "yesterday" or the
    like, without "now", "still" or "since", it is over.
    """
    said = {token for clause in weighed.parts for token in clause}
    if Sense.OTHER in said and Sense.NAME not in said:
        return True
    if said <= _NOT_SAID:
        return True
    if any("now" in met for met in weighed.found):
        return False
    trouble = [met for met in weighed.found if not _TROUBLE.isdisjoint(met)]
    return bool(trouble) and all("yesterday" in met for met in trouble)
