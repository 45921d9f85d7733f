"""Interceptors: see events from the gateway before discord.py makes objects of them."""

from collections.abc import Callable
from typing import Any, Protocol

Parse = Callable[[Any], object]
"""Handles one kind of raw gateway event, as discord.py does."""


class Interceptor(Protocol):
    """Sees events before discord.py does."""

    def intercept(self, event: str, parse: Parse) -> Parse:
        """The function to call instead of `parse` for this kind of event; `parse` itself for no change."""
        ...
