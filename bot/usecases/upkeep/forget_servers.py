"""Servers that removed the bot: marked at once, deleted after a grace period.

If they invite it back, nothing is lost.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from bot.core.reports import DAY
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import RuleCache
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.servers.ports import ServerStore

GRACE = 7 * DAY
"""Time in which a server can come back to its settings. Its reports are deleted by then, so it is not shorter."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caches:
    """All data about servers in memory."""

    guilds: GuildCache
    rules: RuleCache
    replies: ReplyCache
    outages: OutageCache
    posts: PostCache
    closed: ClosedChannels

    def forget(self, guild_id: int) -> None:
        """Remove a server from memory."""
        self.guilds.forget(guild_id)
        self.rules.forget(guild_id)
        self.replies.forget_server(guild_id)
        self.posts.forget_server(guild_id)
        self.closed.forget_server(guild_id)


class ForgetServers:
    """Marks servers that removed the bot, and deletes their data after the grace period.

    A server is only deleted if this process itself has seen that it does not have the bot: a mark may be old, and the
    server may have invited the bot back while the bot was off.
    """

    def __init__(self, store: ServerStore, caches: Caches, clock: Clock) -> None:
        self._store = store
        self._caches = caches
        self._clock = clock
        self._removed: dict[int, int] = {}
        self._seen_gone: set[int] = set()

    async def load(self) -> None:
        """Read the marks at start. Raises StoreError."""
        self._removed = dict(await self._store.removed())
        self._caches.guilds.left(self._removed)

    async def removed(self, guild_id: int) -> None:
        """Mark a server that removed the bot. If it raises StoreError, the next `compare` marks it."""
        await self._mark(self._gone({guild_id}))

    async def present(self, guild_ids: Collection[int]) -> None:
        """Unmark servers that have the bot. They are not purged, even if this raises StoreError."""
        await self._store.unmark(self._back(guild_ids))

    async def compare(self, present: Callable[[], Collection[int]], ours: Callable[[int], bool]) -> None:
        """Find servers that removed the bot or invited it back while it was off. Raises StoreError.

        `present` returns all servers that Discord lists, including unavailable ones. `ours` returns whether a server
        belongs to the shards of this process: another process may have other shards.
        """
        stored = await self._store.kept()
        here = set(present())  # after the read, because a server may invite the bot while we wait for the disk
        missing = {guild_id for guild_id in stored | self._removed.keys() if guild_id not in here and ours(guild_id)}
        back, new = self._back(here), self._gone(missing)
        await self._store.unmark(back)
        await self._mark(new)

    async def purge(self) -> None:
        """Delete everything of servers whose grace period is over. Raises StoreError."""
        before = int(self._clock()) - GRACE
        for guild_id in [g for g in self._seen_gone if self._removed.get(g, before + 1) <= before]:
            await self.forget(guild_id)
            _logger.info("data of a server deleted", extra={"guild": guild_id})

    async def forget(self, guild_id: int) -> None:
        """Delete everything of one server now. Raises StoreError."""
        await self._store.delete(guild_id)
        self._caches.forget(guild_id)
        self._removed.pop(guild_id, None)
        self._seen_gone.discard(guild_id)

    def _gone(self, guild_ids: Collection[int]) -> Mapping[int, int]:
        """Mark servers in memory before the store, so that a server may return meanwhile. Returns the new marks."""
        now = int(self._clock())
        new = {guild_id: now for guild_id in guild_ids if guild_id not in self._removed}
        self._removed |= new
        self._seen_gone.update(guild_ids)
        self._caches.guilds.left(guild_ids)
        return new

    def _back(self, guild_ids: Collection[int]) -> Collection[int]:
        """Unmark servers in memory. Returns those that were marked."""
        back = self._removed.keys() & set(guild_ids)
        for guild_id in back:
            del self._removed[guild_id]
        self._seen_gone.difference_update(guild_ids)
        self._caches.guilds.returned(guild_ids)
        if back:
            _logger.info("servers invited the bot back", extra={"servers": len(back)})
        return back

    async def _mark(self, new: Mapping[int, int]) -> None:
        if new:
            _logger.info(
                "servers removed the bot; their settings are inactive",
                extra={"servers": len(new), "purged_after_days": GRACE // DAY},
            )
            await self._store.mark(new)
