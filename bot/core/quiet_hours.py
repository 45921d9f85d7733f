"""Quiet hours: the time of day when the bot sends no auto-replies."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import InvalidValueError

_TIME = re.compile(r"([01]?\d|2[0-3])[:.h]([0-5]\d)")
_LONGEST_ZONE = 64


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, local time in `zone`; past midnight if `end` is earlier than `start`."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def read(cls, start: Any, end: Any, zone: Any) -> "QuietHours":
        """Read what a moderator typed, such as 22:00, 7:00, Europe/Paris. Raises InvalidValueError."""
        hours = cls(_time("a start", start), _time("an end", end), _zone(zone))
        if hours.start == hours.end:
            raise InvalidValueError("quiet_hours", "two different times")
        return hours

    def covers(self, now: float) -> bool:
        """Whether `now` (epoch seconds) is within these hours."""
        local = datetime.fromtimestamp(now, self.zone).time()
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def as_document(self) -> dict[str, str]:
        """As JSON."""
        return {"start": f"{self.start:%H:%M}", "end": f"{self.end:%H:%M}", "zone": self.zone.key}


def _time(which: str, value: Any) -> time:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise InvalidValueError("quiet_hours", f"{which} such as 22:00")
    return time(int(match[1]), int(match[2]))


def _zone(value: Any) -> ZoneInfo:
    try:
        if isinstance(value, str) and len(value) <= _LONGEST_ZONE and value.isascii():
            return ZoneInfo(value.strip())
    except (OSError, ValueError, ZoneInfoNotFoundError):
        pass
    raise InvalidValueError("quiet_hours", "a time zone such as Europe/Paris, America/Sao_Paulo or UTC")
