"""Ports that every use case may need: the clock and small facts. Storage and tests implement them."""

from collections.abc import Callable
from typing import Protocol

Clock = Callable[[], float]
"""Now, in epoch seconds."""


class Meta(Protocol):
    """Small facts about this installation, such as the hash of the synced commands."""

    async def get(self, key: str) -> str | None:
        """The value, or None."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep a value."""
        ...
