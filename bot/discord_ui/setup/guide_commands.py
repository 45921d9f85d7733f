"""The first run of `/setup`, offered when a server invites the bot."""

from typing import Any

import discord
from discord.ext import commands

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler
from bot.discord_ui.posting.moderators import DiscordModerators
from bot.discord_ui.setup.guide import ANSWER, BEGIN, welcome_card
from bot.discord_ui.setup.panel import SetupPanel
from bot.usecases.ports import Clock

JUST_NOW = 300
"""Seconds after an invitation in which the bot offers its setup. Discord also sends `guild_join` after outages."""


class SetupGuide(FeatureCog):
    """Greets moderators, and opens the first step."""

    def __init__(self, panel: SetupPanel, moderators: DiscordModerators, clock: Clock) -> None:
        self._panel = panel
        self._moderators = moderators
        self._clock = clock

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {BEGIN: self.press_begin}

    async def press_begin(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show the first step, privately."""
        async with defer_if_slow(interaction):
            card = await self._panel.card(interaction, ANSWER)
        await send(interaction, card, private=True)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Offer the setup once, where a message is allowed. A server that invites the bot again has settings."""
        me: Any = guild.me  # None until Discord has sent the server; the type hint omits None
        joined = me.joined_at if me is not None else None
        if joined is None or self._clock() - joined.timestamp() > JUST_NOW or self._panel.is_set_up(guild.id):
            return
        await self._moderators.welcome(guild.id, welcome_card)
