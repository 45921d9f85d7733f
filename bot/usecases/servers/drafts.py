"""Unfinished forms of moderators: in memory for some minutes, and never written."""

from typing import Generic, TypeVar

from bot.usecases.ports import Clock

KEPT_FOR = 900
"""Seconds: as long as Discord accepts presses on the card that asks."""
MOST = 200

T = TypeVar("T")


class Drafts(Generic[T]):
    """One draft per moderator and server; the newest replaces the previous one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._drafts: dict[tuple[int, int], tuple[float, T]] = {}

    def put(self, guild_id: int, user_id: int, draft: T) -> None:
        """Store a draft. The oldest ones are dropped first."""
        self._drafts.pop((guild_id, user_id), None)
        self._drafts[guild_id, user_id] = self._clock() + KEPT_FOR, draft
        while len(self._drafts) > MOST or next(iter(self._drafts.values()))[0] <= self._clock():
            del self._drafts[next(iter(self._drafts))]

    def get(self, guild_id: int, user_id: int) -> T | None:
        """This moderator's draft in this server; None if it is too old."""
        until, draft = self._drafts.get((guild_id, user_id), (0.0, None))
        return draft if until > self._clock() else None

    def drop(self, guild_id: int, user_id: int) -> None:
        """Drop the draft, because it was decided."""
        self._drafts.pop((guild_id, user_id), None)
