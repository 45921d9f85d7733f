"""*Why no reply?*: right-click on a message → Apps. Every check, with a fix for each that fails."""

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.tree import servers_only
from bot.discord_ui.permissions import missing_in
from bot.discord_ui.places import calls, covering, is_solved, places_of, title_of
from bot.discord_ui.setup.checks import reading_branch
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.trial_card import why_card
from bot.usecases.replies.judge_replies import ASKED
from bot.usecases.replies.notice_message import NoticeMessage
from bot.usecases.replies.read_message import IncomingMessage

COMMAND_NAME = N_("Why no reply?")


class WhyCommands(FeatureCog):
    """Repeats the checks with the current state. Nothing is stored."""

    def __init__(self, panel: SetupPanel, notice: NoticeMessage) -> None:
        self._panel = panel
        self._notice = notice
        self._menu: app_commands.ContextMenu = servers_only(
            app_commands.ContextMenu(name=locale_str(COMMAND_NAME), callback=self._ask)
        )

    def menus(self) -> list[app_commands.ContextMenu]:
        """Context menus cannot be declared on a class; the client adds these to its tree."""
        return [self._menu]

    async def _ask(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show every check of this message, to the moderator alone."""
        guild_id, guild, me = server(interaction), interaction.guild, interaction.client.user
        if guild is None or me is None or await self._panel.tell_if_away(interaction):
            return
        channel: Any = guild.get_channel_or_thread(message.channel.id) or message.channel
        incoming = IncomingMessage(
            guild_id=guild_id,
            channel_id=covering(channel),
            author_id=message.author.id,
            text=message.content,
            places=places_of(channel),
            roles=frozenset(role.id for role in getattr(message.author, "roles", ())),
            forced_rule=ASKED if calls(message.content, me.id, guild) else None,
            title=title_of(channel, message.id),
            written_in=channel.id,
            solved=is_solved(channel),
        )
        texts = self._panel.texts(interaction)
        async with defer_if_slow(interaction):
            trial = await self._notice.try_out(incoming)
        reading = reading_branch(
            texts,
            can_read=incoming.forced_rule == ASKED or interaction.client.intents.message_content,
            by_person=not message.author.bot and message.webhook_id is None and not message.is_system(),
            channel=channel.id,
            lacking=missing_in(channel),
        )
        settings = self._panel.settings(interaction)
        await send(interaction, why_card(texts, message.jump_url, trial, settings, reading), private=True)
