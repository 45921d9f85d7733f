"""An event loop whose clock jumps to the next timer, so that hours of waiting pass at once, in the right order."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_TURN = 1e-6


class _Impatient(selectors.DefaultSelector):
    """Never waits; `skipped` counts the seconds that it skipped. Each turn of the loop still takes a moment."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.skipped += _TURN if ready else max(_TURN, timeout or 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Only for code that waits on the loop's clock. Waiting for a socket or a thread would use the whole CPU."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """The time for code that waits, in seconds."""
        return self._impatient.skipped


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
