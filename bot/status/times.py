"""Times on status pages as epoch seconds. An implausible time is unknown (None): a wrong one is worse."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
"""An earlier time stands for zero, which pages write if they have no time."""
AHEAD = 60.0
"""Seconds by which the page's clock may be ahead of ours: such a time counts as now. A later time is wrong."""
FURTHEST = 2 * 366 * 86_400.0
"""Seconds into the future that maintenance may be planned."""
_ROUNDING = 1.0


def moment(value: Any) -> float | None:
    """A date with a time of day, in ISO 8601. Without a zone it is UTC, never the zone of this machine."""
    if not isinstance(value, str) or ":" not in value:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if at >= EARLIEST else None


def began(start: Any, later: Iterable[Any], at: float) -> float | None:
    """When an incident began. Unknown if that is in the future, or after something that happened `later` in it."""
    since = moment(start)
    if since is None or since > at + AHEAD:
        return None
    known = [found for value in later if (found := moment(value)) is not None]
    return None if any(found < since - _ROUNDING for found in known) else min(since, at)


def span(start: Any, end: Any, at: float) -> tuple[float | None, float | None]:
    """Begin and end of maintenance, which may lie in the future. Both are unknown if they contradict each other."""
    begins, ends = (_plannable(moment(value), at) for value in (start, end))
    if begins is not None and ends is not None and ends < begins:
        return None, None
    return begins, ends


def _plannable(found: float | None, at: float) -> float | None:
    return None if found is None or found > at + FURTHEST else found
