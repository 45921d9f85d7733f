"""Interceptors: see events from the gateway before discord.py makes objects of them."""

from collections.abc import Callable
from typing import Any, Protocol

Parse = Callable[[Any], object]
"""What discord.py does with one kind of event, as it came from the gateway."""


class Interceptor(Protocol):
    """Sees events before discord.py does."""

    def intercept(self, event: str, parse: Parse) -> Parse:
        """What to call instead of `parse` for this kind of event; `parse` itself for no change."""
        ...
