"""The leader: one of several processes reads the sources, watches the reports and writes the posts."""

from typing import Protocol

from bot.core.errors import StoreError


class Leadership(Protocol):
    """Whether this process is the leader now."""

    @property
    def is_leader(self) -> bool:
        """Whether this process is the leader."""
        ...

    @property
    def fence(self) -> int | None:
        """The fencing token that the database checks before it writes the leader's decisions.

        None with a single process.
        """
        ...


LEASE = "lead"
"""The name of the leader's lease."""
NEVER = -1
"""The fencing token of a process without the lease; the database rejects it."""


class OnlyProcess:
    """The only process."""

    is_leader = True
    fence: int | None = None


class Observer:
    """For a command that may run beside the bot: it is never the leader."""

    is_leader = False
    fence: int | None = NEVER


class LeaseLostError(StoreError):
    """Another process holds the lease now; nothing was written."""


class WrittenAlreadyError(StoreError):
    """The database is ahead of our state, because the answer to an earlier write was lost."""
