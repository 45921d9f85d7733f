"""Where the alarm goes off: as high as ordinary life climbs about once in 30 days, by the service's own history.

Peaks over a threshold with an exponential tail (Pickands 1975; the tail of a likelihood ratio's maximum is
exponential, Siegmund 1985): how often the evidence peaks above `FLOOR`, and by how much on average.
"""

from math import log

MONTH = 30 * 24 * 60
FLOOR = 5.0
"""Peaks above this (in nats) are rare enough to look like the tail, and come often enough to be learned from."""
_OVER = 2.0
"""A peak is over when the evidence is below this."""
_PEAKS, _MINUTES = 15.0, MONTH / 2
"""Prior, always there: half a month with as many peaks as simulated communities have, 1 nat high in the mean, which
is the tail of a likelihood ratio that is what it claims to be."""
_KEEP = 0.5 ** (1 / MONTH)
_LOWEST, _HIGHEST = 7.0, 13.0
"""However calm or wild the history was; the bar of an exact model is about 8."""
ALARMS, WARNINGS = 0.75, 7.0
"""Wanted for 30 ordinary days: 'likely' below one, 'possible' every third day."""


class AlarmBar:
    """The bars `alarm` and `warning`, in nats of evidence, set anew whenever `settle` is called."""

    def __init__(self) -> None:
        self.peaks = self.excess = self.minutes = self.peak = 0.0
        self.alarm = self.warning = 0.0
        self.settle(0)

    def watch(self, evidence: float) -> None:
        """Take in a minute's evidence of ordinary life that is above `FLOOR`, or has been."""
        if evidence >= FLOOR:
            self.peak = max(self.peak, evidence)
        elif self.peak and evidence < _OVER:
            self.peaks += 1
            self.excess += min(self.peak, self.alarm + 1) - FLOOR
            self.peak = 0.0

    def settle(self, minutes: int) -> None:
        """Count `minutes` of ordinary life, forget as many, and set the bars."""
        keep = _KEEP**minutes
        self.peaks, self.excess, self.minutes = self.peaks * keep, self.excess * keep, self.minutes * keep + minutes
        self.alarm = min(max(self._level(ALARMS), _LOWEST), _HIGHEST)
        self.warning = min(self._level(WARNINGS), self.alarm - 1)

    def _level(self, times: float) -> float:
        peaks = self.peaks + _PEAKS
        often = MONTH * peaks / (self.minutes + _MINUTES) / times
        return FLOOR + (self.excess + _PEAKS) / peaks * log(max(often, 1.0))
