"""Servers that removed the bot: marked at once, purged after a grace time; who invites it back finds all as it was."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import structlog

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
"""How long a server can come back to its settings. No shorter than reports are kept: theirs have gone by then."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caches:
    """What is held in memory of servers."""

    guilds: GuildCache
    rules: RuleCache
    replies: ReplyCache
    outages: OutageCache
    posts: PostCache
    closed: ClosedChannels

    def forget(self, guild_id: int) -> None:
        """Let go of a server."""
        self.guilds.forget(guild_id)
        self.rules.forget(guild_id)
        self.replies.forget(guild_id)
        self.posts.forget_server(guild_id)
        self.closed.forget(guild_id)


class ForgetServers:
    """Keeps the marks, and purges what is marked for long enough.

    Only after this very process has seen that a server is not there: a mark may be older than an invitation that came
    while the bot was off.
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
        """A server removed us. Raises StoreError; then the next comparison finds it."""
        await self._mark(self._gone({guild_id}))

    async def present(self, guild_ids: Collection[int]) -> None:
        """We are in these servers. Raises StoreError; they are not purged all the same."""
        await self._store.unmark(self._back(guild_ids))

    async def compare(self, present: Callable[[], Collection[int]], ours: Callable[[int], bool]) -> None:
        """Find the servers that removed us while we were off, or are back. Raises StoreError.

        `present` gives all that Discord names to us, the unavailable ones too; `ours` says whether a server would be
        among them if we were in it: another process may have other shards.
        """
        kept = await self._store.kept()
        here = set(present())  # only now: somebody may have invited us while the disk was busy
        missing = {guild_id for guild_id in kept | self._removed.keys() if guild_id not in here and ours(guild_id)}
        back, new = self._back(here), self._gone(missing)
        await self._store.unmark(back)
        await self._mark(new)

    async def purge(self) -> None:
        """Delete all of the servers whose grace time is over. Raises StoreError."""
        before = int(self._clock()) - GRACE
        for guild_id in [one for one in self._seen_gone if self._removed.get(one, before + 1) <= before]:
            await self.forget(guild_id)
            _log.info("server purged", guild=guild_id)

    async def forget(self, guild_id: int) -> None:
        """Delete all of one server now. Raises StoreError."""
        await self._store.purge(guild_id)
        self._caches.forget(guild_id)
        self._removed.pop(guild_id, None)
        self._seen_gone.discard(guild_id)

    def _gone(self, guild_ids: Collection[int]) -> Mapping[int, int]:
        """Memory first: whoever comes back while the mark is written must find it. Gives the new marks."""
        now = int(self._clock())
        new = {guild_id: now for guild_id in guild_ids if guild_id not in self._removed}
        self._removed |= new
        self._seen_gone.update(guild_ids)
        self._caches.guilds.left(guild_ids)
        return new

    def _back(self, guild_ids: Collection[int]) -> Collection[int]:
        """Gives those that were marked."""
        back = self._removed.keys() & set(guild_ids)
        for guild_id in back:
            del self._removed[guild_id]
        self._seen_gone.difference_update(guild_ids)
        self._caches.guilds.returned(guild_ids)
        if back:
            _log.info("servers are back", servers=len(back))
        return back

    async def _mark(self, new: Mapping[int, int]) -> None:
        if new:
            _log.info("servers removed us, their settings rest", servers=len(new), purged_after_days=GRACE // DAY)
            await self._store.mark(new)
