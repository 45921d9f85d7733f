"""Closed channels: channels where Discord does not let us write. They are not tried again until something changes.

Every refused request counts towards a ban of our IP address, and moderators want one message about it, not one per
outage.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot.core.errors import StoreError
from bot.core.reports import DAY
from bot.usecases.ports import Clock
from bot.usecases.servers.ports import ClosedChannel, ClosedChannelStore, Moderators

RETRY_AFTER = 30 * DAY
"""After this time a channel is always tried again."""

_logger = logging.getLogger(__name__)


class ClosedChannels:
    """The closed channels: in memory, and in the store. Notifies a server's moderators once about each of them."""

    def __init__(self, store: ClosedChannelStore, clock: Clock, moderators: Moderators | None = None) -> None:
        self._store = store
        self._clock = clock
        self._closed: dict[int, ClosedChannel] = {}
        self._tried: set[int] = set()
        self._moderators = moderators
        self._opened: list[Callable[[set[int]], None]] = []

    def on_opened(self, listener: Callable[[set[int]], None]) -> None:
        """Register a callback for channels that can be retried."""
        self._opened.append(listener)

    async def load(self) -> None:
        """Read the closed channels at start."""
        self._closed = {closed.channel_id: closed for closed in await self._store.all()}

    def is_closed(self, channel_id: int) -> bool:
        """Whether we must not write in this channel."""
        return channel_id in self._closed and channel_id not in self._tried

    def get(self, channel_id: int) -> ClosedChannel | None:
        """The closed channel with its reason and time; None if we may write there."""
        return self._closed.get(channel_id) if channel_id not in self._tried else None

    def is_known(self, channel_id: int) -> bool:
        """Whether the last attempt in this channel was refused."""
        return channel_id in self._closed

    def of(self, guild_id: int) -> Sequence[ClosedChannel]:
        """The closed channels of a server, oldest first."""
        return [closed for closed in self._closed.values() if closed.guild_id == guild_id]

    async def close(self, guild_id: int, channel_id: int, code: int) -> None:
        """Mark a channel as closed: Discord refused with this code. Informs moderators the first time. Never raises."""
        self._tried.discard(channel_id)
        if channel_id in self._closed or not guild_id:
            return
        closed = self._closed[channel_id] = ClosedChannel(channel_id, guild_id, int(self._clock()), code)
        _logger.warning(
            "channel closed: Discord rejects our messages",
            extra={"guild": guild_id, "channel": channel_id, "code": code},
        )
        closed = replace(closed, notified=self._moderators is not None and await self._moderators.notify_closed(closed))
        try:
            await self._store.put(closed)
        except StoreError as error:
            _logger.warning("closed channel not stored", extra={"error": str(error)})

    async def look_again(self, guild_id: int | None = None) -> None:
        """Check a server's closed channels after a change.

        Without `guild_id` check all, because changes can be missed.
        """
        channels = list(self._closed.values()) if guild_id is None else self.of(guild_id)
        self.try_again(self._moderators.writable(channels) if self._moderators is not None else ())

    def try_again(self, channels: Iterable[int]) -> None:
        """Retry the closed ones among these channels, because we can probably write there."""
        retried = {channel for channel in channels if self.is_closed(channel)}
        self._tried |= retried
        if retried:
            for listener in self._opened:
                listener(retried)

    async def worked(self, channel_id: int) -> None:
        """Mark a channel as open after a successful message. Never raises."""
        if self._closed.pop(channel_id, None) is None:
            return
        self._tried.discard(channel_id)
        _logger.info("channel open again", extra={"channel": channel_id})
        try:
            await self._store.delete(channel_id)
        except StoreError as error:
            _logger.warning("closed channel not deleted", extra={"error": str(error)})

    async def tidy(self) -> None:
        """Delete old entries, so that these channels are tried again. Raises StoreError."""
        for closed in [c for c in self._closed.values() if self._clock() - c.at > RETRY_AFTER]:
            await self._store.delete(closed.channel_id)
            del self._closed[closed.channel_id]

    def forget(self, channel_id: int) -> None:
        """Evict a channel that was deleted from the store."""
        self._closed.pop(channel_id, None)
        self._tried.discard(channel_id)

    def forget_server(self, guild_id: int) -> None:
        """Remove a server's channels from memory, after its data was deleted."""
        for closed in self.of(guild_id):
            self.forget(closed.channel_id)
