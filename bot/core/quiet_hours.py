"""Quiet hours: the time of day when the bot sends no auto-replies."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from bot.core.errors import WrongInputError
from bot.core.texts import N_

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_TIME = re.compile(r"([01]?\d|2[0-3])[:.h]([0-5]\d)")
_LONGEST_ZONE = 64


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, local time in `zone`; past midnight if `end` is earlier than `start`."""

    start: time
    end: time
    zone: "ZoneInfo"

    @classmethod
    def read(cls, start: Any, end: Any, zone: Any) -> "QuietHours":
        """Read what a moderator typed, such as 22:00, 7:00, Europe/Paris. Raises WrongInputError."""
        hours = cls(_time(start), _time(end), _zone(zone))
        if hours.start == hours.end:
            raise WrongInputError("quiet_hours", N_("Start and end must be different times."))
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


def _time(value: Any) -> time:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        typed = value if isinstance(value, str) else ""
        raise WrongInputError("quiet_hours", N_("“{typed}” isn't a time. Type it like 22:00."), typed=typed)
    return time(int(match[1]), int(match[2]))


def _zone(value: Any) -> "ZoneInfo":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - most servers have no quiet hours

    try:
        if isinstance(value, str) and len(value) <= _LONGEST_ZONE and value.isascii():
            return ZoneInfo(value.strip())
    except (OSError, ValueError, ZoneInfoNotFoundError):
        pass
    typed = value if isinstance(value, str) else ""
    raise WrongInputError(
        "quiet_hours", N_("I don't know the time zone “{typed}”. Type it like Europe/Paris or UTC."), typed=typed
    )
