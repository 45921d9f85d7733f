"""`/privacy`: shows what is stored and for how long; export, delete, turn auto-replies to oneself off and on."""

import json

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.router import Handler
from bot.discord_ui.answering.tree import everywhere
from bot.discord_ui.render.layout import note
from bot.discord_ui.render.privacy import delete_card, deleted, privacy_card
from bot.usecases.replies.notice_message import OptOutCache
from bot.usecases.upkeep.forget import Privacy

_FILE = "notjustyou-my-data.json"


class PrivacyCommands(FeatureCog):
    """Lets people see, export and delete their own data."""

    def __init__(self, localizer: Localizer, privacy: Privacy, opt_outs: OptOutCache) -> None:
        self._localizer = localizer
        self._privacy = privacy
        self._opt_outs = opt_outs

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "export": self.press_export,
            "privacy": self.press_back,
            "delete": self.press_delete,
            "deleteyes": self.press_yes,
            "replies": self.press_replies,
            "quiet": self.press_quiet,
        }

    @app_commands.command(
        name="privacy", description=locale_str(N_("What I keep about you, for how long, and how to delete it"))
    )
    @everywhere
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Show what is stored in general, and about this person."""
        async with defer_if_slow(interaction):
            kept = await self._privacy.show(interaction.user.id)
        await send(interaction, privacy_card(self._localizer.private(interaction), kept), private=True)

    async def press_export(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """*Export mine*: a JSON file."""
        async with defer_if_slow(interaction):
            kept = await self._privacy.show(interaction.user.id)
        text = self._localizer.private(interaction).say("Everything I keep about you is in this file.")
        data = json.dumps(kept.document, ensure_ascii=False, indent=1).encode()
        await send(interaction, note(text, file=_FILE), private=True, file=(_FILE, data))

    async def press_back(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """*Keep it*: show the card again."""
        async with defer_if_slow(interaction, replacing=True):
            kept = await self._privacy.show(interaction.user.id)
        await update(interaction, privacy_card(self._localizer.private(interaction), kept))

    async def press_delete(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """*Delete mine*: show what would be deleted and what would stay, and ask."""
        async with defer_if_slow(interaction, replacing=True):
            kept = await self._privacy.show(interaction.user.id)
        await update(interaction, delete_card(self._localizer.private(interaction), kept))

    async def press_yes(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """*Delete it*: delete everything about the person; the card then shows what is left."""
        texts = self._localizer.private(interaction)
        async with defer_if_slow(interaction):
            reports = await self._privacy.delete(interaction.user.id)
            kept = await self._privacy.show(interaction.user.id)
        await update(interaction, privacy_card(texts, kept, deleted(texts, reports, kept)))

    async def press_replies(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Turn auto-replies off or on from the privacy card, which then shows the new state."""
        async with defer_if_slow(interaction, replacing=True):
            await self._opt_outs.set(interaction.user.id, out=args == ("off",))
            kept = await self._privacy.show(interaction.user.id)
        await update(interaction, privacy_card(self._localizer.private(interaction), kept))

    async def press_quiet(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """*Don't reply to me*, on an auto-reply."""
        async with defer_if_slow(interaction):
            await self._opt_outs.set(interaction.user.id, out=True)
        sentence = self._localizer.private(interaction).say(
            "I won't reply to your messages any more. `/privacy` turns that back on."
        )
        await send(interaction, note(sentence), private=True)
