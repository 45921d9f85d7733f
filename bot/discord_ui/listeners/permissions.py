"""Permissions that change: what was closed to us may be open again."""

from collections.abc import Callable

import discord
from discord.ext import commands

from bot.discord_ui.permissions import missing
from bot.usecases.closed_channels import ClosedChannels


class PermissionListener(commands.Cog):
    """`opened` hears which channels are worth another try."""

    def __init__(self, closed: ClosedChannels, opened: Callable[[set[int]], None]) -> None:
        self._closed = closed
        self._opened = opened

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """What changed while we were away."""
        self._try_again(guild)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Invited anew, maybe with other rights."""
        self._try_again(guild)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """A channel's own permissions, or its category's."""
        if before.overwrites != after.overwrites or before.category_id != after.category_id:
            self._try_again(after.guild)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """A role, which may be ours."""
        if before.permissions != after.permissions:
            self._try_again(after.guild)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Our own roles; Discord tells us of nobody else's."""
        if after == after.guild.me and before.roles != after.roles:
            self._try_again(after.guild)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """A thread that was locked."""
        if before.locked and not after.locked:
            self._try_again(after.guild)

    def _try_again(self, guild: discord.Guild) -> None:
        closed = [one.channel_id for one in self._closed.of(guild.id)]
        if closed and (worth := self._closed.try_again(one for one in closed if may_write(guild, one))):
            self._opened(worth)


def may_write(guild: discord.Guild, channel_id: int) -> bool:
    """Whether the permissions that Discord told us let us see and write there."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        return False
    lacking = {need.flag for need in missing(channel.permissions_for(guild.me))}
    writing = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    return not lacking & {"view_channel", writing}
