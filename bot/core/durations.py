"""Durations, counted in a few classes. This is so cheap that every one can be counted."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import inf


class Durations:
    """Counts each duration in the first of the ascending `bounds` (seconds) that it does not exceed."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = (*bounds, inf)
        self._counts = [0] * len(self._bounds)
        self.total = 0.0
        """Sum of all durations, in seconds."""

    def add(self, seconds: float) -> None:
        """Count a duration."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds

    @property
    def within(self) -> list[tuple[float, int]]:
        """Each bound with the number of durations up to it. The last bound is infinite and includes them all."""
        return list(zip(self._bounds, accumulate(self._counts), strict=True))
