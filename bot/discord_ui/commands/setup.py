"""`/setup`: the moderators' panel. Every press checks the right again and shows the new state in place."""

import json
from collections.abc import Mapping
from typing import Any, cast

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.core.errors import InvalidValueError
from bot.core.texts import N_, Languages
from bot.discord_ui.context import Context
from bot.discord_ui.permissions import Need, missing
from bot.discord_ui.render import setup as render
from bot.discord_ui.render.help import auto_reply
from bot.discord_ui.render.layout import note
from bot.discord_ui.responding import send, update
from bot.discord_ui.router import Handler, chosen, fields
from bot.discord_ui.speech import Speech
from bot.discord_ui.tree import must_manage_server, servers_only
from bot.usecases.configure_guild import ConfigureGuild


class SetupCommands(commands.Cog):
    """Auto-reply channels, pauses, language, service, reactions; log, export and import."""

    def __init__(self, context: Context, speech: Speech, languages: Languages, configure: ConfigureGuild) -> None:
        self._context = context
        self._speech = speech
        self._languages = languages
        self._configure = configure

    def handlers(self) -> dict[str, Handler]:
        """The presses answered here."""
        return {
            "setchannels": self.choose_channels,
            "setpause": self._choose_seconds("cooldown"),
            "setperson": self._choose_seconds("person_cooldown"),
            "setlanguage": self._choose_name("language"),
            "setservice": self._choose_name("service"),
            "setpreview": self.press_preview,
            "setreactions": self.press_reactions,
            "setreact": self.send_reactions,
            "setlog": self.press_log,
            "setexport": self.press_export,
            "setimportform": self.press_import,
            "setimport": self.send_import,
        }

    @app_commands.command(
        name="setup", description=locale_str(N_("For moderators: auto-replies, language, and what the bot may do"))
    )
    @servers_only
    async def setup(self, interaction: discord.Interaction) -> None:
        """Show the panel, privately."""
        guild_id = _guild(interaction)
        await send(interaction, self._panel(interaction, guild_id), private=True)

    async def choose_channels(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Where auto-replies are on. Channels of other servers are refused."""
        guild_id = _guild(interaction)
        channels = chosen(interaction)
        guild = interaction.guild
        if guild is None or not all(c.isdecimal() and guild.get_channel_or_thread(int(c)) for c in channels):
            raise InvalidValueError("channels", "channels of this server")
        await self._change(interaction, guild_id, {"channels": channels})

    async def press_preview(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """What an auto-reply would look like now."""
        _guild(interaction)
        answer = self._context.answer(interaction, self._context.service(interaction))
        texts = self._speech.public(interaction.guild_id, interaction.guild_locale)
        await send(interaction, auto_reply(texts, answer), private=True)

    async def press_reactions(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for further reactions."""
        settings = self._context.guilds.get(_guild(interaction))
        await interaction.response.send_modal(render.reactions_form(self._speech.private(interaction), settings))

    async def send_reactions(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Keep further reactions."""
        guild_id = _guild(interaction)
        typed = next(iter(fields(interaction).get(render.REACTIONS, [])), "")
        emoji = typed.split()
        if any(one.isascii() and discord.PartialEmoji.from_str(one).id is None for one in emoji):
            raise InvalidValueError("reactions", "emoji such as 🔥, with spaces between")
        await self._change(interaction, guild_id, {"reactions": emoji})

    async def press_log(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Who changed what."""
        entries = await self._configure.log(_guild(interaction))
        await send(interaction, note(render.log_text(self._speech.private(interaction), entries)), private=True)

    async def press_export(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """The settings as JSON to copy."""
        document = self._configure.export(_guild(interaction))
        await send(interaction, note(render.export_text(self._speech.private(interaction), document)), private=True)

    async def press_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for exported settings."""
        _guild(interaction)
        await interaction.response.send_modal(render.import_form(self._speech.private(interaction)))

    async def send_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Take exported settings over; channels that this server does not have are left out."""
        guild_id = _guild(interaction)
        typed = next(iter(fields(interaction).get(render.DOCUMENT, [])), "")
        try:
            # Phones copy the code block's marks, too.
            document: Any = json.loads(typed[max(typed.find("{"), 0) : typed.rfind("}") + 1 or None])
        except (ValueError, RecursionError):
            raise InvalidValueError("settings", "the text that *Export* gave, unchanged") from None
        guild = interaction.guild
        if guild is not None:
            _keep_own_channels(document, guild)
        await self._configure.take_over(guild_id, interaction.user.id, document)
        await self._show_again(interaction, guild_id)

    def _choose_seconds(self, field: str) -> Handler:
        async def choose(interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
            guild_id = _guild(interaction)
            value = next(iter(chosen(interaction)), "")
            await self._change(interaction, guild_id, {field: int(value) if value.isdecimal() else value})

        return choose

    def _choose_name(self, field: str) -> Handler:
        async def choose(interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
            guild_id = _guild(interaction)
            value = next(iter(chosen(interaction)), render.DEFAULT)
            await self._change(interaction, guild_id, {field: None if value == render.DEFAULT else value})

        return choose

    async def _change(self, interaction: discord.Interaction, guild_id: int, values: Mapping[str, Any]) -> None:
        await self._configure.change(guild_id, interaction.user.id, values)
        await self._show_again(interaction, guild_id)

    async def _show_again(self, interaction: discord.Interaction, guild_id: int) -> None:
        await update(interaction, self._panel(interaction, guild_id))

    def _panel(self, interaction: discord.Interaction, guild_id: int) -> Any:
        settings = self._context.guilds.get(guild_id)
        panel = render.Panel(
            settings=settings,
            service=self._context.service(interaction),
            services=list(self._context.services),
            languages=self._languages.names(),
            hears_content=interaction.client.intents.message_content,
            missing={channel: _missing(interaction, channel) for channel in sorted(settings.channels)},
        )
        return render.setup_card(self._speech.private(interaction), panel)


def _keep_own_channels(document: Any, guild: discord.Guild) -> None:
    """Leave out what is not a channel of this server; anything else wrong is told by the settings' reader."""
    if isinstance(document, dict) and isinstance(document.get("channels"), list):  # pyright: ignore[reportUnknownMemberType]
        named = cast("dict[str, list[Any]]", document)
        named["channels"] = [
            c for c in named["channels"] if isinstance(c, str) and c.isdecimal() and guild.get_channel_or_thread(int(c))
        ]


def _guild(interaction: discord.Interaction) -> int:
    """The server's id, after the second look at the moderator's right."""
    must_manage_server(interaction)
    assert interaction.guild_id is not None, "checked just before"
    return interaction.guild_id


def _missing(interaction: discord.Interaction, channel_id: int) -> list[Need]:
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if guild is None or channel is None:
        return missing(discord.Permissions.none())
    return missing(channel.permissions_for(guild.me))
