"""The breaker: counts requests that Discord refuses, and stops ours far below the ban.

Discord bars an address for an hour or more after 10,000 requests in ten minutes that ended in 401, 403 or 429
(docs.discord.com, "Invalid Request Limit"); a 429 whose scope is `shared` is nobody's fault and does not count.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp
import structlog
from discord.http import Route

MOST_REFUSED = 500
"""In ten minutes; a twentieth of what gets an address barred, since others may share ours."""

WITHIN = 600.0
"""Seconds that a refusal counts."""

_REFUSALS = frozenset({401, 403, 429})
_ANSWERS = ("/interactions/", "/webhooks/")
_log = structlog.get_logger(__name__)


class BrakedError(aiohttp.ClientConnectionError):
    """Not sent: Discord refused too much of late. For callers the same as Discord out of reach."""


class CircuitBreaker:
    """Hears of every request of a client by `trace`. Answers to people still go out; what we begin ourselves waits."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._refused = deque[float]()
        self._told = False

    @property
    def refused(self) -> int:
        """Requests refused in the last ten minutes."""
        oldest = self._now() - WITHIN
        while self._refused and self._refused[0] <= oldest:
            self._refused.popleft()
        return len(self._refused)

    @property
    def on(self) -> bool:
        """Whether what we begin ourselves waits."""
        on = self.refused >= MOST_REFUSED
        if on and not self._told:
            _log.error("Discord refuses too many of our requests; nothing is sent but answers until that is past")
        self._told = on
        return on

    def trace(self) -> aiohttp.TraceConfig:
        """What a client's session reports to; each client takes a fresh one."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        return trace

    async def _before(self, _session: Any, _context: Any, request: aiohttp.TraceRequestStartParams) -> None:
        if (
            self.on
            and (path := str(request.url).removeprefix(Route.BASE)).startswith("/")
            and not path.startswith(_ANSWERS)
        ):
            raise BrakedError("Discord refused too many requests of late")

    async def _after(self, _session: Any, _context: Any, answer: aiohttp.TraceRequestEndParams) -> None:
        response = answer.response
        if response.status in _REFUSALS and response.headers.get("X-RateLimit-Scope") != "shared":
            self._refused.append(self._now())
