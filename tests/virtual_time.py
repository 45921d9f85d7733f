"""An event loop whose clock jumps to the next timer: hours of waiting pass at once, in the right order."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_TURN = 1e-6


class _Impatient(selectors.DefaultSelector):
    """Waits for nothing; `skipped` are the seconds it did not wait. A turn of the loop takes a moment all the same."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.skipped += _TURN if ready else max(_TURN, timeout or 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Only for what waits on the loop's clock; a socket or a thread would be waited for busily."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Seconds that passed for those who wait."""
        return self._impatient.skipped


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
