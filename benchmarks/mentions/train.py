"""Learns the mention model anew: `make mentions`. The same data give the same file, byte for byte.

1. The lexicons are joined. An entry that means something else in another language is dropped there: Dutch "is" must
   not read English sentences.
2. A logistic regression (L2, liblinear) weighs the features of `bot.core.mention_features`. Only features that stand
   in at least two of the written lines are learnt, so ordinary chat cannot make its every word evidence.
3. The points are chosen on lines held out fold by fold, each for the precision it must reach there.
4. A second, smaller regression over single words is the gate.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from benchmarks.mentions.data import character_ai, chat, lexicon_files, products
from benchmarks.mentions.lines import MODEL, WEIGHTS, Line, fingerprint, training_lines
from bot.content.words import entries
from bot.core.mention_features import Lexicon, features, of_word_at_first
from bot.core.mention_text import END, TextReader, written_together
from bot.core.mentions import Sensitivity

Concepts = dict[str, list[list[str]]]

SCALES = {"#": 0.4, "=": 1.5, "~": 0.5, "pair": 0.7, "neighbours": 0.7, "word": 1.0}
"""How freely each sort of feature may be used; smaller means that the regression must pay more for it."""
STRENGTH = 1.0
LEAST_LINES = 2
LEAST_WEIGHT = 0.02
LEAST_GATE_WEIGHT = 0.05
LOST_AT_THE_GATE = 0.005
"""Share of the mentions that the gate may turn away."""
EAGER, BALANCED, CAREFUL = 0.82, 0.944, 0.96
"""Precision that each point must reach on written lines of unseen folds. More than half of these are near misses and
minimal pairs, far harder than a channel's talk: on messages of other authors, precision is well above."""
FOLDS = 5
COMMON = 5
"""How often a word must be met in training to be one that the detector knows beforehand."""
_SHORT_STEM = 4
_MOST_FOREIGN = 3


class Learner:
    """Reads lines into features, and fits."""

    def __init__(self, reader: TextReader, concepts: Concepts) -> None:
        self._reader = reader
        self._lexicon = Lexicon({**concepts, "other": products(reader)})

    def read(self, lines: Sequence[Line]) -> list[list[str]]:
        """The features of each line."""
        return [features(self._reader.read(line.text), self._lexicon) for line in lines]

    def look(self, lines: Sequence[Line]) -> list[list[str]]:
        """What the gate sees of each line."""
        read = (dict.fromkeys(self._reader.read(line.text)) for line in lines)
        return [[piece for word in words if word != END for piece in of_word_at_first(word)] for words in read]

    @staticmethod
    def fit(written: Sequence[list[str]], talk: Sequence[list[str]], mentions: Sequence[bool]) -> dict[str, float]:
        """Feature -> weight; the bias is the weight of the empty feature."""
        counts = Counter(feature for line in written for feature in set(line))
        columns = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= LEAST_LINES))}
        scales = np.array([SCALES[_sort(feature)] for feature in columns])
        rows = [[columns[f] for f in line if f in columns] for line in (*written, *talk)]
        inside = np.fromiter((column for row in rows for column in row), np.int32)
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int32)
        matrix = csr_matrix((scales[inside], inside, starts), shape=(len(rows), len(columns)))
        truth = [*mentions, *[False] * len(talk)]
        model: Any = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=400, random_state=0)
        model.fit(matrix, truth)
        weights = {feature: float(w) for feature, w in zip(columns, model.coef_[0] * scales, strict=True)}
        return {"": float(model.intercept_[0]), **weights}


def score(line: Sequence[str], weights: Mapping[str, float]) -> float:
    """The model's sum for a line's features."""
    return weights[""] + sum(weights.get(feature, 0.0) for feature in line)


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


