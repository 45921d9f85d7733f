"""The delivery state of each post in this process: what its message shows, and how often it failed.

In memory only. After a restart every sent message is edited once, because its current text is unknown.
"""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.outage_life import ONGOING, Outage
from bot.usecases.ports import Clock

LONGEST_PAUSE = 300
"""The longest pause in seconds before a failed post is retried."""

_FIRST_PAUSE = 2


class Result(StrEnum):
    """The result of one attempt to send or edit a message."""

    DONE = "done"
    LATER = "later"
    """It failed, and will be retried."""
    REFUSED = "refused"
    """Discord does not accept it."""
    BROKEN = "broken"
    """Our own code failed."""


@dataclass(slots=True)
class PostDelivery:
    """The delivery of one post; `shown` is None if the message's current text is unknown."""

    due_since: float | None = None
    """When this process first saw that it is to be sent."""
    shown_at: float = 0.0
    """When the message was last sent or edited, or first seen."""
    shown: Outage | None = None
    failures: int = 0
    paused_until: float | None = None
    thread_refused: bool = False
    reopened: bool = False
    """Whether the post was lost and its channel may be open again."""


class Deliveries:
    """The deliveries by post id. The methods record what happened to a post."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._deliveries: dict[int, PostDelivery] = {}
        self.results = Counter[Result]()
        """The results of all attempts since the start."""

    def get(self, post_id: int) -> PostDelivery | None:
        """The delivery of a post; None if nothing is known."""
        return self._deliveries.get(post_id)

    def due_since(self, post_id: int, now: float) -> float:
        """When this process first saw that a post is to be sent; if it is new, record `now`."""
        delivery = self._of(post_id)
        if delivery.due_since is None:
            delivery.due_since = now
        return delivery.due_since

    def of_sent(self, post_id: int, now: float) -> PostDelivery:
        """The delivery of a post whose message exists. If it is new to this process, it counts as edited just now."""
        delivery = self._of(post_id)
        if not delivery.shown_at:
            delivery.shown_at = now
        return delivery

    def shown(self, post_id: int, outage: Outage | None) -> None:
        """Record that the message shows this outage now; None if the message was found but not read."""
        delivery = self._of(post_id)
        delivery.shown_at, delivery.shown = self._clock(), outage and visible(outage)

    def edit_answered(self, post_id: int) -> None:
        """Record that Discord answered an edit, whether it accepted it or not: the next edit has to wait."""
        self._of(post_id).shown_at = self._clock()

    def succeeded(self, post_id: int) -> None:
        """Record a success: earlier failures no longer count."""
        self.results[Result.DONE] += 1
        if delivery := self._deliveries.get(post_id):
            delivery.failures, delivery.paused_until = 0, None

    def failed(self, post_id: int, *, pause: float | None = None) -> int:
        """Record a failure, the n-th in a row, and pause for `pause` seconds, or longer each time. Returns n."""
        self.results[Result.LATER] += 1
        delivery = self._of(post_id)
        delivery.failures += 1
        if pause is None:
            pause = float(min(_FIRST_PAUSE * 2 ** (delivery.failures - 1), LONGEST_PAUSE))
        # Posts that failed together are not retried together.
        delivery.paused_until = self._clock() + pause * self._rng.uniform(0.7, 1)
        return delivery.failures

    def broke(self, post_id: int) -> None:
        """Record an error in our own code: there is no point in retrying soon."""
        self.results[Result.BROKEN] += 1
        delivery = self._of(post_id)
        delivery.failures, delivery.paused_until = 0, self._clock() + LONGEST_PAUSE

    def refused(self) -> None:
        """Record that Discord does not accept a post."""
        self.results[Result.REFUSED] += 1

    def pauses(self, post_id: int, now: float) -> bool:
        """Whether it failed and must not be retried yet."""
        delivery = self._deliveries.get(post_id)
        if delivery is None or delivery.paused_until is None:
            return False
        # A clock that was set back must not silence a post for a day.
        return 0 < delivery.paused_until - now <= LONGEST_PAUSE

    def thread_refused(self, post_id: int) -> None:
        """Record that Discord does not let us open a thread under this announcement."""
        self._of(post_id).thread_refused = True

    def reopened(self, post_ids: Iterable[int]) -> None:
        """Record that the channels of these lost posts may be open again."""
        for post_id in post_ids:
            self._of(post_id).reopened = True

    def is_reopened(self, post_id: int) -> bool:
        """Whether the channel of a lost post may be open again."""
        delivery = self._deliveries.get(post_id)
        return delivery is not None and delivery.reopened

    def retried(self, post_id: int) -> None:
        """Record that a lost post was retried, so it is no longer lost."""
        self._of(post_id).reopened = False

    def forget(self, post_id: int) -> None:
        """Remove a finished post."""
        self._deliveries.pop(post_id, None)

    def _of(self, post_id: int) -> PostDelivery:
        delivery = self._deliveries.get(post_id)
        if delivery is None:
            delivery = self._deliveries[post_id] = PostDelivery()
        return delivery


def visible(outage: Outage) -> Outage:
    """The part of an outage that an announcement shows: if it is unchanged, no edit is needed."""
    if outage.phase not in ONGOING or outage.faded is not None:
        return replace(outage, seen=0, final=False, doubted=None, usual=0.0, recent=0, recent_symptoms=None)
    return replace(outage, seen=0, final=False, doubted=None, usual=round(outage.usual, 1))
