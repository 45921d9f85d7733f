"""Learns the mention model anew: `make mentions`. The same data give the same file, byte for byte.

1. The lexicons are joined. An entry that means something else in another language is dropped there: Dutch "is" must
   not read English sentences.
2. A logistic regression (L2, liblinear) weighs the features of `bot.core.mention_features` over whole lines. Only
   features that stand in at least two of the written lines are learnt, so ordinary chat cannot make its every word
   evidence.
3. The points are chosen on lines of unseen folds: each for the precision that it must reach on written lines, and for
   the false replies that it may give in ordinary chat.
4. A second, smaller regression over single words of the same stretches is the first look.
"""

import math
import sys
import warnings
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any, NamedTuple

import numpy as np
import orjson
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from benchmarks.mentions.data import EASY, EASY_STANDS_FOR, character_ai, chat, lexicon_files, products
from benchmarks.mentions.lines import MODEL, WEIGHTS, Line, fingerprint, training_lines
from bot.cli.progress import progress
from bot.content.words import entries, reader_of
from bot.core.mention_features import MOST_CLAUSES, Features, Lexicon, features, of_word_at_first, spans
from bot.core.mention_score import ALLOWANCE
from bot.core.mention_text import TextReader, clauses, written_together
from bot.core.mentions import Sensitivity

Concepts = dict[str, list[list[str]]]
Matrix = Any
Numbers = Any
"""Those of scipy and numpy, whose types say too little."""

SCALES = {"#": 0.4, "=": 1.5, "~": 0.5, "pair": 0.7, "neighbours": 0.7, "word": 1.0}
"""How freely each sort of feature may be used; smaller means that the regression must pay more for it."""
STRENGTH = 1.0
REAL = 2.5
"""How much more a line counts that was written after a real message."""
CHAT, TECHNICAL = 20.0, 2.5
"""The same for a line of ordinary chat, and for one about one's own code, server, device or line: of both there is far
more in the world than here."""
_TECHNICAL_KINDS = frozenset(
    {
        "coding", "coding-help", "extension-client", "irc", "linux-help", "own-code", "own-device", "own-network",
        "pair-coding", "pair-own-network", "tech-talk",
    }
)  # fmt: skip
MOST_STEPS = 150
LEAST_LINES = 2
LEAST_WEIGHT = 0.02
LEAST_GATE_WEIGHT = 0.05
LOST_AT_THE_GATE, WORTH_A_LOOK = 0.01, -1.5
"""Share of the mentions that the gate may turn away, and how far from the eager point (in log-odds) they count: what
else speaks for a mention, or a second stage, may make it one."""
EAGER, BALANCED, CAREFUL = 0.72, 0.85, 0.93
EAGER_IN_CHAT, BALANCED_IN_CHAT, CAREFUL_IN_CHAT = 28.0, 2.0, 0.3
"""Precision that each point must reach on written lines of unseen folds. More than half of these are near misses and
minimal pairs, far harder than a channel's talk: on messages of other authors, precision is well above."""
FOLDS = 5
COMMON = 2_000
"""How many words the detector knows beforehand: those met most in chat. More take memory, and save little time."""
_SHORT_STEM = 4
_MOST_FOREIGN = 3


class Sample(NamedTuple):
    """Lines as rows of matrices: one row for each line, and one for each stretch of it."""

    whole: Matrix
    alone: Matrix
    first: Numbers
    """The first stretch of each line."""
    line: Numbers
    """The line of each stretch."""

    def best(self, model: "Weighing") -> tuple[Numbers, Numbers]:
        """Of each line, its score and the stretch that decides it."""
        alone: Numbers = self.alone @ model.weights + model.bias
        around = (self.whole @ model.weights + model.bias)[self.line] - alone
        scores: Numbers = alone + np.where(around >= 0, around, np.minimum(0, around + ALLOWANCE))
        rows = np.lexsort((-scores, self.line))[self.first]
        return scores[rows], rows


class Weighing(NamedTuple):
    """What was learnt: the weights of columns, and the bias."""

    weights: Numbers
    bias: float


