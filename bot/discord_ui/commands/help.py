"""`/500`, and the buttons that open the guide."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.texts import N_
from bot.discord_ui.answering.card_cache import CardCache
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.responding import send
from bot.discord_ui.answering.router import Handler, first
from bot.discord_ui.answering.speech import Speech
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.render.help import help_card, why_card


class HelpCommands(FeatureCog):
    """The step guide with the live evidence, from memory."""

    def __init__(self, context: Context, speech: Speech) -> None:
        self._context = context
        self._speech = speech
        self._cards = CardCache(help_card)

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"help": self.press_help, "why": self.press_why}

    @app_commands.command(
        name="500", description=locale_str(N_("Internal server error? What to do, and whether it's just you"))
    )
    @app_commands.describe(service=locale_str(N_("Which service, if not this server's own")))
    @everywhere
    async def five_hundred(self, interaction: discord.Interaction, service: str | None = None) -> None:
        """Answer from memory: public once per minute and channel, else private."""
        meant = self._context.service(interaction, service)
        with self._context.audience(interaction, "500") as (public, texts):
            answer = self._context.answer(interaction, meant)
            await send(interaction, self._cards.card(texts, answer), private=not public)

    @five_hundred.autocomplete("service")
    @careful
    async def complete_service(self, _interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text."""
        return self._context.suggest(current)

    async def press_help(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*What can I do?*: the whole guide, privately."""
        answer = self._context.answer(interaction, self._context.service(interaction, first(args)))
        await send(interaction, self._cards.card(self._speech.private(interaction), answer), private=True)

    async def press_why(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Why does this happen?*"""
        answer = self._context.answer(interaction, self._context.service(interaction, first(args)))
        await send(interaction, why_card(self._speech.private(interaction), answer), private=True)
