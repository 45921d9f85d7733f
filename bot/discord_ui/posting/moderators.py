"""Notifies a server's moderators in a channel of theirs, never where all members can read."""

import logging
from collections.abc import Callable, Iterable

import discord

from bot.core.gone import CHANNEL_FIELDS, named
from bot.core.texts import Texts
from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.permissions import LOCKED, is_open_to_all, may_write
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.render.closed import closed_text, roles_gone_text
from bot.discord_ui.render.distress import distress_card
from bot.discord_ui.render.layout import Card, note
from bot.discord_ui.render.rules import rule_off_text
from bot.discord_ui.render.weekly import weekly_card
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.servers.ports import ClosedChannel
from bot.usecases.upkeep.weekly_summary import Week

_logger = logging.getLogger(__name__)


def address(guild_id: int, channel_id: int, message_id: int | None) -> str:
    """The link to a message, or to its channel if there is none."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}" + (f"/{message_id}" if message_id else "")


class DiscordModerators:
    """Finds the moderators' channel, and writes there."""

    def __init__(self, current: CurrentClient, guilds: GuildCache, localizer: Localizer) -> None:
        self._current = current
        self._guilds = guilds
        self._localizer = localizer

    def writable(self, closed: Iterable[ClosedChannel]) -> list[int]:
        """The channels in which the bot may write now.

        Checked here because Discord does not announce the end of a time-out.
        """
        guilds = [(one, self._current.guild(one.guild_id)) for one in closed]
        return [one.channel_id for one, guild in guilds if guild is not None and may_write(guild, one.channel_id)]

    async def notify_closed(self, closed: ClosedChannel) -> bool:
        """Notify them that a channel is closed to us; False if there is no channel for it. Never raises."""
        guild = self._current.guild(closed.guild_id)
        place = self._place(guild, closed.channel_id) if guild is not None else None
        if guild is None or place is None or closed.code in LOCKED or self._is_over(closed):
            return False  # the next moderator who opens /setup sees it
        texts = self._texts(guild)
        return await self._send(guild, place, note(closed_text(texts, closed)))

    def _is_over(self, closed: ClosedChannel) -> bool:
        """Whether it was deleted and no setting names it, such as a forum post: moderators have nothing to fix."""
        return closed.gone and closed.channel_id not in named(self._guilds.get(closed.guild_id), CHANNEL_FIELDS)

    async def notify_rule_off(self, guild_id: int, rule: str) -> bool:
        """Notify them that a rule turned itself off; False if there is no channel for it. Never raises."""
        guild = self._current.guild(guild_id)
        place = self._place(guild, None) if guild is not None else None
        if guild is None or place is None:
            return False  # the next moderator who opens /setup sees it
        texts = self._texts(guild)
        return await self._send(guild, place, note(rule_off_text(texts, rule, self._guilds.get(guild_id).phrases)))

    async def notify_distress(self, guild_id: int, channel_id: int, message_id: int | None) -> bool:
        """Notify them where a person in distress wrote; False if it was not sent. Never raises.

        Only in the channel that they chose for it, and only while it is not visible to all members.
        """
        settings = self._guilds.get(guild_id)
        place = self._closed_to_members(guild_id, settings.distress_channel)
        if place is None:
            return False
        texts, url = self._texts(place.guild), address(guild_id, channel_id, message_id)
        helpline = settings.helpline is not None
        card = distress_card(texts, url, channel_id, message_id, helpline=helpline)
        return await self._send(place.guild, place, card)

    def can_sum_up(self, guild_id: int) -> bool:
        """Whether the bot can write in the channel for the weekly card, and not all members can read there."""
        place = self._closed_to_members(guild_id, self._guilds.get(guild_id).weekly_channel)
        return place is not None and may_write(place.guild, place.id)

    async def sum_up(self, guild_id: int, week: Week) -> bool:
        """Send the weekly card; False if it was not sent. Never raises."""
        place = self._closed_to_members(guild_id, self._guilds.get(guild_id).weekly_channel)
        if place is None:
            return False
        return await self._send(place.guild, place, weekly_card(self._texts(place.guild), week))

    async def notify_roles_gone(self, guild_id: int) -> bool:
        """Notify them that all roles that are answered were deleted; False if there is no channel. Never raises."""
        guild = self._current.guild(guild_id)
        place = self._place(guild, None) if guild is not None else None
        if guild is None or place is None:
            return False  # the next moderator who opens /setup sees it
        texts = self._texts(guild)
        return await self._send(guild, place, note(roles_gone_text(texts)))

    async def welcome(self, guild_id: int, card: Callable[[Texts], Card]) -> bool:
        """Greet them where a message is allowed; False if there is no channel for it. Never raises.

        It is their own channel, or otherwise the one where Discord itself greets new members.
        """
        guild = self._current.guild(guild_id)
        if guild is None:
            return False
        place = self._place(guild, None) or guild.system_channel
        if place is None or not may_write(guild, place.id):
            return False
        return await self._send(guild, place, card(self._texts(guild)))

    def _closed_to_members(self, guild_id: int, channel_id: int | None) -> discord.TextChannel | None:
        """The private channel that moderators chose; None if it does not exist, or all members can read it."""
        guild = self._current.guild(guild_id)
        place = guild.get_channel(channel_id or 0) if guild is not None else None
        return place if isinstance(place, discord.TextChannel) and not is_open_to_all(place) else None

    def _texts(self, guild: discord.Guild) -> Texts:
        return self._localizer.public(guild.id, guild.preferred_locale)

    async def _send(self, guild: discord.Guild, place: discord.TextChannel | discord.Thread, card: Card) -> bool:
        try:
            await place.send(view=card)
        except UNDELIVERED as error:
            _logger.info("moderators not notified", extra={"guild": guild.id, "error": str(error)})
            return False
        return True

    def _place(self, guild: discord.Guild, closed: int | None) -> discord.TextChannel | discord.Thread | None:
        """The channel for dry runs, or the one that Discord has for moderators in community servers."""
        chosen = guild.get_channel_or_thread(self._guilds.get(guild.id).dry_run or 0)
        for place in (chosen, guild.safety_alerts_channel, guild.public_updates_channel):
            if not isinstance(place, discord.TextChannel | discord.Thread) or place.id == closed:
                continue
            if may_write(guild, place.id):
                return place
        return None
