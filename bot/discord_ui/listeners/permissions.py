"""Changes of permissions and roles: a channel that was closed to us may be open again."""

import discord
from discord.ext import commands

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.posting.moderators import DiscordModerators
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache


class PermissionListener(FeatureCog):
    """Triggers a check of a server's closed channels when something changes there."""

    def __init__(self, closed: ClosedChannels, guilds: GuildCache, moderators: DiscordModerators) -> None:
        self._closed = closed
        self._guilds = guilds
        self._moderators = moderators

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Check again, because something may have changed while the bot was offline."""
        await self._closed.look_again(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Check again after an invitation, which may bring other permissions."""
        await self._closed.look_again(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """Check again after a change of a channel's permissions or category."""
        if before.overwrites != after.overwrites or before.category_id != after.category_id:
            await self._closed.look_again(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Check again after a change of a role's permissions, because the bot may have the role."""
        if before.permissions != after.permissions:
            await self._closed.look_again(after.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Check again after a change of our own roles or time-out. Discord does not inform us about other members."""
        changed = before.roles != after.roles or before.timed_out_until != after.timed_out_until
        if after == after.guild.me and changed:
            await self._closed.look_again(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Check again after the deletion of a role and its restrictions.

        It may also be the last role that is answered.
        """
        await self._closed.look_again(role.guild.id)
        answered = self._guilds.get(role.guild.id).roles
        if role.id in answered and not any(role.guild.get_role(one) for one in answered):
            await self._moderators.notify_roles_gone(role.guild.id)

    @commands.Cog.listener()
    async def on_thread_join(self, thread: discord.Thread) -> None:
        """Check again when a thread appears: a reopened archived thread arrives as a new one."""
        await self._closed.look_again(thread.guild.id)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """Check again when a thread is unlocked."""
        if before.locked and not after.locked:
            await self._closed.look_again(after.guild.id)
