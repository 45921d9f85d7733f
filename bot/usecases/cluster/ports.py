"""Ports for several processes of one bot: change events go to the other processes, and exclusive work needs a lease."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.errors import StoreError


class LeftBehindError(StoreError):
    """Change events were deleted before this process read them, so its memory is out of date."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """A change by one process to data that others hold in memory. `data` is JSON; `kind` is its meaning.

    For a change in the database, `kind` is the table and the operation, such as `report INSERT`, and `data` the row.
    """

    origin: int
    kind: str
    data: Any


class EventStore(Protocol):
    """Change events of all processes, in the order in which they were written. Every call raises StoreError."""

    async def begin(self) -> None:
        """Start at this point: `fresh` returns events written from now on. Earlier changes are in the tables."""
        ...

    async def fresh(self) -> Sequence[ChangeEvent]:
        """The events that other processes have written since the last call. Also raises LeftBehindError."""
        ...

    async def publish(self, kind: str, data: Any) -> None:
        """Publish an event that is not a change in the database; returns when it is durable."""
        ...

    async def purge(self) -> int:
        """Delete events so old that every process has read them or is left behind. Returns how many."""
        ...


class Leases(Protocol):
    """Leases: exclusive rights of a process for a time, by the database's clock. Every call raises StoreError."""

    async def take(self, names: Collection[str], seconds: float) -> int | None:
        """Take or renew leases for `seconds`: all of them, or none.

        Returns their highest fence (a number that grows with each new holder), or None if another process holds one of
        them.
        """
        ...

    async def release(self, names: Collection[str]) -> None:
        """Release leases, so that other processes need not wait until they expire."""
        ...

    async def others(self, prefix: str) -> Sequence[str]:
        """The valid leases of other processes whose names begin with `prefix`."""
        ...

    async def turn(self, name: str, every: float) -> float:
        """Reserve the next slot. All processes share one slot per `every` seconds. Returns the seconds until it."""
        ...