class Columns:
    """The features that are learnt: those that stand in at least two of the written lines."""

    def __init__(self, written: Iterable[Iterable[str]]) -> None:
        counts = Counter[str]()
        for line in written:
            counts.update(set(line))
        self._numbers = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= LEAST_LINES))}
        self._scales = np.array([SCALES[_sort(feature)] for feature in self._numbers])

    def matrix(self, rows: Iterable[Iterable[str]]) -> Matrix:
        """A matrix of scaled features; a feature that a row has twice counts twice."""
        inside, starts = array("i"), [0]
        for row in rows:
            inside.extend(number for number in map(self._numbers.get, row) if number is not None)
            starts.append(len(inside))
        columns = np.array(inside, np.int32)
        shape = (len(starts) - 1, len(self._numbers))
        matrix: Matrix = csr_matrix((self._scales[columns], columns, np.array(starts, np.int32)), shape=shape)
        matrix.sum_duplicates()
        return matrix

    def named(self, model: Weighing) -> dict[str, float]:
        """Feature -> weight; the bias is the weight of the empty feature."""
        weights = zip(self._numbers, model.weights * self._scales, strict=True)
        return {"": model.bias, **{feature: float(weight) for feature, weight in weights}}

    def sample(self, lines: Sequence[Features]) -> Sample:
        """Lines as matrices."""
        counts = [len(line.stretches) for line in lines]
        return Sample(
            self.matrix(line.whole for line in lines),
            self.matrix(stretch for line in lines for stretch in line.stretches),
            np.array([0, *accumulate(counts)][:-1]),
            np.repeat(np.arange(len(lines)), counts),
        )


class Lesson:
    """What is learnt from: written lines and ordinary chat."""

    def __init__(self, reader: TextReader, concepts: Concepts, lines: Sequence[Line], talk: Sequence[Line]) -> None:
        self.reader, self.lines, self.talk = reader, lines, talk
        self._lexicon = self._lexicon_of(concepts)
        self.all = [*lines, *talk]
        self.truth = np.array([line.mention for line in self.all])
        self.count = np.array([*map(_count, lines), *(CHAT for _ in talk)])
        read = [self._read(line, self._lexicon) for line in self.all]
        self.columns = Columns(line.whole for line in read[: len(lines)])
        self.sample = self.columns.sample(read)

    def sampled(self, lines: Sequence[Line], concepts: Concepts | None = None) -> Sample:
        """Other lines with the same columns, read with this lexicon or with the lesson's own."""
        lexicon = self._lexicon if concepts is None else self._lexicon_of(concepts)
        return self.columns.sample([self._read(line, lexicon) for line in lines])

    def fit(self, seen: Numbers | None = None) -> Weighing:
        """Learn from these lines, or from all."""
        if seen is None:
            seen = np.ones(len(self.all), bool)
        return fit(self.sample.whole[seen], self.truth[seen], self.count[seen])

    def _lexicon_of(self, concepts: Concepts) -> Lexicon:
        return Lexicon({**concepts, "other": products(self.reader)})

    def _read(self, line: Line, lexicon: Lexicon) -> Features:
        return features(self.reader.read(line.text), lexicon)

    def folds(self) -> Numbers:
        """The fold of each line."""
        return np.array([*folds(self.lines), *(number % FOLDS for number in range(len(self.talk)))])


def _count(line: Line) -> float:
    technical = not line.mention and line.kind in _TECHNICAL_KINDS
    return (REAL if line.real else 1.0) * (TECHNICAL if technical else 1.0)


