"""The alarm threshold of a service: the evidence that its ordinary life reaches about once in 30 days.

Peaks over a threshold with an exponential tail (Pickands 1975; the tail of a likelihood ratio's maximum is
exponential, Siegmund 1985). Learned are how often the evidence peaks above `FLOOR`, and by how much on average.
"""

from math import exp, log

MONTH = 30 * 24 * 60
FLOOR, LOWER_FLOOR = 6.0, 5.0
"""In nats. Peaks above it are rare enough to belong to the tail, and frequent enough to learn from. Earlier versions
used the lower one. There the tail is not yet exponential, and where people are few the bar came out too high."""
_OVER = 2.0
"""A peak is over when the evidence is below this."""
_PEAKS, _MINUTES = 6.0, MONTH / 2
"""Prior that is always added: half a month with as many peaks as simulated communities have, 1 nat high on average.
That is the tail of a correct likelihood ratio."""
_KEEP = 0.5 ** (1 / MONTH)
_LOWEST, _HIGHEST = 7.0, 13.0
"""Limits of the threshold, whatever the history was. With an exact model it would be about 8."""
ALARMS, WARNINGS = 0.6, 7.0
"""Target in 30 ordinary days: a 'possible' every few days, and few 'likely', as raids of a bad month bring more."""


class AlarmBar:
    """The thresholds `alarm` and `warning`, in nats of evidence. `settle` recalculates them."""

    def __init__(self) -> None:
        self.peaks = self.excess = self.minutes = self.peak = 0.0
        self.alarm = self.warning = 0.0
        self.settle(0)

    def watch(self, evidence: float) -> None:
        """Learn from an ordinary minute whose evidence is above `FLOOR`, or which follows such a minute."""
        if evidence >= FLOOR:
            self.peak = max(self.peak, evidence)
        elif self.peak and evidence < _OVER:
            self.count(self.peak)
            self.peak = 0.0

    def count(self, peak: float) -> None:
        """Learn that ordinary life went as high as this."""
        self.peaks += 1
        self.excess += min(peak, self.alarm + 1) - FLOOR

    def raise_floor(self) -> None:
        """Convert what was learned above `LOWER_FLOOR`: of an exponential tail the higher part is left."""
        left = exp((LOWER_FLOOR - FLOOR) * self.peaks / self.excess) if self.excess > 0 else 0.0
        self.peaks, self.excess = self.peaks * left, self.excess * left

    def settle(self, minutes: int) -> None:
        """Add `minutes` of ordinary life, fade older ones by as much, and recalculate the thresholds."""
        keep = _KEEP**minutes
        self.peaks, self.excess, self.minutes = self.peaks * keep, self.excess * keep, self.minutes * keep + minutes
        self.alarm = min(max(self._level(ALARMS), _LOWEST), _HIGHEST)
        self.warning = min(self._level(WARNINGS), self.alarm - 1)

    def _level(self, times: float) -> float:
        """The evidence that ordinary life exceeds `times` times a month."""
        peaks = self.peaks + _PEAKS
        ratio = MONTH * peaks / (self.minutes + _MINUTES) / times
        return FLOOR + (self.excess + _PEAKS) / peaks * log(max(ratio, 1.0))
