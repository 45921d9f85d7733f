"""The circuit breaker: counts the requests that Discord refuses, and stops ours long before Discord bans us.

Discord bans an address for an hour or more after 10,000 requests in ten minutes that ended in 401, 403 or 429
(docs.discord.com, "Invalid Request Limit"). A 429 whose scope is `shared` does not count.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp
import yarl
from discord.http import Route

from bot.core.errors import NotJustYouError

MOST_REFUSED = 500
"""Refusals in ten minutes that open the circuit: a twentieth of the ban limit, because others may share our address."""

WITHIN = 600.0
"""Seconds for which a refusal counts."""

_UNAUTHORIZED = 401
_REFUSALS = frozenset({_UNAUTHORIZED, 403, 429})
_ANSWERS = ("/interactions/", "/webhooks/")
_LOGIN = "/users/@me"
"""It may also be refused at the start, where discord.py informs our caller."""
_logger = logging.getLogger(__name__)


class CircuitOpenError(NotJustYouError, aiohttp.ClientConnectionError):
    """Not sent, because Discord refused too many requests. Callers treat it like an unreachable Discord."""


class CircuitBreaker:
    """Sees every request of a client through `trace`. While it is open, only answers to people are sent.

    `token_refused` is called when Discord no longer accepts the token, because no request can work then.
    """

    def __init__(self, token_refused: Callable[[], None], now: Callable[[], float] = time.monotonic) -> None:
        self._token_refused = token_refused
        self._now = now
        self._refused = deque[float]()
        self._logged = False

    @property
    def refused(self) -> int:
        """Requests refused in the last ten minutes."""
        oldest = self._now() - WITHIN
        while self._refused and self._refused[0] <= oldest:
            self._refused.popleft()
        return len(self._refused)

    @property
    def on(self) -> bool:
        """Whether the circuit is open: then only answers to people are sent."""
        on = self.refused >= MOST_REFUSED
        if on and not self._logged:
            _logger.error("circuit breaker open: Discord rejected too many requests; sending only answers to people")
        self._logged = on
        return on

    def trace(self) -> aiohttp.TraceConfig:
        """The hooks for a client's HTTP session; each client needs its own."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        return trace

    async def _before(self, _session: Any, _context: Any, request: aiohttp.TraceRequestStartParams) -> None:
        if self.on and _takes_the_token(request.url):
            raise CircuitOpenError("Discord refused too many requests lately")

    async def _after(self, _session: Any, _context: Any, answer: aiohttp.TraceRequestEndParams) -> None:
        response = answer.response
        if response.status in _REFUSALS and response.headers.get("X-RateLimit-Scope") != "shared":
            self._refused.append(self._now())
        if response.status == _UNAUTHORIZED and _takes_the_token(answer.url) and not str(answer.url).endswith(_LOGIN):
            self._token_refused()


def _takes_the_token(url: yarl.URL) -> bool:
    """Whether a request is made with the bot's token; answers to people have tokens of their own."""
    path = str(url).removeprefix(Route.BASE)
    return path.startswith("/") and not path.startswith(_ANSWERS)
