"""The verdict: the combined result of all signals, with its confidence and its reasons.

The headline mentions people only if people reported. The probe and the official page can confirm it or have their own
headline, but they never count as people.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import cbrt, erfc, sqrt
from typing import NamedTuple

from bot.core.outage_life import Phase
from bot.core.signals import FRESH_FOR, Seen, Signal
from bot.core.tally import Tally

CROWD_CHANCE = 1e-3
CERTAIN_CHANCE = 1e-6
USUAL_AT_LEAST = 1.0


class Word(StrEnum):
    """The headline."""

    NOT_JUST_YOU = "not_just_you"
    SOME_OTHERS = "some_others"
    SERVICE_SAYS_SO = "service_says_so"
    NOBODY_ELSE = "nobody_else"
    BACK_TO_NORMAL = "back_to_normal"


class Confidence(StrEnum):
    """How sure the headline is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(NamedTuple):
    """`backed_by` are the other signals that show trouble now (no old incidents); `maintenance` is in progress."""

    word: Word
    confidence: Confidence
    backed_by: tuple[Signal, ...] = ()
    maintenance: bool = False

    @property
    def trouble(self) -> bool:
        """Whether the trouble is probably the service's and not the person's own."""
        return self.word in {Word.NOT_JUST_YOU, Word.SERVICE_SAYS_SO}


def decide(tally: Tally, seen: Mapping[Signal, Seen | None], now: float, phase: Phase | None = None) -> Verdict:
    """Compare the number of people with the usual one, then add the other signals.

    `phase` is that of the open outage, if there is one. While it is on, the verdict is more than one person, even if
    the current count alone would not show it. During recovery, the reports of the minutes before no longer count.

    A crowd is a number of other people that occurs by chance in fewer than 1 in 1,000 windows of 15 minutes at the
    usual rate (Poisson tail). The usual number is taken as at least one, so it takes six people at the quietest hour.
    """
    backed_by, maintenance = (), False
    for signal, current in seen.items():
        if current is not None and signal is not Signal.PEOPLE and current.now.at > now - FRESH_FOR:
            maintenance = maintenance or current.now.work(now) is not None
            if current.now.troubled(now):
                backed_by = (*backed_by, signal)
    usual = max(tally.usual or 0.0, USUAL_AT_LEAST)
    chance = at_least(tally.others, usual)
    if phase is Phase.RECOVERING:
        confidence = Confidence.LOW if backed_by else Confidence.MEDIUM
        return Verdict(Word.BACK_TO_NORMAL, confidence, backed_by, maintenance)
    if phase is Phase.ON or chance < CROWD_CHANCE:
        sure = bool(backed_by) or (chance < CERTAIN_CHANCE and tally.servers > 1)
        confidence = Confidence.HIGH if sure else Confidence.MEDIUM
        return Verdict(Word.NOT_JUST_YOU, confidence, backed_by, maintenance)
    if tally.others > 0:
        confidence = Confidence.MEDIUM if backed_by else Confidence.LOW
        return Verdict(Word.SOME_OTHERS, confidence, backed_by, maintenance)
    if backed_by:
        return Verdict(Word.SERVICE_SAYS_SO, Confidence.MEDIUM, backed_by, maintenance)
    return Verdict(Word.NOBODY_ELSE, Confidence.LOW, (), maintenance)


def at_least(count: int, mean: float) -> float:
    """The probability of `count` or more arrivals where `mean` are usual (Poisson; at least about one).

    Uses the cube root of Wilson & Hilferty (1931), which is as fast for many thousands as for five. A crowd needs the
    same number of people as with the exact sum, or one more.
    """
    if count <= 0:
        return 1.0
    deviations = 3 * sqrt(count) * (1 - 1 / (9 * count) - cbrt(mean / count))
    return erfc(deviations / sqrt(2)) / 2
