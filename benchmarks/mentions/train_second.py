"""Learns both stages anew: `make mentions`. The same data and processor give the same files.

First the detector learns (`train`), then the second stage:

1. The detector's score of each line comes from a model that has not seen the line's fold.
2. The gate passes on as much of ordinary chat as the encoder has time for.
3. A small network, the mean of three, reads the encoder's vectors. It learns from the written lines, some of their
   copies with harmless sentences around them, and the chat that comes near the gate.
4. Its sum and the detector's score are weighed against each other.
5. The points are chosen on lines of unseen folds, as those of the detector are.
"""

import hashlib
import math
import random
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from benchmarks.mentions import train
from benchmarks.mentions.data import EASY, EASY_STANDS_FOR
from benchmarks.mentions.lines import MODEL, Line
from benchmarks.mentions.second import SECOND, SECOND_HEAD, fingerprint
from benchmarks.mentions.train import REAL, Lesson, each_fold, point
from benchmarks.mentions.vectors import vectors
from bot.core.mentions import Sensitivity

PASSED = 0.09
"""Share of ordinary chat that passes the gate: an encoded message takes some 20 ms."""
ROOM = 1.0
"""How far below the gate chat is still learnt from."""
COPIES = 12
"""One of so many written lines is learnt from a second time, with harmless sentences around it."""
HIDDEN, ROUNDS, DECAY = 48, 12, 1.0
CHAT = 10.0
"""How much more a line of ordinary chat counts than a written one: of chat there is far more in the world than here."""
NETWORKS = 3
"""So many networks are learnt from different beginnings, and averaged: they err in different places."""
WANTED = {
    Sensitivity.EAGER: (0.80, 30.0),
    Sensitivity.BALANCED: (0.88, 0.8),
    Sensitivity.CAREFUL: (0.97, 0.5),
}
"""For each point: the precision that it must reach on written lines, and the most to be found in 10,000 of chat."""
_NEVER = -30.0
_JOINTS = (", ", ". ", " ", "\n", "! ", " ")
_BEFORE, _AFTER, _LONGEST = 0.4, 0.8, 90


class Network(NamedTuple):
    """One hidden layer over vectors."""

    hidden: Any
    hidden_bias: Any
    out: Any
    bias: float

    def sums(self, read: Any) -> Any:
        """The log-odds of each row of vectors."""
        return np.maximum(read @ self.hidden + self.hidden_bias, 0) @ self.out + self.bias


class Sample(NamedTuple):
    """The lines that are encoded. Copies with harmless sentences have no score: minus infinity."""

    number: Any
    """The number in the lesson; that of a copy is its line's."""
    score: Any
    vectors: Any
    truth: Any
    fold: Any
    count: Any


def fit(sample: Sample, inside: Any) -> Network:
    """The mean of several networks, as one network with all of their hidden units."""
    each = [_fit_one(sample, inside, beginning) for beginning in range(NETWORKS)]
    return Network(
        np.concatenate([one.hidden for one in each], 1),
        np.concatenate([one.hidden_bias for one in each]),
        np.concatenate([one.out for one in each]) / NETWORKS,
        sum(one.bias for one in each) / NETWORKS,
    )


