"""`/setup` → *More*: the change log with *Undo*, export and import."""

import json
from functools import partial
from typing import Any

import discord

from bot.core.errors import WrongInputError
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.router import Handler, StalePressError, fields, first, id_of
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup.forms import DOCUMENT, import_form
from bot.discord_ui.setup.overview import MORE
from bot.discord_ui.setup.pages import MAIN
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.server_parts import DiscordParts
from bot.discord_ui.setup.transfer_cards import IMPORT, UNDO, export_text, import_card, log_card
from bot.usecases.servers.configure_guild import ConfigureGuild
from bot.usecases.servers.drafts import Drafts


class SetupTransfer(FeatureCog):
    """Shows and undoes changes, and exports and imports all settings as JSON."""

    def __init__(self, panel: SetupPanel, configure: ConfigureGuild, imports: Drafts[Any]) -> None:
        self._panel = panel
        self._configure = configure
        self._imports = imports

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "setlog": self.press_log,
            UNDO: self.press_undo,
            "setexport": self.press_export,
            "setimportform": self.press_form,
            IMPORT: self.press_import,
        }

    def forms(self) -> dict[str, Handler]:
        """The forms that this cog answers."""
        return {"setimport": self.send_import}

    async def press_log(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show the change log instead of the page."""
        server(interaction)
        await self._show_log(interaction)

    async def press_undo(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Restore the value before a change, unless it was changed since. This is a new change."""
        guild_id, name, at = server(interaction), first(args), id_of(next(iter(args[1:]), ""))
        if at is None:
            raise StalePressError
        notice = ""
        async with defer_if_slow(interaction, replacing=True):
            try:
                await self._configure.undo(guild_id, interaction.user.id, name, at)
            except WrongInputError as error:
                notice = self._panel.sentence(interaction, error)
        await self._show_log(interaction, notice)

    async def _show_log(self, interaction: discord.Interaction, notice: str = "") -> None:
        async with defer_if_slow(interaction, replacing=True):
            guild_id = server(interaction)
            entries = await self._configure.log(guild_id)
        can_undo = partial(self._configure.can_undo, guild_id)
        await update(
            interaction, log_card(self._panel.texts(interaction), entries, self._panel.names(), can_undo, notice)
        )

    async def press_export(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Send the settings as JSON to copy."""
        document = self._configure.export(server(interaction))
        sentence, file = export_text(self._panel.texts(interaction), document)
        await send(interaction, note(sentence, file=file[0] if file else None), private=True, file=file)

    async def press_form(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for exported settings."""
        server(interaction)
        await interaction.response.send_modal(import_form(self._panel.texts(interaction)))

    async def send_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show the changes of an import, and ask."""
        guild_id = server(interaction)
        typed = next(iter(fields(interaction).get(DOCUMENT, [])), "")
        try:
            document = _document(typed)
            async with defer_if_slow(interaction, replacing=True):
                changes, left_out = await self._configure.compare(guild_id, document, _parts(interaction))
        except WrongInputError as error:
            await self._panel.refuse(interaction, MORE, error)
            return
        self._imports.put(guild_id, interaction.user.id, document)
        texts, names = self._panel.texts(interaction), self._panel.names()
        await update(interaction, import_card(texts, changes, left_out, names))

    async def press_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Import the shown settings, without ids that this server does not have."""
        guild_id, user_id = server(interaction), interaction.user.id
        document = self._imports.get(guild_id, user_id)
        if document is None:
            error = WrongInputError("settings", N_("That was too long ago. Paste the export again."))
            await self._panel.refuse(interaction, MORE, error)
            return
        try:
            async with defer_if_slow(interaction, replacing=True):
                await self._configure.take_over(guild_id, user_id, document, _parts(interaction))
        except WrongInputError as error:
            await self._panel.refuse(interaction, MORE, error)
        else:
            self._imports.drop(guild_id, user_id)
            await self._panel.show(interaction, MAIN)


def _parts(interaction: discord.Interaction) -> DiscordParts | None:
    return DiscordParts(interaction.guild) if interaction.guild is not None else None


def _document(typed: str) -> Any:
    """The JSON in the pasted text. Phones also copy the marks of the code block. Raises WrongInputError."""
    try:
        return json.loads(typed[max(typed.find("{"), 0) : typed.rfind("}") + 1 or None])
    except (ValueError, RecursionError):
        raise WrongInputError(
            "settings", N_("That isn't an export. Paste the whole text that *Export* gave you.")
        ) from None
