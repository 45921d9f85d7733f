"""Notifies the operator of a newer release of the bot, once per release."""

import json
import logging
from collections.abc import Awaitable, Callable

from bot.core.reports import DAY
from bot.core.versions import is_newer
from bot.usecases.leadership import Leadership
from bot.usecases.ports import Clock, Meta

NEWEST = "newest_release"
"""The key in `meta` with the time of the last check and the last announced release."""
_logger = logging.getLogger(__name__)


class CheckRelease:
    """Checks at most once per day, even if the bot restarts often. Only the leader checks.

    `newest` returns the version of the newest release, or None if it is unavailable now.
    """

    def __init__(
        self,
        running: str,
        newest: Callable[[], Awaitable[str | None]],
        meta: Meta,
        leadership: Leadership,
        clock: Clock,
    ) -> None:
        self._running = running
        self._newest = newest
        self._meta = meta
        self._leadership = leadership
        self._clock = clock

    async def look(self) -> None:
        """Check for a release if a check is due."""
        now = self._clock()
        known = json.loads(await self._meta.get(NEWEST) or "{}")
        if not self._leadership.is_leader or abs(now - known.get("asked", 0)) < DAY:
            return
        await self._meta.put(NEWEST, json.dumps(known | {"asked": now}))
        newest = await self._newest()
        if newest is None or not is_newer(newest, self._running) or newest == known.get("told"):
            return
        _logger.warning("NotJustYou %s is out; this is %s", newest, self._running)
        await self._meta.put(NEWEST, json.dumps({"asked": now, "told": newest}))
