"""What is usual: how many people report in a minute of ordinary life, and how sure that is.

A Bayesian dynamic generalised linear model (West, Harrison & Migon 1985, "Dynamic generalized linear models
and Bayesian forecasting"): the log of the rate is a sum of a level that drifts, a mood that comes and goes
within half a day, a day shape of a few harmonics and a step for each weekday. Counts of a quarter of an hour
are Poisson with extra spread; the rate's forecast is matched to a Gamma, updated by conjugacy, and the change
goes back to all parts by linear Bayes. So one rule learns all of them at the speed their uncertainty allows:
within the hour on the first day, in weeks later, faster where more people report.
"""

from collections.abc import Sequence
from math import cos, exp, log, pi, sin, sqrt
from operator import mul
from typing import Any

from bot.core.saved import numbers

BLOCK = 15
"""Minutes learnt at once; the rate is taken as constant over them (at worst 3 % off on a steep morning)."""
BLOCKS_A_DAY = 24 * 60 // BLOCK
_HARMONICS = 4
"""Sleep and waking are the first; school, work and meals need a few more."""
_SHAPE = 2
_WEEKDAY = _SHAPE + 2 * _HARMONICS
SIZE = _WEEKDAY + 7
"""Parts of the sum: level, mood, a cosine and a sine for each harmonic, seven weekdays."""

_FIRST_RATE, _FIRST_SD = 0.2, 1.5
"""A service nobody knows yet: three people in 15 minutes, give or take a factor of 4.5."""
_SHAPE_SD = 0.55
"""Prior of the first harmonic (busiest to quietest hour about 1:5); the k-th has 1/k of it: days are smooth."""
_WEEKDAY_SD = 0.2
_MOOD_SD, _MOOD_BLOCKS = 0.2, 48.0
"""Unexplained ups and downs of 20 % with a time constant of 12 hours."""
_LEVEL_DRIFT, _SHAPE_DRIFT = 0.05**2 / BLOCKS_A_DAY, 0.01**2 / BLOCKS_A_DAY
"""Variance a block: the level walks 5 % a day (growth), the shapes 1 %."""
_SPREAD = 2.0
"""Variance of a quarter's count over its mean: people copy one another."""
_LONGEST_DRIFT = 7 * BLOCKS_A_DAY
"""No gap makes the model forget more than a week would."""


class Usual:
    """The learned rate. `mean` and `cov` are the Gaussian belief about the parts, all on the log scale."""

    def __init__(self) -> None:
        shape = [(_SHAPE_SD / k) ** 2 for k in range(1, _HARMONICS + 1) for _ in range(2)]
        prior = [_FIRST_SD**2, _MOOD_SD**2, *shape, *[_WEEKDAY_SD**2] * 7]
        self.mean = [log(_FIRST_RATE)] + [0.0] * (SIZE - 1)
        self.cov = [[variance if i == j else 0.0 for j in range(SIZE)] for i, variance in enumerate(prior)]

    def pass_time(self, blocks: int) -> None:
        """Let what is known grow old by some blocks: the mood fades, all else becomes less certain."""
        blocks = min(blocks, _LONGEST_DRIFT)
        fade, cov = exp(-blocks / _MOOD_BLOCKS), self.cov
        self.mean[1] *= fade
        cov[1] = [fade * x for x in cov[1]]
        for row in cov:
            row[1] *= fade
        cov[0][0] += blocks * _LEVEL_DRIFT
        cov[1][1] += (1 - fade * fade) * _MOOD_SD**2
        for i in range(_SHAPE, SIZE):
            cov[i][i] += blocks * _SHAPE_DRIFT

    def forecast(self, block: int) -> tuple[float, float]:
        """The log of the rate a minute in this block (`minute // BLOCK`), and its variance."""
        x = _parts(block)
        return _dot(x, self.mean), max(_dot(x, [_dot(row, x) for row in self.cov]), 1e-6)

    def learn(self, block: int, count: float, minutes: int) -> None:
        """Take in `count` people in `minutes` observed minutes of a block. What no forecast allows is cut off."""
        x = _parts(block)
        pull = [_dot(row, x) for row in self.cov]
        variance = max(_dot(x, pull), 1e-6)
        due = minutes * exp(_dot(x, self.mean))
        count = min(count, 3 + due * exp(3 * sqrt(variance)) + 4 * sqrt(_SPREAD * due))
        prior = 1 / variance  # a Gamma with this shape has about this variance on the log scale
        posterior = prior + count / _SPREAD
        step = log(posterior / (prior + due / _SPREAD)) / variance
        self.mean = [old + step * p for old, p in zip(self.mean, pull, strict=True)]
        root = sqrt((1 - prior / posterior) / variance)
        known = [root * p for p in pull]
        self.cov = [
            [c - k * j for c, j in zip(row, known, strict=True)] for row, k in zip(self.cov, known, strict=True)
        ]

    def doubt_level(self) -> None:
        """The level may have changed for good: learn it afresh."""
        self.cov[0][0] += 1.0

    def state(self) -> dict[str, Any]:
        """For `restore`: the belief, of the symmetric covariance only one half."""
        return {"mean": self.mean[:], "cov": [x for i, row in enumerate(self.cov) for x in row[: i + 1]]}

    @classmethod
    def restore(cls, state: dict[str, Any]) -> "Usual":
        """Continue from `state()`; ValueError for anything else."""
        mean, half = numbers(state["mean"], SIZE), numbers(state["cov"], SIZE * (SIZE + 1) // 2)
        usual = cls()
        usual.mean = mean
        usual.cov = [[half[max(i, j) * (max(i, j) + 1) // 2 + min(i, j)] for j in range(SIZE)] for i in range(SIZE)]
        return usual


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(map(mul, a, b))


def _parts(block: int) -> list[float]:
    """How much of each part a block has, at its middle."""
    angle = 2 * pi * (block % BLOCKS_A_DAY + 0.5) / BLOCKS_A_DAY
    x = [1.0, 1.0]
    for k in range(1, _HARMONICS + 1):
        x += (cos(k * angle), sin(k * angle))
    week = [0.0] * 7
    week[block // BLOCKS_A_DAY % 7] = 1.0
    return x + week
