"""The usual rate: how many people report per minute in ordinary times, and how certain that is.

A Bayesian dynamic generalised linear model (West, Harrison & Migon 1985, "Dynamic generalized linear models and
Bayesian forecasting"): the log of the rate is a sum of a level that drifts, a mood that changes within half a day and
whose size is learned, a daily shape of a few harmonics and a step for each weekday. Counts of 15 minutes are Poisson
with extra spread. The forecast of the rate is matched to a Gamma, updated by conjugacy, and the change is passed on to
all parts by linear Bayes. So one rule learns all parts, each as fast as its uncertainty allows: within an hour on the
first day, within weeks later, and faster if more people report.
"""

from collections.abc import Sequence
from math import cos, exp, inf, log, pi, sin, sqrt
from operator import mul
from typing import Any

from bot.core.credit import Credits, Shares
from bot.core.saved import numbers

BLOCK = 15
"""Minutes that are learned together, with a constant rate (at worst 3 % wrong on a steep morning)."""
BLOCKS_A_DAY = 24 * 60 // BLOCK
_HARMONICS = 4
"""The first is sleep and waking; school, work and meals need a few more."""
_SHAPE = 2
_WEEKDAY = _SHAPE + 2 * _HARMONICS
_SIZE = _WEEKDAY + 7
"""Parts of the sum: level, mood, a cosine and a sine for each harmonic, seven weekdays."""

_FIRST_RATE, _FIRST_SD = 0.2, 1.5
"""A service without history: three people in 15 minutes, within a factor of 4.5."""
_SHAPE_SD = 0.55
"""Prior of the first harmonic (busiest to quietest hour about 5:1); the k-th has 1/k of it, as days are smooth."""
_WEEKDAY_SD = 0.2
_MOOD_SD, _MOOD_BLOCKS = 0.2, 48.0
"""Unexplained ups and downs of 20 % with a time constant of 12 hours, until their size is learned..."""
_LEAST_MOOD, _MOST_MOOD, _MOOD_STEP = 0.1, 0.6, 0.05
"""... within these limits and at this rate, from..."""
_LAGS, _LAGS_SCALE, _MOST_SURPRISE = 4, 1.7, 2.5
"""... the similarity of a block's surprise to those two to four blocks before: people copy one another only within one
or two. A surprise is at most this many standard deviations."""
_LEVEL_DRIFT, _SHAPE_DRIFT = 0.05**2 / BLOCKS_A_DAY, 0.01**2 / BLOCKS_A_DAY
"""Variance per block: the level drifts by 5 % a day (growth), the shapes by 1 %."""
_SPREAD = 2.0
"""Variance of a quarter's count over its mean: people copy one another."""
_STEADY, _STEADY_FROM = 7 * BLOCKS_A_DAY, 3 * BLOCKS_A_DAY
"""From the fourth day on a count is compared with the mean belief of about the last week..."""
_MOST_RISE = log(2.0)
"""... and whatever exceeds this factor (or two of its moods), and chance, is not learned. No community grows faster for
long, so someone is inflating the baseline."""
_CHANCE = 1.5
"""Standard deviations by which chance may exceed it."""
_LONGEST_DRIFT = 7 * BLOCKS_A_DAY
"""A longer gap makes the model no more uncertain than a week does."""


