"""Handing shards over to the next process of the bot without a command that nobody answers.

Both are connected for a moment. What people ask meanwhile the one that leaves answers, and the next one holds back;
once the first has left, the next answers what came after its last. Messages and reactions of that moment are the
first one's, too; those between its last and the next one's first are not heard: nobody waits for an answer to them.
"""

import time
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import Any

ASKED = "INTERACTION_CREATE"
SAID = frozenset(
    {"MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "AUTO_MODERATION_ACTION_EXECUTION"}
)
ANSWERED_WITHIN = 2.5
"""Seconds after which it is too late to answer: Discord waits for three."""


class Handover:
    """`last` is the newest interaction that was passed on; while it is `holding`, none is."""

    def __init__(self, *, holding: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        self.holding = holding
        self.last = 0
        self._now = now
        self._held: deque[tuple[float, Any]] = deque()
        self._ask: Callable[[Any], Any] = lambda _data: None

    def stand_before(self, parsers: MutableMapping[str, Callable[[Any], Any]]) -> None:
        """Pass on to a client's parsers what is ours to answer."""
        self._ask, parsers[ASKED] = parsers[ASKED], self._asked
        for event in SAID & parsers.keys():
            parsers[event] = self._unless_holding(parsers[event])

    def leave(self) -> int:
        """From now on the next process answers; gives our last interaction."""
        self.holding = True
        return self.last

    def begin(self, last: int) -> None:
        """From now on we answer: what was asked after `last`, if somebody still waits."""
        self.holding = False
        held, self._held = self._held, deque()
        for at, data in held:
            if _id(data) > last and self._now() - at < ANSWERED_WITHIN:
                self._asked(data)

    def _asked(self, data: Any) -> None:
        if self.holding:
            now = self._now()
            while self._held and now - self._held[0][0] >= ANSWERED_WITHIN:
                self._held.popleft()
            self._held.append((now, data))
            return
        self.last = max(self.last, _id(data))
        self._ask(data)

    def _unless_holding(self, parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def parsed(data: Any) -> Any:
            return None if self.holding else parse(data)

        return parsed


def _id(data: Any) -> int:
    try:
        return int(data["id"])
    except (KeyError, TypeError, ValueError):
        return 0  # the parser behind us says what is odd
