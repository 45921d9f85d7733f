"""Coming back to Discord's gateway: soon after it is back, without hammering it, and with identifies to spare.

discord.py 2.7.1 waits up to 17 minutes between two tries (`backoff.py`), does not wait at all where a connection is
closed right after it was made (`shard.py`), and identifies as often as it is asked to: Discord resets the token of a
bot that does so more than 1000 times a day.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import structlog
from aiolimiter import AsyncLimiter

LONGEST_PAUSE = 30.0
"""Seconds between two tries, at most: half a minute after Discord is back, so are we."""

CALM_AFTER = 300.0
"""Seconds without a new try after which the first pause is short again."""

IDENTIFIES_AT_ONCE, IDENTIFIES_A_DAY = 250, 700
"""So many at any pace, and so many a day after that: together below the 1000 that Discord gives a bot of few shards."""

CONNECTIONS_A_MINUTE = 10
_MINUTE, _DAY = 60.0, 86_400.0
_log = structlog.get_logger(__name__)


class Backoff:
    """Pauses between tries, each anything up to a limit that doubles ("full jitter"), so that bots do not march."""

    def __init__(self, rng: random.Random, now: Callable[[], float] = time.monotonic) -> None:
        self._rng = rng
        self._now = now
        self._tries = 0
        self._last = float("-inf")

    def delay(self) -> float:
        """Seconds to wait now; discord.py asks for it by this name."""
        now = self._now()
        self._tries = 1 if now - self._last > CALM_AFTER else self._tries + 1
        self._last = now
        return self._rng.uniform(0, min(LONGEST_PAUSE, 2.0 ** min(self._tries, 10)))


IdentifyTurn = Callable[[int], Awaitable[float]]
"""Takes the next turn to identify in a bucket of shards (`shard id % max_concurrency`); gives the seconds to it."""

IDENTIFY_EVERY = 5.25
"""Seconds between two identifies of a bucket (docs.discord.com, "Max Concurrency"), and a little more."""


class OwnTurns:
    """The turns of the one process there is."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._next: dict[int, float] = {}

    async def turn(self, bucket: int) -> float:
        """Take the next turn; gives the seconds to it."""
        now = self._now()
        at = max(now, self._next.get(bucket, now))
        self._next[bucket] = at + IDENTIFY_EVERY
        return at - now


class NotConnectedError(Exception):
    """A shard could not connect; it is tried again."""


class Pace:
    """How often the clients of this process may connect and identify; lets a burst through, then one by one."""

    def __init__(self) -> None:
        self._shards = 0
        self.size(1)

    def size(self, shards: int) -> None:
        """Make room for so many shards; what was used before is forgotten only if there are more of them now."""
        if shards <= self._shards:
            return
        self._shards = shards
        self.connections = AsyncLimiter(max(CONNECTIONS_A_MINUTE, 2 * shards), _MINUTE)
        # A bucket that holds the first many, and is refilled as often a day as the second says.
        at_once, a_day = max(IDENTIFIES_AT_ONCE, 2 * shards), max(IDENTIFIES_A_DAY, shards)
        self.identifies = AsyncLimiter(at_once, at_once * _DAY / a_day)

    async def identify(self, shard_id: int | None) -> None:
        """Wait until another identify leaves enough for the rest of the day."""
        if not self.identifies.has_capacity():
            _log.warning("Discord asks for a new session again and again; the next try waits", shard=shard_id)
        await self.identifies.acquire()


async def wait_for_sessions(remaining: int, total: int, reset_after: float) -> None:
    """Where nearly all session starts of the day are used, wait the `reset_after` seconds until there are new ones."""
    if remaining > total // 20:
        return
    _log.error(
        "nearly all session starts of the day are used; waiting for new ones", left=remaining, seconds=reset_after
    )
    await asyncio.sleep(reset_after)
