"""`/status`: reads every source now, and shows it with people's reports. *Details* come on request."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.chart import Moment
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, first
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.render.chart import in_words
from bot.discord_ui.render.layout import PICTURE
from bot.discord_ui.render.status import details_card, status_card
from bot.usecases.outages.history import ShowHistory
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.check_status import CheckStatus


class StatusCommands(FeatureCog):
    """The live check."""

    def __init__(self, context: Context, check: CheckStatus, history: ShowHistory) -> None:
        self._history = history
        self._context = context
        self._check = check

    def handlers(self) -> dict[str, Handler]:
        """The press that this cog answers."""
        return {"day": self.press_day}

    @app_commands.command(
        name="status", description=locale_str(N_("Check now: people's reports, our own check, the official page"))
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
            drawn = await self._history.hours(meant, _moment(answer), interaction.guild_id)
            card = status_card(texts, answer, in_words(texts, drawn.chart))
            await send(interaction, card, private=not public, file=(PICTURE, drawn.png))

    @status.autocomplete("service")
    @careful
    async def complete_service(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text, those of this server first."""
        return self._context.suggest(interaction, current)

    async def press_day(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Details*, privately."""
        texts, service = self._context.private_texts(interaction), self._context.service(interaction, first(args))
        async with defer_if_slow(interaction):
            answer = self._context.answer(interaction, service)
            drawn = await self._history.day(service, _moment(answer), interaction.guild_id)
        card = details_card(texts, answer, in_words(texts, drawn.chart))
        await send(interaction, card, private=True, file=(PICTURE, drawn.png))


def _moment(answer: HelpAnswer) -> Moment:
    """The moment of an answer, for the picture beside it."""
    return Moment.at(answer.at, answer.tally.everywhere.quarter, answer.tally.usual)
