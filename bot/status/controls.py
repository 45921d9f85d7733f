"""Control targets: addresses of others, which tell "our own network is down" from "the service is down".

They belong to big operators on networks of their own. If none of them answers, the fault is taken to be ours.
"""

import asyncio
from collections.abc import Callable, Sequence

from bot.status.fetch import Fetcher, LookFailedError

KEPT_FOR = 10.0
"""Seconds. Not more than lies between two looks at a service, so that no two of them rest on one answer."""


class Controls:
    """Asks the control targets; everyone who wants to know within ten seconds shares what they said."""

    def __init__(self, fetcher: Fetcher, urls: Sequence[str], clock: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._urls = urls
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._asked_at = float("-inf")
        self._answered = False

    async def answer(self) -> bool:
        """Whether any control target answers, with whatever HTTP status: then our network works."""
        async with self._one_at_a_time:
            if abs(self._clock() - self._asked_at) >= KEPT_FOR:
                self._answered = await self._ask()
                self._asked_at = self._clock()
            return self._answered

    async def _ask(self) -> bool:
        asks = [asyncio.create_task(self._answers(url)) for url in self._urls]
        try:
            for first in asyncio.as_completed(asks):
                if await first:
                    return True
            return False
        finally:
            for ask in asks:
                ask.cancel()
            await asyncio.gather(*asks, return_exceptions=True)

    async def _answers(self, url: str) -> bool:
        try:
            await self._fetcher.get(url)
        except LookFailedError as error:
            return error.answered
        return True
