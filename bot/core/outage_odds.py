"""The odds of an outage, by size: how much better the reports fit an outage than ordinary times.

The Shiryaev-Roberts statistic (Shiryaev 1963, Roberts 1966), averaged over outage sizes. Each minute multiplies the
odds of each size by the likelihood ratio of the reports: the first report in a server counts with the full size, others
count less the more likely they are echoes, and a minute without reports reduces the odds.

The usual rate is only an estimate. So ordinary times are a mixture: the rate may be some standard deviations higher or
lower than learned, and the `belief` in each of these rates follows the reports of the last hour (a Bayes factor against
a composite hypothesis). An outage must explain the reports better than a usual rate that is merely higher than learned.
"""

from collections.abc import Sequence
from math import exp, log

from bot.core.crowd import Crowd

SIZES = (2.0, 3.5, 7.0, 15.0, 40.0, 100.0)
"""An outage multiplies the reports by about one of these factors; sizes in between are close enough to one."""
_DATED = 1
"""The index of the size whose CUSUM dates an outage: its last zero. Larger sizes date small outages too late."""
_POINTS = tuple(map(log, SIZES))
_MOST = 1e20
_MOST_POINTS = 50.0
"""Largest odds, and largest evidence from one minute (nats); more is no more certain."""
_DEVIATIONS = (-1.0, 0.0, 1.0, 2.0)
"""The rates that the usual rate may have, in standard deviations from the learned one."""
_DENSITIES = tuple(exp(-z * z / 2) for z in _DEVIATIONS)
_PRIOR = tuple(density / sum(_DENSITIES) for density in _DENSITIES)
_MOST_SPREAD = 0.6
"""The largest standard deviation of the log of the rate: a larger one would excuse any outage."""
_FORGET = 1 / 45
"""The share of the belief that returns to the prior in each minute: counts are learned about 45 minutes later."""
SAVED = ("odds", "full", "nats", "own", "weight", "shifts", "belief")
"""The attributes that `prepare` and later minutes need to continue."""


