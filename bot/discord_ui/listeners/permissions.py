"""Permissions and roles that change: a channel that was closed to us may be open again."""

import discord
from discord.ext import commands

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.posting.moderators import DiscordModerators
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache


class PermissionListener(FeatureCog):
    """Has the closed channels of a server checked again when something changed there."""

    def __init__(self, closed: ClosedChannels, guilds: GuildCache, moderators: DiscordModerators) -> None:
        self._closed = closed
        self._guilds = guilds
        self._moderators = moderators

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Something may have changed while we were away."""
        await self._closed.look_again(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Invited again, maybe with other permissions."""
        await self._closed.look_again(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """A channel's permissions or category changed."""
        if before.overwrites != after.overwrites or before.category_id != after.category_id:
            await self._closed.look_again(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """The permissions of a role changed, which may be ours."""
        if before.permissions != after.permissions:
            await self._closed.look_again(after.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Our own roles or time-out changed. Discord does not tell us about other members."""
        changed = before.roles != after.roles or before.timed_out_until != after.timed_out_until
        if after == after.guild.me and changed:
            await self._closed.look_again(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """A role is gone, and maybe what it forbade. It may also be the last of those that are answered."""
        await self._closed.look_again(role.guild.id)
        answered = self._guilds.get(role.guild.id).roles
        if role.id in answered and not any(role.guild.get_role(one) for one in answered):
            await self._moderators.tell_roles_gone(role.guild.id)

    @commands.Cog.listener()
    async def on_thread_join(self, thread: discord.Thread) -> None:
        """A thread that was archived and is open again arrives as a new thread."""
        await self._closed.look_again(thread.guild.id)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """A thread is no longer locked."""
        if before.locked and not after.locked:
            await self._closed.look_again(after.guild.id)