class Usual:
    """The learned rate. `mean` and `cov` are the Gaussian belief about the parts, all on the log scale."""

    def __init__(self) -> None:
        shape = [(_SHAPE_SD / k) ** 2 for k in range(1, _HARMONICS + 1) for _ in range(2)]
        prior = [_FIRST_SD**2, _MOOD_SD**2, *shape, *[_WEEKDAY_SD**2] * 7]
        self.mean = [log(_FIRST_RATE)] + [0.0] * (_SIZE - 1)
        self.cov = [[variance if i == j else 0.0 for j in range(_SIZE)] for i, variance in enumerate(prior)]
        self.mood, self.surprises = _MOOD_SD, [0.0] * _LAGS
        self.steady, self.blocks, self.shares = self.mean[:], 0, Shares()

    def pass_time(self, blocks: int) -> None:
        """Pass some blocks without observations: the mood fades, everything else becomes less certain."""
        blocks = min(blocks, _LONGEST_DRIFT)
        fade, cov = exp(-blocks / _MOOD_BLOCKS), self.cov
        self.mean[1] *= fade
        cov[1] = [fade * x for x in cov[1]]
        for row in cov:
            row[1] *= fade
        cov[0][0] += blocks * _LEVEL_DRIFT
        cov[1][1] += (1 - fade * fade) * self.mood**2
        for i in range(_SHAPE, _SIZE):
            cov[i][i] += blocks * _SHAPE_DRIFT
        self.shares.pass_time(blocks / BLOCKS_A_DAY)

    def forecast(self, block: int) -> tuple[float, float]:
        """The log of the rate per minute in this block (`minute // BLOCK`), and its variance."""
        x = _weights(block)
        return _dot(x, self.mean), max(_dot(x, [_dot(row, x) for row in self.cov]), 1e-6)

    def credit(self, block: int, credited: Credits) -> float:
        """How many of a minute's people to learn from; the minute is in `block`."""
        if self.blocks < _STEADY_FROM:
            return sum(one.people for one in credited.values())
        return self.shares.take(credited, BLOCKS_A_DAY * BLOCK * exp(_dot(_weights(block), self.steady)))

    def learn(self, block: int, count: float, minutes: int) -> None:
        """Learn from `count` people in `minutes` observed minutes of a block. Impossibly high counts are cut off."""
        x = _weights(block)
        pull = [_dot(row, x) for row in self.cov]
        variance = max(_dot(x, pull), 1e-6)
        due = minutes * exp(_dot(x, self.mean))
        count = min(count, 3 + due * exp(3 * sqrt(variance)) + 4 * sqrt(_SPREAD * due))
        count = min(count, self._most(x, minutes))
        self._learn_mood(count, due, variance)
        prior = 1 / variance  # a Gamma with this shape has about this variance on the log scale
        posterior = prior + count / _SPREAD
        step = log(posterior / (prior + due / _SPREAD)) / variance
        self.mean = [old + step * p for old, p in zip(self.mean, pull, strict=True)]
        self._keep_steady()
        root = sqrt((1 - prior / posterior) / variance)
        known = [root * p for p in pull]
        self.cov = [
            [c - k * j for c, j in zip(row, known, strict=True)] for row, k in zip(self.cov, known, strict=True)
        ]

    def _most(self, x: Sequence[float], minutes: int) -> float:
        """The maximum number of a block's people to learn from."""
        if self.blocks < _STEADY_FROM:
            return inf
        due = minutes * exp(_dot(x, self.steady) + max(_MOST_RISE, 2 * self.mood))
        return due + _CHANCE * sqrt(_SPREAD * due) + 0.5

    def _keep_steady(self) -> None:
        """Update the mean belief of about the last week, without the mood, which passes."""
        self.blocks += 1
        share = 1.0 if self.blocks <= _STEADY_FROM else 1 / _STEADY
        self.steady = [old + share * (new - old) for old, new in zip(self.steady, self.mean, strict=True)]
        self.steady[1] = 0.0

    def _learn_mood(self, count: float, due: float, variance: float) -> None:
        """Learn the size of the mood. If it is assumed too small, surprises repeat themselves (Mehra 1970)."""
        unknown, chance = due * due * variance, _SPREAD * due
        surprise = (count - due) / sqrt(unknown + chance)
        surprise = min(max(surprise, -_MOST_SURPRISE), _MOST_SURPRISE)
        alike = surprise * sum(self.surprises[:-1]) / _LAGS_SCALE
        self.mood *= exp(_MOOD_STEP * unknown / (unknown + chance) * alike)
        self.mood = min(max(self.mood, _LEAST_MOOD), _MOST_MOOD)
        self.surprises = [*self.surprises[1:], surprise]

    def doubt_level(self) -> None:
        """Make the level uncertain, to learn it again: it may have changed permanently, or doubled at most.

        It is not doubled for a few people of one server.
        """
        self.cov[0][0] += 1.0
        if not self.shares.one_sided:
            self.steady[0] += _MOST_RISE

    def state(self) -> dict[str, Any]:
        """The belief, for `restore`; only one half of the symmetric covariance."""
        half = [x for i, row in enumerate(self.cov) for x in row[: i + 1]]
        steady = {"steady": self.steady[:], "blocks": self.blocks, "shares": self.shares.state()}
        return {"mean": self.mean[:], "cov": half, "mood": self.mood, "surprises": self.surprises[:], **steady}

    @classmethod
    def restore(cls, state: dict[str, Any]) -> "Usual":
        """Continue from a `state()`. Raises ValueError for anything else."""
        mean, half = numbers(state["mean"], _SIZE), numbers(state["cov"], _SIZE * (_SIZE + 1) // 2)
        usual = cls()
        usual.mean, usual.surprises = mean, numbers(state["surprises"], _LAGS)
        # Older versions did not store these.
        usual.steady = numbers(state.get("steady", mean), _SIZE)
        usual.blocks = int(state.get("blocks", _STEADY_FROM))
        usual.shares = Shares.restore(state.get("shares", Shares().state()))
        usual.mood = min(max(numbers([state["mood"]], 1)[0], _LEAST_MOOD), _MOST_MOOD)
        usual.cov = [[half[max(i, j) * (max(i, j) + 1) // 2 + min(i, j)] for j in range(_SIZE)] for i in range(_SIZE)]
        return usual


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(map(mul, a, b))


def _weights(block: int) -> list[float]:
    """The weight of each part in the middle of a block."""
    angle = 2 * pi * (block % BLOCKS_A_DAY + 0.5) / BLOCKS_A_DAY
    x = [1.0, 1.0]
    for k in range(1, _HARMONICS + 1):
        x += (cos(k * angle), sin(k * angle))
    week = [0.0] * 7
    week[block // BLOCKS_A_DAY % 7] = 1.0
    return x + week
