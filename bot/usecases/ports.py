"""Ports that any use case may need: the clock, waiting, and a key-value store. Storage and tests implement them."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Clock = Callable[[], float]
"""Returns the current time in epoch seconds."""
Sleep = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""


class Meta(Protocol):
    """Small values about this installation, such as the hash of the synced commands."""

    async def get(self, key: str) -> str | None:
        """The value, or None."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Store a value."""
        ...
