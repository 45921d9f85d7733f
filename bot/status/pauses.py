"""Pauses after "too many requests" (429): as long as the source asks, within limits, and longer each time."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from bot.core.signals import Cause, Reading

SHORTEST, LONGEST = 60.0, 900.0
"""Seconds. The longest pause equals the time between two readings of a source that is gone."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A source is not read for some seconds since `began`; meanwhile `reading` is its last one."""

    began: float
    seconds: float
    reading: Reading

    def lasts(self, now: float) -> bool:
        """Whether the pause is not over. A jump of the clock ends it."""
        return abs(now - self.began) < self.seconds


def pause_after(reading: Reading, retry_after: str, before: Pause | None) -> Pause | None:
    """The pause after this reading, if any; `before` is the last pause, if nothing else was read since."""
    if reading.cause is not Cause.RATE_LIMITED:
        return None
    shortest = SHORTEST if before is None else 2 * before.seconds
    return Pause(reading.at, min(max(shortest, _retry_seconds(retry_after, reading.at)), LONGEST), reading)


def _retry_seconds(retry_after: str, now: float) -> float:
    """The seconds of a `Retry-After` header, which has a number or a date; 0 for anything else."""
    try:
        return float(int(retry_after[:12]))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(retry_after[:64])  # without a zone ("-0000") it is UTC, not this machine's time
        return (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return 0.0
