"""How often each rule's auto-replies were marked as wrong in a server; no text, only counts.

A *rule* is the reason for an answer: a kind of mention, or one of the server's own phrases.
"""

from dataclasses import dataclass, replace

from bot.core.reports import DAY

LEAST_WRONG = 3
MOST_WRONG_SHARE = 0.25
MEMORY = 100
"""After this many replies the counts are halved, so that recent replies weigh more."""
HALVED_EVERY = 14 * DAY
"""The counts are also halved after this many seconds."""


@dataclass(frozen=True, slots=True)
class RuleScore:
    """Counts of one rule in one server. `off`: the rule was turned off here because of too many wrong replies.

    `since`: when the counts were last halved because of their age, or the time of the first reply (epoch seconds).
    """

    replies: int = 0
    wrong: int = 0
    off: bool = False
    since: int = 0

    @property
    def precision(self) -> float | None:
        """Share of replies that were not marked as wrong; None before the first reply."""
        return 1 - self.wrong / self.replies if self.replies else None

    def faded(self, now: float) -> "RuleScore":
        """The score now: old replies and misses fade."""
        if not self.since or not (self.replies or self.wrong):
            return replace(self, since=int(now))
        times = max(0, int(now) - self.since) // HALVED_EVERY
        halved = min(times, self.replies.bit_length())
        since = self.since + times * HALVED_EVERY
        return replace(self, replies=self.replies >> halved, wrong=self.wrong >> halved, since=since)

    def replied(self) -> "RuleScore":
        """The score after one more reply."""
        if self.replies >= MEMORY:
            return replace(self, replies=self.replies // 2 + 1, wrong=self.wrong // 2)
        return replace(self, replies=self.replies + 1)

    def called_wrong(self) -> "RuleScore":
        """The score after one of its replies was marked as wrong; this may turn the rule off."""
        wrong = self.wrong + 1
        replies = max(self.replies, wrong)
        too_often = wrong >= LEAST_WRONG and wrong / replies > MOST_WRONG_SHARE
        return RuleScore(replies, wrong, self.off or too_often, self.since)
