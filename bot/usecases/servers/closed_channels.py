"""Closed channels: where Discord does not let us write. They are left alone until something changes there.

Every refused request counts towards a ban of our address; and moderators want to hear of it once, not with each outage.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import structlog

from bot.core.errors import StoreError
from bot.core.reports import DAY
from bot.usecases.ports import Clock
from bot.usecases.servers.ports import ClosedChannel, ClosedChannelStore, Moderators

KEPT_FOR = 30 * DAY
"""After this a channel is tried once more, whatever happened there."""

_log = structlog.get_logger(__name__)


class ClosedChannels:
    """Remembers them, tells a server's moderators once, and notices which are worth another try."""

    def __init__(self, store: ClosedChannelStore, clock: Clock, moderators: Moderators | None = None) -> None:
        self._store = store
        self._clock = clock
        self._closed: dict[int, ClosedChannel] = {}
        self._tried: set[int] = set()
        self._moderators = moderators
        self._opened: list[Callable[[set[int]], None]] = []

    def on_opened(self, listener: Callable[[set[int]], None]) -> None:
        """Have this called with the channels that are worth another try."""
        self._opened.append(listener)

    async def load(self) -> None:
        """Read them at start."""
        self._closed = {one.channel_id: one for one in await self._store.all()}

    def is_closed(self, channel_id: int) -> bool:
        """Whether to leave it alone."""
        return channel_id in self._closed and channel_id not in self._tried

    def is_known(self, channel_id: int) -> bool:
        """Whether the last word from there was a refusal."""
        return channel_id in self._closed

    def of(self, guild_id: int) -> Sequence[ClosedChannel]:
        """Those of a server, oldest first."""
        return [one for one in self._closed.values() if one.guild_id == guild_id]

    async def close(self, guild_id: int, channel_id: int, code: int) -> None:
        """Discord refused it there, with this code. Moderators are told the first time. Never raises."""
        self._tried.discard(channel_id)
        if channel_id in self._closed or not guild_id:
            return
        closed = self._closed[channel_id] = ClosedChannel(channel_id, guild_id, int(self._clock()), code)
        _log.warning("channel closed to us", guild=guild_id, channel=channel_id, code=code)
        closed = replace(closed, told=self._moderators is not None and await self._moderators.tell_closed(closed))
        try:
            await self._store.put(closed)
        except StoreError as error:
            _log.warning("closed channel not kept", error=str(error))

    async def look_again(self, guild_id: int | None = None) -> None:
        """Something changed in a server; or, as a right can come back without a word, may have changed in any."""
        held = list(self._closed.values()) if guild_id is None else self.of(guild_id)
        self.try_again(self._moderators.writable(held) if self._moderators is not None else ())

    def try_again(self, channels: Iterable[int]) -> None:
        """We may write in these, it seems: those that were closed are tried once more."""
        worth = {channel for channel in channels if self.is_closed(channel)}
        self._tried |= worth
        if worth:
            for listener in self._opened:
                listener(worth)

    async def worked(self, channel_id: int) -> None:
        """We could write there. Never raises."""
        if self._closed.pop(channel_id, None) is None:
            return
        self._tried.discard(channel_id)
        _log.info("channel open to us again", channel=channel_id)
        try:
            await self._store.drop(channel_id)
        except StoreError as error:
            _log.warning("closed channel not forgotten", error=str(error))

    async def tidy(self) -> None:
        """Forget the old ones. Raises StoreError."""
        for one in [one for one in self._closed.values() if self._clock() - one.at > KEPT_FOR]:
            await self._store.drop(one.channel_id)
            del self._closed[one.channel_id]

    def forget(self, guild_id: int) -> None:
        """Let go of those of a server whose data was deleted."""
        for one in self.of(guild_id):
            del self._closed[one.channel_id]
            self._tried.discard(one.channel_id)
