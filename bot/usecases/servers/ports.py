"""Ports of the servers: moderators' settings, servers that removed the bot, closed channels."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.guild_settings import Change, ChangeEntry, GuildSettings


class SettingsStore(Protocol):
    """Moderators' settings and their change log."""

    async def all(self) -> Mapping[int, GuildSettings]:
        """The settings of every server that changed any."""
        ...

    async def save(
        self,
        guild_id: int,
        settings: GuildSettings,
        moderator_id: int,
        at: int,
        made: Sequence[Change],
    ) -> None:
        """Store settings and log the changes, in one transaction."""
        ...

    async def log(self, guild_id: int, limit: int) -> Sequence[ChangeEntry]:
        """The newest changes first."""
        ...

    async def changes_by(self, moderator_id: int) -> Sequence[ChangeEntry]:
        """Every change a person made, in any server, oldest first."""
        ...

    async def forget_moderator(self, moderator_id: int) -> int:
        """Remove a person's id from the change logs. Returns the number of changes."""
        ...


class ServerStore(Protocol):
    """Everything stored about servers, in all tables. Every call raises StoreError if it fails."""

    async def kept(self) -> frozenset[int]:
        """Every server with stored data."""
        ...

    async def removed(self) -> Mapping[int, int]:
        """Server -> when we noticed that it removed the bot (epoch seconds)."""
        ...

    async def mark(self, removed: Mapping[int, int]) -> None:
        """Mark servers as having removed the bot, each with its time."""
        ...

    async def unmark(self, guild_ids: Collection[int]) -> None:
        """Remove the marks of servers that we are in again."""
        ...

    async def delete(self, guild_id: int) -> None:
        """Delete everything of a server, including its mark, in one transaction."""
        ...


_UNKNOWN_CHANNEL = 10003


@dataclass(frozen=True, slots=True)
class ClosedChannel:
    """A channel where Discord refuses our messages since `at` (epoch seconds), with its error code."""

    channel_id: int
    guild_id: int
    at: int
    code: int
    notified: bool = False
    """Whether moderators were notified (`/setup` always shows it)."""

    @property
    def gone(self) -> bool:
        """Whether the channel no longer exists."""
        return self.code == _UNKNOWN_CHANNEL


class ClosedChannelStore(Protocol):
    """Channels that are closed to us. Every call raises StoreError if it fails."""

    async def all(self) -> Sequence[ClosedChannel]:
        """All of them, oldest first."""
        ...

    async def put(self, closed: ClosedChannel) -> None:
        """Store a channel."""
        ...

    async def delete(self, channel_id: int) -> None:
        """Delete a channel."""
        ...


class Moderators(Protocol):
    """The moderators of servers, and what Discord says about channels there."""

    async def notify_closed(self, closed: ClosedChannel) -> bool:
        """Notify a server's moderators about a closed channel; False if there is no channel for it. Never raises."""
        ...

    async def notify_rule_off(self, guild_id: int, rule: str) -> bool:
        """Notify them that a rule was turned off; False if there is no channel for it. Never raises."""
        ...

    async def notify_distress(self, guild_id: int, channel_id: int, message_id: int | None) -> bool:
        """Notify them where a person in distress wrote; False if it was not sent. Never raises."""
        ...

    def writable(self, closed: Iterable[ClosedChannel]) -> Iterable[int]:
        """The channels among these in which we may now write, as far as known."""
        ...
