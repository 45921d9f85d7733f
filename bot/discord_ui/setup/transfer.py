"""`/setup` → *More*: the change log, export and import."""

import json
from typing import Any

import discord

from bot.core.errors import WrongInputError
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, fields
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup.forms import DOCUMENT, import_form
from bot.discord_ui.setup.overview import MORE
from bot.discord_ui.setup.pages import MAIN
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.server_parts import DiscordParts
from bot.discord_ui.setup.transfer_cards import export_text, log_text
from bot.usecases.servers.configure_guild import ConfigureGuild


class SetupTransfer(FeatureCog):
    """Shows who changed what, gives all settings as JSON, and takes them."""

    def __init__(self, panel: SetupPanel, configure: ConfigureGuild) -> None:
        self._panel = panel
        self._configure = configure

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"setlog": self.press_log, "setexport": self.press_export, "setimportform": self.press_import}

    def forms(self) -> dict[str, Handler]:
        """The forms that this cog answers."""
        return {"setimport": self.send_import}

    async def press_log(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show who changed what."""
        guild_id = server(interaction)
        async with defer_if_slow(interaction):
            entries = await self._configure.log(guild_id)
        texts, names = self._panel.texts(interaction), self._panel.names()
        await send(interaction, note(log_text(texts, entries, names)), private=True)

    async def press_export(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Send the settings as JSON to copy."""
        document = self._configure.export(server(interaction))
        sentence, file = export_text(self._panel.texts(interaction), document)
        await send(interaction, note(sentence, file=file[0] if file else None), private=True, file=file)

    async def press_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for exported settings."""
        server(interaction)
        await interaction.response.send_modal(import_form(self._panel.texts(interaction)))

    async def send_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Import exported settings, without ids that this server does not have."""
        guild_id = server(interaction)
        typed = next(iter(fields(interaction).get(DOCUMENT, [])), "")
        parts = DiscordParts(interaction.guild) if interaction.guild is not None else None
        try:
            document = _document(typed)
            async with defer_if_slow(interaction, replacing=True):
                await self._configure.take_over(guild_id, interaction.user.id, document, parts)
        except WrongInputError as error:
            await self._panel.refuse(interaction, MORE, error)
        else:
            await self._panel.show(interaction, MAIN)


def _document(typed: str) -> Any:
    """The JSON in what was pasted: phones copy the marks of the code block, too. Raises WrongInputError."""
    try:
        return json.loads(typed[max(typed.find("{"), 0) : typed.rfind("}") + 1 or None])
    except (ValueError, RecursionError):
        raise WrongInputError(
            "settings", N_("That is not an export. Paste the whole text that *Export* gave.")
        ) from None
