"""The alarm threshold of a service: the evidence that ordinary days reach about once in 30 days.

Peaks over a threshold with an exponential tail (Pickands 1975; the tail of a likelihood ratio's maximum is
exponential, Siegmund 1985). It learns how often the evidence peaks above `FLOOR`, and by how much on average.
"""

from math import exp, inf, log

MONTH = 30 * 24 * 60
FLOOR, LOWER_FLOOR = 6.0, 5.0
"""In nats. Peaks above it are rare enough to belong to the tail, and frequent enough to learn from. Earlier versions
used the lower one. There the tail is not yet exponential, and the threshold came out too high for small communities."""
_OVER = 2.0
"""A peak is over when the evidence is below this."""
_PEAKS, _MINUTES = 6.0, MONTH / 2
"""Prior that is always added: half a month with as many peaks as simulated communities have, 1 nat high on average (the
tail of a correct likelihood ratio)."""
_KEEP = 0.5 ** (1 / MONTH)
_LOWEST, _HIGHEST = 7.0, 13.0
"""Limits of the threshold, whatever was learned. With an exact model it would be about 8."""
_ALARMS, _WARNINGS = 0.5, 7.0
"""Target for 30 ordinary days: few 'likely', because raids in a bad month add more, and a 'possible' every few days."""
_QUIET_ALARMS, _QUIET = 0.5, 1.0
"""In a small community up to this many more 'likely': there a higher threshold costs many minutes of blind time, and
raids add few false alarms. A third of them are left in a community of the second size (people in 15 minutes)."""
_BUSY_ALARMS, _BUSY = 0.2, 10.0
"""In a large community up to this many more, half of them in one of the second size: raids hardly matter there."""


class AlarmThreshold:
    """The thresholds `alarm` and `warning`, in nats of evidence. `settle` recalculates them."""

    def __init__(self) -> None:
        self.peaks = self.excess = self.minutes = self.peak = 0.0
        self.alarm = self.warning = 0.0
        self.settle(0, inf)

    def watch(self, evidence: float) -> None:
        """Learn from an ordinary minute with evidence above `FLOOR`, or from the minute after one."""
        if evidence >= FLOOR:
            self.peak = max(self.peak, evidence)
        elif self.peak and evidence < _OVER:
            self.count(self.peak)
            self.peak = 0.0

    def count(self, peak: float) -> None:
        """Learn a peak of an ordinary time."""
        self.peaks += 1
        self.excess += min(peak, self.alarm + 1) - FLOOR

    def raise_floor(self) -> None:
        """Rescale statistics learned above `LOWER_FLOOR` to `FLOOR`, assuming an exponential tail."""
        left = exp((LOWER_FLOOR - FLOOR) * self.peaks / self.excess) if self.excess > 0 else 0.0
        self.peaks, self.excess = self.peaks * left, self.excess * left

    def settle(self, minutes: int, size: float) -> None:
        """Add `minutes` of ordinary time, fade older ones by the same amount, and recalculate the thresholds.

        `size` is that of the community, in people who usually report in 15 minutes; it is above 0.
        """
        keep = _KEEP**minutes
        self.peaks, self.excess, self.minutes = self.peaks * keep, self.excess * keep, self.minutes * keep + minutes
        alarms = _ALARMS + _QUIET_ALARMS * exp(-((size / _QUIET) ** 2)) + _BUSY_ALARMS / (1 + (_BUSY / size) ** 2)
        self.alarm = min(max(self._level(alarms), _LOWEST), _HIGHEST)
        self.warning = min(self._level(_WARNINGS), self.alarm - 1)

    def _level(self, times: float) -> float:
        """The evidence that ordinary times exceed `times` times per month."""
        peaks = self.peaks + _PEAKS
        ratio = MONTH * peaks / (self.minutes + _MINUTES) / times
        return FLOOR + (self.excess + _PEAKS) / peaks * log(max(ratio, 1.0))
