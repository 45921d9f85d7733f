"""What a moderator began in a form and has not decided yet: in memory, for some minutes, and never written."""

from typing import Generic, TypeVar

from bot.usecases.ports import Clock

KEPT_FOR = 900
"""Seconds; as long as Discord takes presses on the card that asks."""
MOST = 200

T = TypeVar("T")


class Drafts(Generic[T]):
    """One for each moderator of each server; the newest replaces the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._drafts: dict[tuple[int, int], tuple[float, T]] = {}

    def put(self, guild_id: int, user_id: int, draft: T) -> None:
        """Keep it. The oldest ones go first."""
        self._drafts.pop((guild_id, user_id), None)
        self._drafts[guild_id, user_id] = self._clock() + KEPT_FOR, draft
        while len(self._drafts) > MOST or next(iter(self._drafts.values()))[0] <= self._clock():
            del self._drafts[next(iter(self._drafts))]

    def get(self, guild_id: int, user_id: int) -> T | None:
        """What this moderator began here; None if that was too long ago."""
        until, draft = self._drafts.get((guild_id, user_id), (0.0, None))
        return draft if until > self._clock() else None

    def drop(self, guild_id: int, user_id: int) -> None:
        """It was decided."""
        self._drafts.pop((guild_id, user_id), None)
