"""Hands shards over to the next process of the bot, so that every command gets one answer.

For a moment both processes are connected to a shard. The leaving process answers interactions meanwhile, and the next
one only queues them. When the first has left, the next one answers everything after the last interaction of the first.
The leaving process also handles messages and reactions until it leaves. Those that arrive before the next process
begins are lost, which is acceptable because they need no answer.
"""

import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from bot.discord_ui.answering.interceptor import Parse

INTERACTION = "INTERACTION_CREATE"
HEARD_EVENTS = frozenset(
    {"MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "AUTO_MODERATION_ACTION_EXECUTION"}
)
ANSWERED_WITHIN = 2.5
"""After this many seconds it is too late to answer: Discord waits for three."""


class Handover:
    """`held` are the shards that another process answers.

    `shard` returns the shard of a server (0: direct messages).
    """

    def __init__(
        self,
        shard: Callable[[int], int] = lambda _guild: 0,
        held: Collection[int] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.held = set(held)
        self._shard = shard
        self._now = now
        self._last: dict[int, int] = {}
        self._asked: deque[tuple[float, Any]] = deque()
        self._answer: Parse = lambda _event: None

    def intercept(self, event: str, parse: Parse) -> Parse:
        """Pass only the events that this process has to answer."""
        if event == INTERACTION:
            self._answer = parse
            return self._ask
        return self._unless_held(parse) if event in HEARD_EVENTS else parse

    def holds(self, guild_id: int) -> bool:
        """Whether another process answers a server."""
        return bool(self.held) and self._shard(guild_id) in self.held

    def leave(self, shard: int) -> int:
        """Leave this shard to the next process. Returns the last interaction that we answered there."""
        self.held.add(shard)
        return self._last.get(shard, 0)

    def begin(self, shard: int, last: int) -> None:
        """Start to answer this shard, and answer queued interactions after `last` that are not too old."""
        self.held.discard(shard)
        waiting, self._asked = self._asked, deque()
        for at, event in waiting:
            if self.holds(_guild(event)):
                self._asked.append((at, event))
            elif _number(event, "id") > last and self._now() - at < ANSWERED_WITHIN:
                self._ask(event)

    def _ask(self, event: Any) -> None:
        guild_id = _guild(event)
        if self.holds(guild_id):
            now = self._now()
            while self._asked and now - self._asked[0][0] >= ANSWERED_WITHIN:
                self._asked.popleft()
            self._asked.append((now, event))
            return
        shard = self._shard(guild_id)
        self._last[shard] = max(self._last.get(shard, 0), _number(event, "id"))
        self._answer(event)

    def _unless_held(self, parse: Parse) -> Parse:
        def parsed(event: Any) -> object:
            return None if self.held and self.holds(_guild(event)) else parse(event)

        return parsed


def _guild(event: Any) -> int:
    return _number(event, "guild_id")


def _number(event: Any, name: str) -> int:
    try:
        return int(event.get(name) or 0)
    except (AttributeError, TypeError, ValueError):
        return 0  # the next handler of the event reports the fault
