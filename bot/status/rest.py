"""Rest after "too many requests" (429): as long as the source asks, within reason, and longer each time."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from bot.core.signals import Cause, Reading

LEAST, MOST = 60.0, 900.0
"""Seconds. A source cannot send us away for longer than one that is gone is left alone."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A source that is left alone since `began`, for `pause` seconds; meanwhile `reading` stands, with its age."""

    began: float
    pause: float
    reading: Reading

    def lasts(self, now: float) -> bool:
        """Whether it is still too early to ask again. A clock that jumps ends it."""
        return abs(now - self.began) < self.pause


def rest_after(reading: Reading, retry_after: str, before: Rest | None) -> Rest | None:
    """The rest that this reading calls for, if any; `before` is the last one, when nothing else was read since."""
    if reading.cause is not Cause.RATE_LIMITED:
        return None
    least = LEAST if before is None else 2 * before.pause
    return Rest(reading.at, min(max(least, _seconds(retry_after, reading.at)), MOST), reading)


def _seconds(retry_after: str, now: float) -> float:
    """`Retry-After` is seconds or a date; what is neither asks for nothing."""
    try:
        return float(int(retry_after[:12]))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(retry_after[:64]).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return 0.0
