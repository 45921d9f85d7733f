"""Checks and tries own phrases in a thread, one moderator at a time, so that slow patterns do not block the bot."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from bot.core.own_phrases import MAX_PHRASES, OwnPhrases, Stopwatch, check_phrase, check_speed


class CheckPhrases:
    """Checks that patterns are quick enough, and finds which phrases match."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch
        self._one_at_a_time = asyncio.Lock()

    async def speed(self, given: Any) -> None:
        """Raise WrongInputError for the first pattern that is too slow.

        Other faults are found when the settings are read.
        """
        listed = cast("list[Any]", given) if isinstance(given, list) else []
        phrases = [phrase for phrase in listed[:MAX_PHRASES] if isinstance(phrase, str)]
        async with self._one_at_a_time:
            await asyncio.to_thread(check_speed, phrases, self._stopwatch)

    async def matches(self, lines: Sequence[str], examples: Sequence[str]) -> dict[str, str | None]:
        """The phrase that each example matches, or None. Raises WrongInputError if the phrases cannot be saved."""
        await self.speed(list(lines))
        phrases = [check_phrase(line) for line in lines[:MAX_PHRASES]]
        async with self._one_at_a_time:
            own = OwnPhrases(phrases)
            return await asyncio.to_thread(lambda: {example: own.find(example) for example in examples})