def fit(matrix: Matrix, truth: Numbers, count: Numbers) -> Weighing:
    """A logistic regression, lines of more count more."""
    model: Any = LogisticRegression(
        C=STRENGTH, solver="liblinear", dual=True, max_iter=MOST_STEPS, tol=1e-3, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not quite converged
        model.fit(matrix, truth, sample_weight=count)
    return Weighing(model.coef_[0], float(model.intercept_[0]))


def each_fold(label: str) -> Iterator[int]:
    """The folds, with what is done of them: learning each takes a while."""
    with progress(label, sys.stderr) as advance:
        for fold in range(FOLDS):
            advance(fold, FOLDS)
            yield fold
        advance(FOLDS, FOLDS)


def out_of_fold(lesson: Lesson, where: Numbers) -> Numbers:
    """Each line's score by a model that has not seen its fold."""
    scores = np.zeros(len(lesson.all))
    for fold in each_fold("Learning without each fold"):
        unseen = where == fold
        scores[unseen] = lesson.sample.best(lesson.fit(~unseen))[0][unseen]
    return scores


def join_lexicons(reader: TextReader, lines: Sequence[Line], without: str | None = None) -> Concepts:
    """All languages' entries by concept, without those that other languages use in another sense."""
    languages = {
        language: {concept: entries(reader, written) for concept, written in lexicon.items()}
        for language, lexicon in lexicon_files().items()
        if language != without
    }
    senses: dict[str, dict[str, set[str]]] = {language: defaultdict(set) for language in languages}
    for language, lexicon in languages.items():
        for concept, read in lexicon.items():
            for entry in read:
                senses[language][" ".join(entry)].add(concept)
    counts, totals = _phrase_counts(reader, lines)
    joined: Concepts = defaultdict(list)
    for language, lexicon in languages.items():
        for concept, read in lexicon.items():
            for entry in read:
                if language == "common" or not _is_foreign(entry, concept, language, senses, counts, totals):
                    joined[concept].append(entry)
    return dict(joined)


def _phrase_counts(reader: TextReader, lines: Sequence[Line]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for line in lines:
        language = {"ms": "id", "ur": "hi", "bn": "hi"}.get(line.language, line.language)
        tokens = reader.read(line.text)
        totals[language] += 1
        counts[language].update(" ".join(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1))
    return counts, totals


def _is_foreign(
    entry: Sequence[str],
    concept: str,
    language: str,
    senses: Mapping[str, Mapping[str, set[str]]],
    counts: Mapping[str, Counter[str]],
    totals: Counter[str],
) -> bool:
    stem = entry[-1] == "*"
    phrase = " ".join(entry[:-1] if stem else entry)
    if written_together(phrase):
        return False
    if stem and len(phrase) < _SHORT_STEM and phrase.isascii():
        return True
    own = counts[language][phrase] / max(1, totals[language]) if language in counts else 0.0
    for other, found in counts.items():
        if other == language or found[phrase] < _MOST_FOREIGN or found[phrase] / totals[other] <= own / 2:
            continue
        meant = senses.get(other, {})
        if concept not in meant.get(phrase, ()) and concept not in meant.get(f"{phrase} *", ()):
            return True
    return False


def _sort(feature: str) -> str:
    if feature[0] in "#=~":
        return feature[0]
    if " " in feature:
        return "neighbours"
    return "pair" if not feature.startswith("<") and any(sign in feature[1:] for sign in ">&+") else "word"


def folds(lines: Sequence[Line]) -> list[int]:
    """A fold for each line; lines of one wording family, those that share their rarer words, fall into one fold."""
    families: dict[str, int] = {}
    result: list[int] = []
    for line in lines:
        words = sorted(set(line.text.casefold().split()), key=lambda word: (-len(word), word))[:2]
        family = f"{line.language} {' '.join(words)}"
        result.append(families.setdefault(family, len(families)) % FOLDS)
    return result


def lowest(sums: Sequence[float], truth: Sequence[bool], precision: float) -> float:
    """The lowest sum from which on at least this share is right."""
    best, right, wrong = math.inf, 0, 0
    for value, is_mention in sorted(zip(sums, truth, strict=True), reverse=True):
        right, wrong = right + is_mention, wrong + (not is_mention)
        if right / (right + wrong) >= precision:
            best = value
    return best


def common_words(reader: TextReader, talk: Sequence[Line]) -> list[str]:
    """The words that are met most in ordinary chat, as they are spelt."""
    counts = Counter(spelt for line in talk for spelt in reader.letters(line.text))
    return sorted(sorted(counts, key=lambda spelt: (-counts[spelt], spelt))[:COMMON])


def _probability(total: float) -> float:
    return round(1 / (1 + math.exp(-total)), 4)


def _rounded(weights: Mapping[str, float], least: float) -> dict[str, float]:
    return {feature: round(w, 3) for feature, w in sorted(weights.items()) if feature and abs(w) >= least}


def point(scores: Numbers, lesson: Lesson, precision: float, per_chat: float) -> float:
    """The lowest score with this precision on written lines, and no more false replies per 10,000 lines of chat."""
    written, talk = len(lesson.lines), len(lesson.talk)
    stands_for = np.array([EASY_STANDS_FOR if line.kind == EASY else 1.0 for line in lesson.talk])
    order = np.argsort(-scores[-talk:], kind="stable")
    passing = np.cumsum(stands_for[order])
    allowed = per_chat / 10_000 * stands_for.sum()
    too_many = np.flatnonzero(passing > allowed)
    quiet = float(scores[-talk:][order][too_many[0]]) + 1e-6 if len(too_many) else -math.inf
    return max(quiet, lowest(scores[:written].tolist(), lesson.truth[:written].tolist(), precision))


def main() -> tuple[Lesson, Numbers, Numbers]:
    """Train, and write the model. Gives what the second stage needs: the lesson, folds, scores of unseen folds."""
    reader = reader_of(character_ai())
    lines, talk = training_lines(), chat(held_back=False)
    concepts = join_lexicons(reader, [*lines, *talk])
    lesson = Lesson(reader, concepts, lines, talk)
    learnt = lesson.fit()
    weights = lesson.columns.named(learnt)
    where = lesson.folds()
    scores = out_of_fold(lesson, where)
    points = {
        Sensitivity.EAGER: point(scores, lesson, EAGER, EAGER_IN_CHAT),
        Sensitivity.BALANCED: point(scores, lesson, BALANCED, BALANCED_IN_CHAT),
        Sensitivity.CAREFUL: point(scores, lesson, CAREFUL, CAREFUL_IN_CHAT),
    }
    kept = _rounded(weights, LEAST_WEIGHT)
    gate, gate_point = first_look(lesson, where, learnt, scores >= points[Sensitivity.EAGER] + WORTH_A_LOOK)
    gate = _rounded(gate, LEAST_GATE_WEIGHT)
    model = {
        "made_from": fingerprint(),
        "bias": round(weights[""], 3),
        "points": {name.value: _probability(point) for name, point in points.items()},
        "concepts": {concept: sorted({" ".join(e) for e in read}) for concept, read in sorted(concepts.items())},
        "gate_point": gate_point,
        "common": common_words(reader, talk),
    }
    MODEL.write_bytes(orjson.dumps(model) + b"\n")
    _write_weights(kept, gate)
    told = {k: v for k, v in model.items() if k not in ("concepts", "common")}
    print(f"{len(lines)} written lines, {len(talk)} lines of chat, {len(kept)} features: {told}", flush=True)
    return lesson, where, scores


def _write_weights(weights: Mapping[str, float], gate: Mapping[str, float]) -> None:
    with WEIGHTS.open("w", encoding="utf-8", newline="\n") as file:
        for feature in sorted({*weights, *gate}):
            file.write(f"{feature}\t{weights.get(feature, '')}\t{gate.get(feature, '')}\n")


def first_look(lesson: Lesson, where: Numbers, learnt: Weighing, heard: Numbers) -> tuple[dict[str, float], float]:
    """Weights of single words, and the sum that all but a few heard mentions of unseen folds reach.

    Learnt from the stretch of each line that says most.
    """
    parts = [list(clauses(lesson.reader.read(line.text))) for line in lesson.all]
    numbers = lesson.sample.best(learnt)[1] - lesson.sample.first
    seen = [_seen_at_first(words, number) for words, number in zip(parts, numbers.tolist(), strict=True)]
    columns = Columns(seen[: len(lesson.lines)])
    matrix = columns.matrix(seen)
    reached: list[float] = []
    for fold in each_fold("Learning the first look"):
        known = where != fold
        weights = columns.named(fit(matrix[known], lesson.truth[known], lesson.count[known]))
        reached += [_most(parts[line], weights) for line in np.flatnonzero(~known & lesson.truth & heard).tolist()]
    weights = columns.named(fit(matrix, lesson.truth, lesson.count))
    return weights, round(sorted(reached)[int(len(reached) * LOST_AT_THE_GATE)], 3)


def _seen_at_first(parts: Sequence[Sequence[str]], number: int) -> list[str]:
    if not parts:
        return []
    begin, end = spans(min(len(parts), MOST_CLAUSES))[number]
    words = dict.fromkeys(chain.from_iterable(parts[begin:end]))
    return [piece for word in words for piece in of_word_at_first(word)]


def _most(parts: Sequence[Sequence[str]], weights: Mapping[str, float]) -> float:
    """As the detector's first look: the highest sum over neighbouring clauses."""
    best, so_far = -math.inf, 0.0
    for clause in parts or [[]]:
        so_far = max(so_far, 0.0) + sum(weights.get(p, 0.0) for word in clause for p in of_word_at_first(word))
        best = max(best, so_far)
    return best


if __name__ == "__main__":
    main()
