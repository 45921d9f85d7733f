"""Ports that any use case may need: the clock, waiting, a key-value store, counts by day.

Storage and tests implement them.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

Clock = Callable[[], float]
"""Returns the current time in epoch seconds."""
Sleep = Callable[[float], Awaitable[None]]
"""Waits for the given number of seconds."""


class Meta(Protocol):
    """Small values about this installation, such as the hash of the synced commands."""

    async def get(self, key: str) -> str | None:
        """The value, or None."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Store a value."""
        ...


class DayCounts(Protocol):
    """How often something happened in a server, by day since the epoch. Every call raises StoreError if it fails."""

    async def add(self, guild_id: int, what: str, day: int) -> None:
        """Add one to this server's count on this day."""
        ...

    async def add_first(self, guild_id: int, what: str, day: int) -> bool:
        """Count it unless it is already counted on this day; returns whether this call was the first."""
        ...

    async def between(self, guild_id: int, first_day: int, last_day: int) -> Mapping[str, int]:
        """What -> count in this server on these days, both included."""
        ...

    async def purge(self, before_day: int) -> int:
        """Delete older counts; returns the number of rows."""
        ...
