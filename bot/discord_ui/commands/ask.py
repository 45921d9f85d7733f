"""Message right-click → Apps → *Is it just them?*: answers that message, even if the bot cannot read message texts."""

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.core.distress import Distress
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.responding import send
from bot.discord_ui.answering.tree import everywhere
from bot.discord_ui.render.reply import auto_reply

COMMAND_NAME = N_("Is it just them?")


class AskCommands(FeatureCog):
    """The message command."""

    def __init__(self, context: Context, distress: Distress) -> None:
        self._context = context
        self._distress = distress
        self._menu: app_commands.ContextMenu = everywhere(
            app_commands.ContextMenu(name=locale_str(COMMAND_NAME), callback=self._ask)
        )

    def menus(self) -> list[app_commands.ContextMenu]:
        """Context menus cannot be declared on a class; the client adds these to its tree."""
        return [self._menu]

    async def _ask(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Send the short answer, public once per minute and channel.

        The text is only checked for distress. In that case the answer is private and not a reply to the message.
        """
        service = self._context.service(interaction)
        if self._distress.matches(message.content):
            texts = self._context.private_texts(interaction)
            answer = self._context.answer(interaction, service)
            await send(interaction, auto_reply(texts, answer, about=message.jump_url, live=False), private=True)
            return
        with self._context.audience(interaction, "ask") as (public, texts):
            answer = self._context.answer(interaction, service)
            card = auto_reply(texts, answer, about=message.jump_url, live=False)
            await send(interaction, card, private=not public)
