"""How often each rule's auto-replies were marked as wrong in a server; no text, only counts.

A *rule* is what made the bot answer: a kind of mention, or one of the server's own phrases.
"""

from dataclasses import dataclass, replace

LEAST_WRONG = 3
MOST_WRONG_SHARE = 0.25
MEMORY = 100
"""After this many replies the counts are halved, so that recent replies weigh more."""


@dataclass(frozen=True, slots=True)
class RuleScore:
    """Counts of one rule in one server. `off`: the rule was turned off here because of too many wrong replies."""

    replies: int = 0
    wrong: int = 0
    off: bool = False

    @property
    def precision(self) -> float | None:
        """Share of replies that nobody marked as wrong; None before the first reply."""
        return 1 - self.wrong / self.replies if self.replies else None

    def replied(self) -> "RuleScore":
        """After one more reply."""
        if self.replies >= MEMORY:
            return replace(self, replies=self.replies // 2 + 1, wrong=self.wrong // 2)
        return replace(self, replies=self.replies + 1)

    def called_wrong(self) -> "RuleScore":
        """After one of its replies was marked as wrong; this may turn the rule off."""
        wrong = self.wrong + 1
        replies = max(self.replies, wrong)
        too_often = wrong >= LEAST_WRONG and wrong / replies > MOST_WRONG_SHARE
        return RuleScore(replies, wrong, self.off or too_often)