class OutageOdds:
    """Follows the odds of an outage of each size, minute by minute.

    `odds` counts the people within the limit for one server, `full` also those above it. `nats` is the log of the mean
    odds of the last minute.
    """

    def __init__(self) -> None:
        self.odds, self.full, self.nats = [0.0] * len(SIZES), [0.0] * len(SIZES), 0.0
        self.own, self.weight = 0.0, 0.0
        self.shifts, self.belief = [0.0] * len(_PRIOR), [*_PRIOR]
        self.prepare()

    def expect(self, own: float, spread: float, weight: float) -> None:
        """Set what is usual now.

        `own` is the number of independent people per minute, `spread` the standard deviation of its log, and `weight`
        the prior odds of an outage that begins in a minute.
        """
        self.own, self.weight = own, weight
        self.shifts = [z * min(spread, _MOST_SPREAD) for z in _DEVIATIONS]
        self.prepare()

    def prepare(self) -> None:
        """Calculate what stays the same until `expect` is called again.

        For each rate that the usual rate may have: its multiple of the learned rate, and the likelihood of a minute
        without reports, relative to that at the lowest rate.
        """
        self._rises = [exp(shift) for shift in self.shifts]
        self._lowest = self.own * min(self._rises)
        self._silence = [exp(self._lowest - self.own * rise) for rise in self._rises]

    def update(self, crowd: Crowd, *, ordinary: bool, everybody: bool) -> float:
        """Take in a minute, and return its likelihood ratio for an outage of the size that dates it.

        `crowd` holds the minute's reports. The belief follows them only in `ordinary` times. `everybody` says whether
        people above the limit for one server count in `nats`.
        """
        before = self.full[_DATED] + self.weight
        if crowd.fresh or crowd.old or crowd.held or crowd.late:
            self._take_in(crowd)
        else:
            self._take_in_silence()
        if not ordinary:
            self.belief = [*_PRIOR]
        mean = sum(self.full if everybody else self.odds) / len(SIZES)
        self.nats = log(mean) if mean > 1.0 else 0.0
        return self.full[_DATED] / before

    def trust(self) -> None:
        """Count everybody from now on: the outage is no raid."""
        self.odds = self.full[:]

    def fade(self, share: float) -> None:
        """Keep this share of the odds, after minutes that were not observed."""
        self.odds, self.full = [share * odds for odds in self.odds], [share * odds for odds in self.full]

    def reset(self) -> None:
        """Start again without evidence."""
        self.odds, self.full, self.nats = [0.0] * len(SIZES), [0.0] * len(SIZES), 0.0
        self.belief = [*_PRIOR]

    def _take_in_silence(self) -> None:
        weight, rate = self.weight, self.own * exp(self._shift())
        chances = [chance * fit for chance, fit in zip(self.belief, self._silence, strict=True)]
        ordinary = sum(chances)
        ratios = [exp(self._lowest - rate * size) / ordinary for size in SIZES]
        self.odds = [(odds + weight) * ratio for odds, ratio in zip(self.odds, ratios, strict=True)]
        self.full = [(odds + weight) * ratio for odds, ratio in zip(self.full, ratios, strict=True)]
        self._believe(chances)

    def _take_in(self, crowd: Crowd) -> None:
        """Multiply the odds of every size by the likelihood ratio of this minute's reports, on the log scale.

        Everything is relative to ordinary times at the learned rate.
        """
        fresh, old, echo, own, weight = crowd.fresh, crowd.old, crowd.echo, self.own, self.weight
        held, late = crowd.held, crowd.late
        near = own * crowd.covered()
        learned, shift = log(near + echo), self._shift()
        gains = [log(near * rise + echo) - learned for rise in self._rises]
        fits = [
            fresh * moved + old * gain - own * (rise - 1)
            for moved, gain, rise in zip(self.shifts, gains, self._rises, strict=True)
        ]
        ordinary, chances = self._mixture(fits)
        full = counted = ordinary
        if held:
            full, with_held = self._mixture([fit + held * gain for fit, gain in zip(fits, gains, strict=True)])
            if crowd.crowded:  # there some are held back all the time: without them the usual rate would seem lower
                chances = with_held
        if late:
            counted, _ = self._mixture([fit + late * gain for fit, gain in zip(fits, gains, strict=True)])
        rate = exp(shift)
        for i, size in enumerate(SIZES):
            gain = log(size * rate * near + echo) - learned
            points = fresh * (_POINTS[i] + shift) + old * gain - own * (size * rate - 1)
            growth = exp(min(points + held * gain - full, _MOST_POINTS))
            self.full[i] = grown = min((self.full[i] + weight) * growth, _MOST)
            if held or late:  # those who are late were counted in `full` when they reported
                growth = exp(min(points + late * gain - counted, _MOST_POINTS))
            self.odds[i] = min((self.odds[i] + weight) * growth, grown)
        self._believe(chances)

    def _mixture(self, fits: Sequence[float]) -> tuple[float, list[float]]:
        """The log likelihood of ordinary times, from the log likelihood at each rate; and how likely each rate is now.

        The latter are relative to one another.
        """
        best = max(fits)
        chances = [chance * exp(fit - best) for chance, fit in zip(self.belief, fits, strict=True)]
        return best + log(sum(chances)), chances

    def _shift(self) -> float:
        """The mean of the belief: by how much (log) the usual rate seems to differ from the learned one."""
        return sum(chance * shift for chance, shift in zip(self.belief, self.shifts, strict=True))

    def _believe(self, chances: Sequence[float]) -> None:
        """Update the belief by Bayes' rule, from how likely each rate is now, relative to one another."""
        kept = (1 - _FORGET) / sum(chances)
        self.belief = [kept * chance + _FORGET * prior for chance, prior in zip(chances, _PRIOR, strict=True)]