def _fit_one(sample: Sample, inside: Any, beginning: int) -> Network:
    """A network that reads the vectors, learnt from the lines that are inside."""
    read = sample.vectors[inside]
    middle, spread = read.mean(0), read.std(0)
    network = MLPClassifier((HIDDEN,), alpha=DECAY, batch_size=256, max_iter=ROUNDS, random_state=beginning, tol=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many rounds are wanted
        network.fit((read - middle) / spread, sample.truth[inside], sample_weight=sample.count[inside])
    (inner, outer), (inner_bias, outer_bias) = network.coefs_, network.intercepts_
    inner = inner / spread[:, None]  # so that the vectors are read as they come
    return Network(inner, inner_bias - middle @ inner, outer[:, 0], float(outer_bias[0]))


def sums_of_unseen(sample: Sample) -> Any:
    """The network's sum for each line, by one that has not seen its fold."""
    sums = np.zeros(len(sample.fold))
    for fold in each_fold("Learning the second stage"):
        there = sample.fold == fold
        sums[there] = fit(sample, ~there).sums(sample.vectors[there])
    return sums


def choose_gate(scores: Any, lesson: Lesson) -> float:
    """The score that the allowed share of chat reaches; never above the detector's eager point."""
    talk = len(lesson.talk)
    stands_for = np.array([EASY_STANDS_FOR if line.kind == EASY else 1.0 for line in lesson.talk])
    order = np.argsort(-scores[-talk:], kind="stable")
    passing = np.cumsum(stands_for[order]) / stands_for.sum()
    eager = orjson.loads(MODEL.read_bytes())["points"][Sensitivity.EAGER]
    reached = float(scores[-talk:][order][np.searchsorted(passing, PASSED)])
    return round(min(reached, _log_odds(eager)), 2)


def collect(lesson: Lesson, scores: Any, where: Any, gate: float) -> Sample:
    """What is encoded: the written lines, copies of some, and the chat that comes near the gate."""
    written, talk = len(lesson.lines), len(lesson.all) - len(lesson.talk)
    near = [number for number in range(talk, len(lesson.all)) if scores[number] > gate - ROOM]
    copies = [number for number, line in enumerate(lesson.lines) if _hash(line.text) % COPIES == 0]
    texts = [*(lesson.all[number].text for number in (*range(written), *near)), *_diluted(lesson, copies)]
    number = np.array([*range(written), *near, *copies])
    score = np.append(scores[number[: len(number) - len(copies)]], [-math.inf] * len(copies))
    count = np.array([CHAT if i >= talk else REAL if lesson.all[i].real else 1.0 for i in number])
    return Sample(number, score, vectors(texts), lesson.truth[number], where[number], count)


def _diluted(lesson: Lesson, copies: Sequence[int]) -> list[str]:
    """Lines with harmless sentences; what a line gets depends on it alone, so that most vectors stay known."""
    harmless: dict[str, list[str]] = defaultdict(list)
    for line in lesson.talk:
        if len(line.text) < _LONGEST:
            harmless[line.language].append(line.text)
    lines = [lesson.lines[number] for number in copies]
    return [_around(line, harmless, random.Random(_hash(line.text))) for line in lines]  # noqa: S311 - no secrets


def _around(line: Line, harmless: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """The line with harmless sentences of its language before it, after it, or on both sides."""
    said = harmless.get(line.language) or harmless["en"]
    one, joint, where = rng.choice(said), rng.choice(_JOINTS), rng.random()
    if where < _BEFORE:
        return one.rstrip(".!?") + joint + line.text
    if where < _AFTER:
        return line.text.rstrip(".!") + joint + one
    return one.rstrip(".") + joint + line.text + rng.choice(_JOINTS) + rng.choice(said)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha1(text.encode(), usedforsecurity=False).digest()[:8], "big")


def main() -> None:
    """Learn, and write the files."""
    lesson, where, scores = train.main()
    gate = choose_gate(scores, lesson)
    sample = collect(lesson, scores, where, gate)
    by_vector = sums_of_unseen(sample)
    asked = sample.score >= gate
    shares: Any = LogisticRegression(C=1e3)
    shares.fit(np.stack([by_vector, sample.score], 1)[asked], sample.truth[asked])
    (share, first), bias = shares.coef_[0].tolist(), float(shares.intercept_[0])
    both = np.full(len(lesson.all), _NEVER)  # of what the second stage is not asked
    both[sample.number[asked]] = (share * by_vector + first * sample.score + bias)[asked]
    points = {name: point(both, lesson, *wanted) for name, wanted in WANTED.items()}
    write(fit(sample, np.ones(len(sample.fold), bool)), (share, first, bias), gate, points)
    print(f"{len(sample.fold)} lines encoded, gate {gate}, shares {share:.2f} and {first:.2f}")
    of_lines, truth = both[: len(lesson.lines)], lesson.truth[: len(lesson.lines)]
    for name, value in points.items():
        right, found = (truth & (of_lines >= value)).sum(), (of_lines >= value).sum()
        print(
            f"  {name} from {value:.2f}: precision {right / found:.3f}, recall {right / truth.sum():.3f}, unseen folds"
        )


def write(network: Network, shares: tuple[float, float, float], gate: float, points: dict[Sensitivity, float]) -> None:
    """Write what the bot needs: the head, with the network's share in it, and the points."""
    share, first, bias = shares
    head = {
        "hidden": np.round(network.hidden.T, 3).tolist(),
        "hidden_bias": np.round(network.hidden_bias, 3).tolist(),
        "out": np.round(share * network.out, 4).tolist(),
        "bias": round(share * network.bias + bias, 4),
        "first": round(first, 4),
    }
    SECOND_HEAD.write_bytes(orjson.dumps(head) + b"\n")
    told = {name.value: round(1 / (1 + math.exp(-value)), 6) for name, value in points.items()}
    SECOND.write_bytes(orjson.dumps({"made_from": fingerprint(), "gate": gate, "points": told}) + b"\n")


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


if __name__ == "__main__":
    main()
