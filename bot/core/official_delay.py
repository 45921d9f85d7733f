"""How late a service's official page is: a grade, from the outages of the last 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from statistics import median_low

from bot.core.outage_life import Outage
from bot.core.reports import MINUTE

ENOUGH = 3
"""With fewer outages there is no grade."""
PROMPT_WITHIN, SLOW_WITHIN = 10 * MINUTE, 30 * MINUTE


class Grade(StrEnum):
    """The delay of the official page in a word."""

    PROMPT = "prompt"
    """At least half of the outages appeared there within 10 minutes of the first reports."""
    SLOW = "slow"
    """Half of them within 30 minutes."""
    LATE = "late"
    """Half of them, but later than 30 minutes."""
    SILENT = "silent"
    """More than half of them were never on it."""
    TOO_FEW = "too_few"
    """Fewer than three outages in which it could be read."""


@dataclass(frozen=True, slots=True)
class OfficialDelay:
    """The grade, the number of `outages` behind it, and how many of them were `posted` on the page at all."""

    grade: Grade
    outages: int
    posted: int


def grade(outages: Sequence[Outage]) -> OfficialDelay:
    """The grade from these outages. Outages during which the page could not be read do not count.

    The delay begins with the first reports, not with our alarm. If the time of the post is not known exactly, the
    earliest possible time counts, in favour of the page.
    """
    read = [one for one in outages if one.official_read or one.official_at is not None]
    delays = [inf if one.official_at is None else max(0, one.official_at - one.began) for one in read]
    posted = sum(delay < inf for delay in delays)
    if len(read) < ENOUGH:
        return OfficialDelay(Grade.TOO_FEW, len(read), posted)
    typical = median_low(delays)
    if typical <= PROMPT_WITHIN:
        found = Grade.PROMPT
    elif typical <= SLOW_WITHIN:
        found = Grade.SLOW
    else:
        found = Grade.LATE if typical < inf else Grade.SILENT
    return OfficialDelay(found, len(read), posted)
