"""How long something takes, counted into a few classes: so cheap that every time can be counted."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import inf


class Durations:
    """Counts times by the smallest of some `bounds` (seconds, growing) that they do not exceed."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = (*bounds, inf)
        self._counts = [0] * len(self._bounds)
        self.total = 0.0
        """All times together, in seconds."""

    def add(self, seconds: float) -> None:
        """Count a time."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds

    @property
    def within(self) -> list[tuple[float, int]]:
        """Each bound with how many times did not exceed it; the last bound is infinite, so it has all of them."""
        return list(zip(self._bounds, accumulate(self._counts), strict=True))
