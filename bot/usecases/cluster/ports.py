"""Ports for several processes of one bot: what one changed the others hear of, and what only one may do is leased."""

from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.errors import StoreError
from bot.usecases.cluster.events import ChangeEvent


class LeaseLostError(StoreError):
    """Another process holds the lease by now; what was to be written was not."""


class LeftBehindError(StoreError):
    """Change events were deleted before this process read them: what it holds in memory is no longer true."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """Change events and the process they come from."""

    origin: int
    news: ChangeEvent


class EventStore(Protocol):
    """Change events among processes, in the order in which they were written. Every call raises StoreError."""

    async def begin(self) -> None:
        """From now on `fresh` gives what others write; what was written before is in the tables."""
        ...

    async def fresh(self) -> Sequence[StoredEvent]:
        """What other processes wrote since the last call. Raises LeftBehindError, too."""
        ...

    async def tell(self, news: Sequence[ChangeEvent]) -> None:
        """Tell the others; returns once durable."""
        ...

    async def purge(self) -> int:
        """Delete news that everybody has read or is too late for; gives how many."""
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


@dataclass(frozen=True, slots=True)
class Shared:
    """What a database gives the processes on it. `listen` runs until it is cancelled, and calls when there are news."""

    origin: int
    """This process's own number, as in its news and leases."""
    news: EventStore
    leases: Leases
    listen: Callable[[Callable[[], None]], Coroutine[Any, Any, None]]
