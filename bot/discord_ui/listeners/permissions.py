"""Permissions that change: what was closed to us may be open again."""

from collections.abc import Callable

import discord
from discord.ext import commands

from bot.discord_ui.permissions import may_write
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
        changed = before.roles != after.roles or before.timed_out_until != after.timed_out_until
        if after == after.guild.me and changed:
            self._try_again(after.guild)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """One that took rights away, maybe."""
        self._try_again(role.guild)

    @commands.Cog.listener()
    async def on_thread_join(self, thread: discord.Thread) -> None:
        """A thread that was archived and is open again comes as one that is new to us."""
        self._try_again(thread.guild)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """A thread that was locked."""
        if before.locked and not after.locked:
            self._try_again(after.guild)

    def _try_again(self, guild: discord.Guild) -> None:
        closed = [one.channel_id for one in self._closed.of(guild.id)]
        if closed and (worth := self._closed.try_again(one for one in closed if may_write(guild, one))):
            self._opened(worth)
