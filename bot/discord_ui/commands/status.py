"""`/status`: reads every source now, and shows it with people's reports."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.chart import Moment
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.responding import send
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.render.chart import chart_in_words
from bot.discord_ui.render.help import status_card
from bot.discord_ui.render.layout import PICTURE
from bot.usecases.outages.history import ShowHistory
from bot.usecases.reports.check_status import CheckStatus


class StatusCommands(FeatureCog):
    """The live check."""

    def __init__(self, context: Context, check: CheckStatus, history: ShowHistory) -> None:
        self._history = history
        self._context = context
        self._check = check

    @app_commands.command(
        name="status", description=locale_str(N_("Look now: what people, our probe and the official page say"))
    )
    @app_commands.describe(service=locale_str(N_("Which service, if not this server's own")))
    @everywhere
    async def status(self, interaction: discord.Interaction, service: str | None = None) -> None:
        """Read the sources and answer. This may take seconds, so the answer is deferred at once."""
        meant = self._context.service(interaction, service)
        with self._context.audience(interaction, "status") as (public, texts):
            await interaction.response.defer(ephemeral=not public, thinking=True)
            await self._check.look(meant)
            answer = self._context.answer(interaction, meant)
            moment = Moment.at(answer.at, answer.tally.everywhere.quarter, answer.tally.usual)
            drawn = await self._history.day(meant, moment, interaction.guild_id)
            card = status_card(texts, answer, chart_in_words(texts, drawn.chart))
            await send(interaction, card, private=not public, file=(PICTURE, drawn.png))

    @status.autocomplete("service")
    @careful
    async def complete_service(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text, those of this server first."""
        return self._context.suggest(interaction, current)
