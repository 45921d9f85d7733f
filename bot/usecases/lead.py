"""Who decides: of several processes one probes, watches the reports and writes what is to be told."""

from typing import Protocol

from bot.core.errors import StoreError


class Lead(Protocol):
    """Whether this process decides now."""

    @property
    def held(self) -> bool:
        """Whether it does."""
        ...

    @property
    def fence(self) -> int | None:
        """What the database checks before it writes what we decided; None where no other process can be."""
        ...


NEVER = -1
"""The fence of those who hold no lease: nothing is written under it."""


class Alone:
    """The one process there is."""

    held = True
    fence: int | None = None


class Observer:
    """A command that runs beside the bot, and decides nothing."""

    held = False
    fence: int | None = NEVER


class WrittenAlreadyError(StoreError):
    """The database has gone on from where we think that it is: an answer was lost."""
