"""Ports of the servers: moderators' settings, servers that removed us, closed channels."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.guild_settings import Change, ChangeEntry, GuildSettings


class SettingsStore(Protocol):
    """Moderators' settings and their change log."""

    async def all(self) -> Mapping[int, GuildSettings]:
        """Every server that changed something."""
        ...

    async def save(
        self,
        guild_id: int,
        settings: GuildSettings,
        moderator_id: int,
        at: int,
        made: Sequence[Change],
    ) -> None:
        """Keep settings and log the changes, in one transaction."""
        ...

    async def log(self, guild_id: int, limit: int) -> Sequence[ChangeEntry]:
        """The newest changes first."""
        ...

    async def changes_by(self, moderator_id: int) -> Sequence[ChangeEntry]:
        """Every change a person made, in any server, oldest first."""
        ...

    async def forget_moderator(self, moderator_id: int) -> int:
        """Take a person's id out of the change logs; gives from how many changes."""
        ...


class ServerStore(Protocol):
    """What is kept of servers, all tables together. Every call raises StoreError when it could not be done."""

    async def kept(self) -> frozenset[int]:
        """Every server that anything is kept of, as one that we are or were in."""
        ...

    async def removed(self) -> Mapping[int, int]:
        """Server -> when it was found to have removed us (epoch seconds)."""
        ...

    async def mark(self, removed: Mapping[int, int]) -> None:
        """These servers removed us, each at its time."""
        ...

    async def unmark(self, guild_ids: Collection[int]) -> None:
        """We are in them again."""
        ...

    async def purge(self, guild_id: int) -> None:
        """Delete all of a server, its mark too, in one transaction."""
        ...


_UNKNOWN_CHANNEL = 10003


@dataclass(frozen=True, slots=True)
class ClosedChannel:
    """Discord refuses what we write there since `at` (epoch seconds). `code` is its reason."""

    channel_id: int
    guild_id: int
    at: int
    code: int
    told: bool = False
    """Whether moderators were told, beside `/setup`."""

    @property
    def gone(self) -> bool:
        """Whether there is no such channel any more."""
        return self.code == _UNKNOWN_CHANNEL


class ClosedChannelStore(Protocol):
    """Channels that are closed to us. Every call raises StoreError when it could not be done."""

    async def all(self) -> Sequence[ClosedChannel]:
        """All of them, oldest first."""
        ...

    async def put(self, closed: ClosedChannel) -> None:
        """Keep one."""
        ...

    async def drop(self, channel_id: int) -> None:
        """Forget one."""
        ...


class Moderators(Protocol):
    """The moderators of servers, and what Discord says about channels there."""

    async def tell_closed(self, closed: ClosedChannel) -> bool:
        """Tell a server's moderators about a closed channel; False if there was no place for it. Never raises."""
        ...

    def writable(self, closed: Iterable[ClosedChannel]) -> Iterable[int]:
        """The channels among these in which we may write now, as far as we know."""
        ...