def out_of_fold(written: Sequence[list[str]], talk: Sequence[list[str]], lines: Sequence[Line]) -> list[float]:
    """Each line's sum by a model that has not seen its fold."""
    where, sums = folds(lines), [0.0] * len(lines)
    for fold in range(FOLDS):
        inside = [i for i, f in enumerate(where) if f != fold]
        weights = Learner.fit([written[i] for i in inside], talk, [lines[i].mention for i in inside])
        for i, f in enumerate(where):
            if f == fold:
                sums[i] = score(written[i], weights)
    return sums


def lowest(sums: Sequence[float], truth: Sequence[bool], precision: float) -> float:
    """The lowest sum from which on at least this share is right."""
    best, right, wrong = math.inf, 0, 0
    for value, is_mention in sorted(zip(sums, truth, strict=True), reverse=True):
        right, wrong = right + is_mention, wrong + (not is_mention)
        if right / (right + wrong) >= precision:
            best = value
    return best


def common_words(reader: TextReader, lines: Sequence[Line], known: Iterable[str]) -> list[str]:
    """The words that are met most, as they are spelt, besides those that are known anyway."""
    counts = Counter(spelt for line in lines for spelt in reader.letters(line.text))
    return sorted({spelt for spelt, count in counts.items() if count >= COMMON}.difference(known))


def _probability(total: float) -> float:
    return round(1 / (1 + math.exp(-total)), 4)


def _rounded(weights: Mapping[str, float], least: float) -> dict[str, float]:
    return {feature: round(w, 3) for feature, w in sorted(weights.items()) if feature and abs(w) >= least}


def main() -> None:
    """Train, and write the model."""
    service = character_ai()
    reader = TextReader(service.words)
    lines, talk = training_lines(), chat(held_back=False)
    concepts = join_lexicons(reader, [*lines, *talk])
    learner = Learner(reader, concepts)
    written, talked = learner.read(lines), learner.read(talk)
    truth = [line.mention for line in lines]
    weights = Learner.fit(written, talked, truth)
    sums = out_of_fold(written, talked, lines)
    points = {
        Sensitivity.EAGER: lowest(sums, truth, EAGER),
        Sensitivity.BALANCED: lowest(sums, truth, BALANCED),
        Sensitivity.CAREFUL: lowest(sums, truth, CAREFUL),
    }
    kept = _rounded(weights, LEAST_WEIGHT)
    gate, gate_point = _gate(learner.look(lines), learner.look(talk), lines, sums, points[Sensitivity.EAGER])
    gate = _rounded(gate, LEAST_GATE_WEIGHT)
    model = {
        "made_from": fingerprint(),
        "bias": round(weights[""], 3),
        "points": {name.value: _probability(point) for name, point in points.items()},
        "concepts": {concept: sorted({" ".join(e) for e in read}) for concept, read in sorted(concepts.items())},
        "gate_point": gate_point,
        "common": common_words(reader, [*lines, *talk], gate),
    }
    MODEL.write_bytes(orjson.dumps(model) + b"\n")
    _write_weights(kept, gate)
    told = {k: v for k, v in model.items() if k not in ("concepts", "common")}
    print(f"{len(lines)} written lines, {len(talk)} lines of chat, {len(kept)} features: {told}")


def _write_weights(weights: Mapping[str, float], gate: Mapping[str, float]) -> None:
    with WEIGHTS.open("w", encoding="utf-8", newline="\n") as file:
        for feature in sorted({*weights, *gate}):
            file.write(f"{feature}\t{weights.get(feature, '')}\t{gate.get(feature, '')}\n")


def _gate(
    seen: Sequence[list[str]], talk: Sequence[list[str]], lines: Sequence[Line], sums: Sequence[float], eager: float
) -> tuple[dict[str, float], float]:
    """The first look: weights of single words, and the sum that all but a few mentions of unseen folds reach."""
    weights = Learner.fit(seen, talk, [line.mention for line in lines])
    first = out_of_fold(seen, talk, lines)
    reached = sorted(
        look - weights[""]
        for look, total, line in zip(first, sums, lines, strict=True)
        if line.mention and total >= eager
    )
    return weights, round(reached[int(len(reached) * LOST_AT_THE_GATE)], 3)


if __name__ == "__main__":
    main()
