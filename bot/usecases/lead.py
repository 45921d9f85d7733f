"""The leading process: of several processes one reads the sources, watches the reports and writes the posts."""

from typing import Protocol

from bot.core.errors import StoreError


class Lead(Protocol):
    """Whether this process leads now."""

    @property
    def held(self) -> bool:
        """Whether this process leads."""
        ...

    @property
    def fence(self) -> int | None:
        """The fencing token that the database checks before it writes our decisions; None with only one process."""
        ...


LEASE = "lead"
"""The lease of the process that decides."""
NEVER = -1
"""The fence of a process without the lease: nothing is written with it."""


class Alone:
    """The only process."""

    held = True
    fence: int | None = None


class Observer:
    """For a command that runs while the bot may be running: it never leads."""

    held = False
    fence: int | None = NEVER


class LeaseLostError(StoreError):
    """Another process holds the lease by now; what was to be written was not."""


class WrittenAlreadyError(StoreError):
    """The database is ahead of our state: the answer to an earlier write was lost."""
