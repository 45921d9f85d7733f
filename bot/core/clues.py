"""Learning from wrong replies: how much less a clue counts in a server where it misled the detector.

A *clue* is a concept on which the mention detector based its decision, such as "login" or "others"; never a word that a
person wrote. Replies and wrong replies are counted for each clue as for each rule.
"""

import math
from collections.abc import Iterable

from bot.core.rule_scores import RuleScore

PREFIX = "clue:"
"""Prefix of a clue's name where its counts are kept beside those of the rules."""
LEAST_WRONG = 2
"""One wrong reply alone changes nothing."""
MOST_LOWERED = 3.0
"""In log-odds: limited, so that a mention that is clear by itself is still answered."""


def as_rule(clue: str) -> str:
    """The name under which a clue is counted."""
    return f"{PREFIX}{clue}"


def lowered(scores: Iterable[RuleScore]) -> float:
    """How much less a mention counts, in log-odds, given the counts of its clues and its rule in this server.

    Only the clue that misled most counts, because clues often come together.
    """
    return min(MOST_LOWERED, max(map(_by, scores), default=0.0))


def _by(score: RuleScore) -> float:
    """The odds of being wrong, with one right and one wrong reply added, so that few replies say little."""
    if score.wrong < LEAST_WRONG:
        return 0.0
    right = max(0, score.replies - score.wrong)
    return max(0.0, math.log((score.wrong + 1) / (right + 1)))
