"""Leader election: the process that holds the lease is the leader."""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.core.errors import StoreError
from bot.usecases.cluster.ports import Leases
from bot.usecases.leadership import LEASE, NEVER

VALID_FOR, RENEW_EVERY, ASK_EVERY = 10.0, 3.0, 1.0
"""Seconds. The leader renews its lease; the others ask for it more often, which shortens the time without a leader.

If the leader is killed, another process has the lease at most `VALID_FOR` + `ASK_EVERY` after the last renewal.
"""

_MARGIN = 1.0
"""The leader steps down this many seconds before the lease ends, because there must never be two leaders at once."""
_logger = logging.getLogger(__name__)


class LeaseLeadership:
    """Holds the lease for as long as it can be renewed."""

    def __init__(self, leases: Leases, now: Callable[[], float] = time.monotonic) -> None:
        self._leases = leases
        self._now = now
        self._until = float("-inf")
        self._fence: int = NEVER

    @property
    def is_leader(self) -> bool:
        """Whether this process is the leader now: only while the lease is certainly ours."""
        return self._now() < self._until

    @property
    def fence(self) -> int:
        """The fencing token: the database checks it before it writes the leader's decisions."""
        return self._fence

    @property
    def pause(self) -> float:
        """Seconds until `renew` is due again."""
        return RENEW_EVERY if self.is_leader else ASK_EVERY

    async def renew(self, take_over: Callable[[], Awaitable[None]] | None = None) -> None:
        """Take the lease if it is free, or renew it; call this after each `pause`. Raises StoreError.

        `take_over` runs before this process becomes the leader.
        """
        asked, was_leader = self._now(), self.is_leader
        fence = await self._leases.take([LEASE], VALID_FOR)
        if fence is None:
            if self._fence != NEVER:
                _logger.warning("another process is the leader now")
            self._until, self._fence = float("-inf"), NEVER
            return
        if not was_leader or fence != self._fence:
            self._until, self._fence = float("-inf"), fence
            try:
                if take_over is not None:
                    await take_over()
            except Exception:
                with suppress(StoreError):
                    await self.release()  # another process may be able to
                raise
            _logger.info("this process is the leader now", extra={"fence": fence})
        self._until = asked + VALID_FOR - _MARGIN

    async def release(self) -> None:
        """Release the lease at once. Raises StoreError."""
        if self._fence != NEVER:
            self._until, self._fence = float("-inf"), NEVER
            await self._leases.release([LEASE])
