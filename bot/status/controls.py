"""Control targets: other addresses that show whether our own network or the service is down.

They belong to big operators with their own networks. If none of them answers, we assume that our network is down.
"""

import asyncio
from collections.abc import Callable, Sequence

from bot.status.fetch import Fetcher, FetchFailedError
from bot.usecases.tasks import cancel

VALID_FOR = 10.0
"""Seconds for which a result is valid. At most the time between two readings of a service, so that each has its own."""


class Controls:
    """Requests the control targets; callers within ten seconds share the result."""

    def __init__(self, fetcher: Fetcher, urls: Sequence[str], clock: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._urls = urls
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._asked_at = float("-inf")
        self._answered = False

    async def answer(self) -> bool:
        """Whether any control target answers, with any HTTP status: then our network works."""
        async with self._one_at_a_time:
            if abs(self._clock() - self._asked_at) >= VALID_FOR:
                self._answered = await self._ask()
                self._asked_at = self._clock()
            return self._answered

    async def _ask(self) -> bool:
        requests = [asyncio.create_task(self._answers(url)) for url in self._urls]
        try:
            for first in asyncio.as_completed(requests):
                if await first:
                    return True
            return False
        finally:
            await cancel(*requests)

    async def _answers(self, url: str) -> bool:
        try:
            await self._fetcher.get(url)
        except FetchFailedError as error:
            return error.answered
        return True
