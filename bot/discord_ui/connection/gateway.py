"""The pace of connecting to Discord's gateway: soon after an outage, but not too often.

discord.py 2.7.1 waits up to 17 minutes between two attempts (`backoff.py`), does not wait at all if a connection is
closed right after it was made (`shard.py`), and has no limit on identifies. Discord resets the token of a bot that
identifies more than 1000 times per day.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from aiolimiter import AsyncLimiter

from bot.core.errors import NotJustYouError

LONGEST_BACKOFF = 30.0
"""The longest pause in seconds between two attempts, so the bot is back half a minute after Discord."""

CALM_AFTER = 300.0
"""After this many seconds without an attempt, the next pause is short again."""

IDENTIFIES_AT_ONCE, IDENTIFIES_A_DAY = 250, 700
"""Identifies in one burst, and further ones per day: together below the 1000 that a bot with few shards may use."""

CONNECTIONS_A_MINUTE = 10
_MINUTE, _DAY = 60.0, 86_400.0
_logger = logging.getLogger(__name__)


class Backoff:
    """Random pauses between attempts, up to a limit that doubles ("full jitter"): bots do not all return at once."""

    def __init__(self, rng: random.Random, now: Callable[[], float] = time.monotonic) -> None:
        self._rng = rng
        self._now = now
        self._tries = 0
        self._last = float("-inf")

    def delay(self) -> float:
        """Seconds to wait now. discord.py calls it by this name."""
        now = self._now()
        self._tries = 1 if now - self._last > CALM_AFTER else self._tries + 1
        self._last = now
        return self._rng.uniform(0, min(LONGEST_BACKOFF, 2.0 ** min(self._tries, 10)))


IdentifyTurn = Callable[[int], Awaitable[float]]
"""Reserves the next identify slot in a bucket of shards (`shard id % max_concurrency`); returns the seconds to wait."""

IDENTIFY_EVERY = 5.25
"""Seconds between two identifies in a bucket: Discord's five (docs.discord.com, "Max Concurrency") and a margin."""


class OwnTurns:
    """The identify slots of a single process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._next: dict[int, float] = {}

    async def turn(self, bucket: int) -> float:
        """Reserve the next slot; returns the seconds to wait."""
        now = self._now()
        at = max(now, self._next.get(bucket, now))
        self._next[bucket] = at + IDENTIFY_EVERY
        return at - now


class NotConnectedError(NotJustYouError):
    """A shard could not connect; it will retry."""


class Pace:
    """Limits how often the clients of this process connect and identify. A burst is allowed, then one at a time."""

    def __init__(self) -> None:
        self._shards = 0
        self.size(1)

    def size(self, shards: int) -> None:
        """Set the limits for this many shards. The counting restarts only if there are more shards than before."""
        if shards <= self._shards:
            return
        self._shards = shards
        self.connections = AsyncLimiter(max(CONNECTIONS_A_MINUTE, 2 * shards), _MINUTE)
        # A leaky bucket: `at_once` in a burst, and `a_day` more per day.
        at_once, a_day = max(IDENTIFIES_AT_ONCE, 2 * shards), max(IDENTIFIES_A_DAY, shards)
        self.identifies = AsyncLimiter(at_once, at_once * _DAY / a_day)

    async def identify(self, shard_id: int | None) -> None:
        """Wait until another identify leaves enough for the rest of the day."""
        if not self.identifies.has_capacity():
            _logger.warning("too many new sessions; delaying the next identify", extra={"shard": shard_id})
        await self.identifies.acquire()


async def wait_for_sessions(remaining: int, total: int, reset_after: float) -> None:
    """If nearly all session starts of the day are used, wait `reset_after` seconds for new ones."""
    if remaining > total // 20:
        return
    _logger.error(
        "daily session start limit nearly reached; waiting until it resets",
        extra={"left": remaining, "seconds": reset_after},
    )
    await asyncio.sleep(reset_after)
