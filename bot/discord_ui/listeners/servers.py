"""Servers that invite or remove the bot. A server that is only unavailable has not removed it."""

import logging
from collections.abc import Sequence

import discord
from discord.ext import commands

from bot.core.errors import StoreError
from bot.core.shards import Shards
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.interceptor import Interceptor
from bot.discord_ui.listeners.roster import Roster
from bot.discord_ui.posting.current import CurrentClient
from bot.usecases.upkeep.forget_servers import ForgetServers

_logger = logging.getLogger(__name__)


class ServerListener(FeatureCog):
    """Keeps track of the servers with the bot."""

    def __init__(self, current: CurrentClient, servers: ForgetServers) -> None:
        self._current = current
        self._servers = servers
        self._roster = Roster()

    def interceptors(self) -> Sequence[Interceptor]:
        """Return the roster."""
        return (self._roster,)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Handle a kick, a ban or a deleted server. For unavailable servers discord.py has another event."""
        try:
            await self._servers.removed(guild.id)
        except StoreError as error:
            _logger.warning(
                "removal by a server not stored; the next start will detect it", extra={"error": str(error)}
            )

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Handle an invitation, possibly a repeated one."""
        await self._present(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Handle a server that became available, which means that it has the bot."""
        await self._present(guild)

    @commands.Cog.listener()
    async def on_shard_connect(self, shard_id: int) -> None:
        """Handle a new session: Discord has just named all servers of this shard, and none of other shards."""
        client = self._current.client
        if client is None or client.shard_count is None:
            return
        shard = Shards((shard_id,), client.shard_count)
        try:
            await self._servers.compare(lambda: self._roster.of(shard), shard.owns)
        except StoreError as error:
            _logger.warning("server list not compared; retrying with the next session", extra={"error": str(error)})

    async def _present(self, guild: discord.Guild) -> None:
        # In the seconds after a start discord.py reports servers late, and one may have removed the bot again by then.
        if self._current.guild(guild.id) is None:
            return
        try:
            await self._servers.present([guild.id])
        except StoreError as error:
            _logger.warning("return of a server not stored; the next start will detect it", extra={"error": str(error)})
