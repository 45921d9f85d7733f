"""Ports for several processes of one bot: what one changed the others hear of, and what only one may do is leased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.errors import StoreError


class LeftBehindError(StoreError):
    """Change events were deleted before this process read them: what it holds in memory is no longer true."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """What one process changed that others hold in memory, too. `data` is JSON, and `kind` says what it means.

    Of a change in the database the kind is the table and the operation, such as `report INSERT`, and the data a row.
    """

    origin: int
    kind: str
    data: Any


class EventStore(Protocol):
    """Change events among processes, in the order in which they were written. Every call raises StoreError."""

    async def begin(self) -> None:
        """From now on `fresh` gives what others write; what was written before is in the tables."""
        ...

    async def fresh(self) -> Sequence[ChangeEvent]:
        """What other processes wrote since the last call. Raises LeftBehindError, too."""
        ...

    async def tell(self, kind: str, data: Any) -> None:
        """Tell the others of something that is no change in the database; returns once durable."""
        ...

    async def purge(self) -> int:
        """Delete events that everybody has read or is too late for; gives how many."""
        ...


class Leases(Protocol):
    """Who may do what only one process may. Every call raises StoreError. Time is the database's."""

    async def take(self, names: Collection[str], seconds: float) -> int | None:
        """Take or renew leases, all or none, for so many seconds.

        Gives the fence of the newest of them, a number that grows with each new holder; None if another process holds
        one of them.
        """
        ...

    async def let_go(self, names: Collection[str]) -> None:
        """Give leases back, so that others need not wait for their end."""
        ...

    async def others(self, prefix: str) -> Sequence[str]:
        """The leases of other processes whose names begin so, and which have not ended."""
        ...

    async def turn(self, name: str, every: float) -> float:
        """Take the next turn where one comes `every` so many seconds, among all processes; gives the seconds to it."""
        ...
