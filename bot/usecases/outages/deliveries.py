"""What this process knows of the delivery of each post: what its message shows, and how often it failed.

In memory only. After a restart every sent message is edited once, as nobody knows what it shows.
"""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.outage_life import ONGOING, Outage
from bot.usecases.ports import Clock

LONGEST_PAUSE = 300
"""Seconds until a post that failed is tried again, at most."""

_FIRST_PAUSE = 2


class Result(StrEnum):
    """What came of one try to send or edit something."""

    DONE = "done"
    LATER = "later"
    """It failed, and is tried again."""
    REFUSED = "refused"
    """Discord does not accept it."""
    BROKEN = "broken"
    """Our own code failed."""


@dataclass(slots=True)
class Delivery:
    """The delivery of one post; `shown` is None if it is not known what the message shows."""

    due_since: float | None = None
    """When this process first saw that it is to be sent."""
    shown_at: float = 0.0
    """When the message was last sent or edited, or first seen."""
    shown: Outage | None = None
    failures: int = 0
    paused_until: float | None = None
    thread_refused: bool = False
    reopened: bool = False
    """Whether the post was lost, and its channel may be open again."""


class Deliveries:
    """By post id; the methods say what happened to a post."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._deliveries: dict[int, Delivery] = {}
        self.results = Counter[Result]()
        """What came of all tries since the start."""

    def get(self, post_id: int) -> Delivery | None:
        """What is known of a post; None if nothing is."""
        return self._deliveries.get(post_id)

    def due_since(self, post_id: int, now: float) -> float:
        """When this process first saw that a post is to be sent: now, if that is new."""
        delivery = self._of(post_id)
        if delivery.due_since is None:
            delivery.due_since = now
        return delivery.due_since

    def of_sent(self, post_id: int, now: float) -> Delivery:
        """What is known of a post whose message exists. One that is new to us counts as edited just now."""
        delivery = self._of(post_id)
        if not delivery.shown_at:
            delivery.shown_at = now
        return delivery

    def shown(self, post_id: int, outage: Outage | None) -> None:
        """The message of a post shows this outage now; None if its message was found and not read."""
        delivery = self._of(post_id)
        delivery.shown_at, delivery.shown = self._clock(), outage and visible(outage)

    def edit_answered(self, post_id: int) -> None:
        """Discord answered an edit, whether it took it or not: the next one waits its time."""
        self._of(post_id).shown_at = self._clock()

    def succeeded(self, post_id: int) -> None:
        """What was due worked: earlier failures do not count any more."""
        self.results[Result.DONE] += 1
        if delivery := self._deliveries.get(post_id):
            delivery.failures, delivery.paused_until = 0, None

    def failed(self, post_id: int, *, pause: float | None = None) -> int:
        """It failed, for the n-th time in a row, and pauses: `pause` seconds, or longer each time. Returns n."""
        self.results[Result.LATER] += 1
        delivery = self._of(post_id)
        delivery.failures += 1
        if pause is None:
            pause = float(min(_FIRST_PAUSE * 2 ** (delivery.failures - 1), LONGEST_PAUSE))
        # Posts that failed together are not tried again together.
        delivery.paused_until = self._clock() + pause * self._rng.uniform(0.7, 1)
        return delivery.failures

    def broke(self, post_id: int) -> None:
        """Our own code failed: there is no point in trying again soon."""
        self.results[Result.BROKEN] += 1
        delivery = self._of(post_id)
        delivery.failures, delivery.paused_until = 0, self._clock() + LONGEST_PAUSE

    def refused(self) -> None:
        """Discord does not accept a post."""
        self.results[Result.REFUSED] += 1

    def pauses(self, post_id: int, now: float) -> bool:
        """Whether it failed and is not to be tried yet."""
        delivery = self._deliveries.get(post_id)
        if delivery is None or delivery.paused_until is None:
            return False
        # A clock that was set back must not silence a post for a day.
        return 0 < delivery.paused_until - now <= LONGEST_PAUSE

    def thread_refused(self, post_id: int) -> None:
        """Discord does not let us open a thread under this announcement."""
        self._of(post_id).thread_refused = True

    def reopened(self, post_ids: Iterable[int]) -> None:
        """The channels of these lost posts may be open again."""
        for post_id in post_ids:
            self._of(post_id).reopened = True

    def is_reopened(self, post_id: int) -> bool:
        """Whether the channel of a lost post may be open again."""
        delivery = self._deliveries.get(post_id)
        return delivery is not None and delivery.reopened

    def retried(self, post_id: int) -> None:
        """A post whose channel may be open again is no longer lost."""
        self._of(post_id).reopened = False

    def forget(self, post_id: int) -> None:
        """A post is finished."""
        self._deliveries.pop(post_id, None)

    def _of(self, post_id: int) -> Delivery:
        delivery = self._deliveries.get(post_id)
        if delivery is None:
            delivery = self._deliveries[post_id] = Delivery()
        return delivery


def visible(outage: Outage) -> Outage:
    """What an announcement shows of an outage: if two are equal, no edit is needed between them."""
    if outage.phase not in ONGOING or outage.faded is not None:
        return replace(outage, seen=0, final=False, doubted=None, usual=0.0, recent=0, recent_symptoms=None)
    return replace(outage, seen=0, final=False, doubted=None, usual=round(outage.usual, 1))
