"""The CPU time of a server's own patterns. If they take too long, the slowest one is suspended for an hour."""

from collections.abc import Callable

from bot.core.own_phrases import Stopwatch
from bot.core.reports import HOUR

SHARE = 0.02
"""Seconds of CPU time per second that one server's patterns may take."""
SAVED_UP = 0.02
"""Seconds that a server can save up if its patterns take less."""
RESTS_FOR = HOUR


class PatternBudget:
    """The CPU time budget of one server's patterns."""

    def __init__(self, stopwatch: Stopwatch, clock: Callable[[], float]) -> None:
        self.stopwatch = stopwatch
        self._clock = clock
        self._left = SAVED_UP
        self._at = clock()
        self._spent: dict[str, float] = {}
        self._resting: dict[str, float] = {}

    def rests(self, phrase: str) -> bool:
        """Whether this pattern is suspended for now."""
        return bool(self._resting) and phrase in self._resting and phrase in self.resting()

    def resting(self) -> dict[str, float]:
        """The suspended patterns, each with the end of its suspension (epoch seconds)."""
        now = self._clock()
        self._resting = {phrase: until for phrase, until in self._resting.items() if now < until <= now + RESTS_FOR}
        return self._resting

    def spend(self, phrase: str, seconds: float) -> None:
        """Record the time that a pattern took; if that exceeds the budget, suspend the slowest pattern."""
        now = self._clock()
        self._left = min(SAVED_UP, self._left + max(0.0, now - self._at) * SHARE) - seconds
        self._at = now
        if self._left >= SAVED_UP - seconds:  # the budget was full, so earlier spending does not matter
            self._spent.clear()
        self._spent[phrase] = self._spent.get(phrase, 0.0) + seconds
        if self._left < 0:
            slowest = max(self._spent, key=self._spent.__getitem__)
            self._resting[slowest] = now + RESTS_FOR
            self._left = SAVED_UP
            self._spent.clear()
