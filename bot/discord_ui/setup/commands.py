"""`/setup`: the moderators' panel. Every press checks the permission again and updates the panel."""

import json
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.core.errors import InvalidValueError
from bot.core.gone import without
from bot.core.privacy import ReporterKey
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, chosen, chosen_number, fields, id_of
from bot.discord_ui.answering.tree import servers_only
from bot.discord_ui.render.help import auto_reply
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup import cards as render
from bot.discord_ui.setup import pages
from bot.discord_ui.setup.gone_lines import mention
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.server_parts import find_gone, pick_channels, pick_roles
from bot.usecases.replies.judge_replies import JudgeReplies
from bot.usecases.servers.configure_guild import ConfigureGuild


class SetupCommands(FeatureCog):
    """The panel and its pages (who, where, when, what), the log, export and import."""

    def __init__(self, panel: SetupPanel, configure: ConfigureGuild, judge: JudgeReplies, key: ReporterKey) -> None:
        self._key = key
        self._panel = panel
        self._configure = configure
        self._judge = judge

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "setpage": self.press_page,
            "setdropgone": self.press_drop_gone,
            "setchannels": self._choose_channels("channels", "main"),
            "setdenied": self._choose_channels("denied_channels", "who"),
            "setroles": self._choose_roles("roles"),
            "setdeniedroles": self._choose_roles("denied_roles"),
            "setignored": self.choose_ignored,
            "setunignore": self.press_unignore,
            "setpause": self._choose_seconds("cooldown"),
            "setperson": self._choose_seconds("person_cooldown"),
            "setdryrun": self._choose_channels("dry_run", "when"),
            "setquietform": self.press_quiet,
            "setsensitivity": self.choose_sensitivity,
            "setruleson": self.press_rules_on,
            "setlanguage": self._choose_name("language"),
            "setservice": self._choose_name("service"),
            "setpreview": self.press_preview,
            "setreactions": self.press_reactions,
            "setlog": self.press_log,
            "setexport": self.press_export,
            "setimportform": self.press_import,
        }

    def forms(self) -> dict[str, Handler]:
        """The forms that this cog answers."""
        return {"setquiet": self.send_quiet, "setreact": self.send_reactions, "setimport": self.send_import}

    @app_commands.command(
        name="setup", description=locale_str(N_("For moderators: auto-replies, language, and what the bot may do"))
    )
    @servers_only
    async def setup(self, interaction: discord.Interaction) -> None:
        """Show the panel, privately."""
        async with defer_if_slow(interaction):
            card = await self._panel.card(interaction, "main")
        await send(interaction, card, private=True)

    async def press_page(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Show another page."""
        await self._panel.show(interaction, args[0] if args else "main")

    async def press_drop_gone(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Drop the channels and roles that were deleted from the settings of this page."""
        page, guild = args[0] if args else "main", interaction.guild
        if guild is None or await self._panel.tell_if_away(interaction):
            return
        settings = self._panel.settings(interaction)
        async with defer_if_slow(interaction, replacing=True):
            gone = await find_gone(guild, settings)
        await self._panel.change(interaction, without(settings, gone), page)

    async def choose_ignored(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Add people and roles that are never answered; people are stored as keyed hashes, as everywhere."""
        guild_id = server(interaction)
        if await self._panel.tell_if_away(interaction):
            return
        data: Any = interaction.data or {}
        members: Any = data.get("resolved", {}).get("users", {})
        picked = chosen(interaction)
        people = [id_of(one) or 0 for one in picked if one in members]
        roles = {id_of(one) or 0 for one in picked if one not in members}
        if not all(_is_role(interaction.guild, role) for role in roles):
            raise InvalidValueError("ignored", "members or roles of this server")
        settings, guild = self._panel.settings(interaction), interaction.guild
        roles |= {number for number in settings.ignored if _is_role(guild, number)}  # written by an older version
        before = {self._key.listed(person) for person in people}
        ignored = settings.ignored - before - roles | {self._key.listed(person, guild_id) for person in people}
        values = {"ignored": ignored, "ignored_roles": settings.ignored_roles | roles}
        await self._panel.change(interaction, {name: sorted(map(str, ids)) for name, ids in values.items()}, "who")

    async def press_unignore(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Empty the lists of ignored people and roles."""
        await self._panel.change(interaction, {"ignored": [], "ignored_roles": []}, "who")

    async def choose_sensitivity(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set how sure the bot must be."""
        await self._panel.change(interaction, {"sensitivity": next(iter(chosen(interaction)), "")}, "what")

    async def press_rules_on(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Turn on the rules that were turned off, with new counts."""
        guild_id = server(interaction)
        async with defer_if_slow(interaction, replacing=True):
            await self._judge.turn_on(guild_id)
        await self._panel.show(interaction, "what")

    async def press_quiet(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for quiet hours."""
        settings = self._panel.settings(interaction)
        await interaction.response.send_modal(pages.quiet_form(self._panel.texts(interaction), settings))

    async def send_quiet(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Save the quiet hours; without a start there are none."""
        server(interaction)
        typed = {key: "".join(values).strip() for key, values in fields(interaction).items()}
        hours = typed if typed.get(pages.START) else None
        await self._panel.change(interaction, {"quiet_hours": hours}, "when")

    async def press_preview(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show what an auto-reply would look like now."""
        server(interaction)
        answer = self._panel.context.answer(interaction, self._panel.context.service(interaction))
        await send(interaction, auto_reply(self._panel.public_texts(interaction), answer, preview=True), private=True)

    async def press_reactions(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for further reactions."""
        settings = self._panel.settings(interaction)
        await interaction.response.send_modal(render.reactions_form(self._panel.texts(interaction), settings))

    async def send_reactions(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Save further reactions."""
        server(interaction)
        typed = next(iter(fields(interaction).get(render.REACTIONS, [])), "")
        emoji = typed.split()
        if any(e.isascii() and discord.PartialEmoji.from_str(e).id is None for e in emoji):
            raise InvalidValueError("reactions", "emoji such as 🔥, with spaces between")
        await self._panel.change(interaction, {"reactions": emoji}, "what")

    async def press_log(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show who changed what."""
        guild_id = server(interaction)
        async with defer_if_slow(interaction):
            entries = await self._configure.log(guild_id)
        await send(interaction, note(render.log_text(self._panel.texts(interaction), entries)), private=True)

    async def press_export(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Send the settings as JSON to copy."""
        document = self._configure.export(server(interaction))
        sentence, file = render.export_text(self._panel.texts(interaction), document)
        await send(interaction, note(sentence, file=file[0] if file else None), private=True, file=file)

    async def press_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for exported settings."""
        server(interaction)
        await interaction.response.send_modal(render.import_form(self._panel.texts(interaction)))

    async def send_import(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Import exported settings, without ids that this server does not have."""
        guild_id = server(interaction)
        typed = next(iter(fields(interaction).get(render.DOCUMENT, [])), "")
        try:
            # Phones copy the marks of the code block, too.
            document: Any = json.loads(typed[max(typed.find("{"), 0) : typed.rfind("}") + 1 or None])
        except (ValueError, RecursionError):
            raise InvalidValueError("settings", "the text that *Export* gave, unchanged") from None
        parts = _Parts(interaction.guild) if interaction.guild is not None else None
        async with defer_if_slow(interaction, replacing=True):
            await self._configure.take_over(guild_id, interaction.user.id, document, parts)
        await self._panel.show(interaction, "main")

    def _choose_channels(self, field: str, page: str) -> Handler:
        async def choose(interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
            guild = interaction.guild
            if await self._panel.tell_if_away(interaction) or guild is None:
                return
            async with defer_if_slow(interaction, replacing=True):
                channels, gone = await pick_channels(guild, field, chosen(interaction))
            if field == "dry_run" and not all(_can_be_written_in(guild, c) for c in channels):
                raise InvalidValueError(field, "a channel to write in")
            value = next(iter(channels), None) if field == "dry_run" else channels
            await self._panel.change(interaction, {field: value}, page, [mention(int(one)) for one in gone])

        return choose

    def _choose_roles(self, field: str) -> Handler:
        async def choose(interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
            guild = interaction.guild
            if await self._panel.tell_if_away(interaction) or guild is None:
                return
            roles, gone = pick_roles(guild, field, chosen(interaction))
            left_out = [mention(id_of(one) or 0, role=True) for one in gone]
            await self._panel.change(interaction, {field: roles}, "who", left_out)

        return choose

    def _choose_seconds(self, field: str) -> Handler:
        async def choose(interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
            server(interaction)
            await self._panel.change(interaction, {field: chosen_number(interaction)}, "when")

        return choose

    def _choose_name(self, field: str) -> Handler:
        async def choose(interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
            value = next(iter(chosen(interaction)), render.DEFAULT)
            await self._panel.change(interaction, {field: None if value == render.DEFAULT else value}, "main")

        return choose


def _is_role(guild: discord.Guild | None, number: int) -> bool:
    return guild is not None and guild.get_role(number) is not None


def _can_be_written_in(guild: discord.Guild, channel: str) -> bool:
    known = guild.get_channel_or_thread(int(channel))
    return known is None or isinstance(known, discord.abc.Messageable)  # what we do not know is an archived thread


class _Parts:
    """The channels and roles of a server, as Discord sent them."""

    def __init__(self, guild: discord.Guild) -> None:
        self._guild = guild

    def has_channel(self, channel_id: int) -> bool:
        return self._guild.get_channel(channel_id) is not None

    def has_place(self, channel_id: int) -> bool:
        return self._guild.get_channel_or_thread(channel_id) is not None

    def has_writable_place(self, channel_id: int) -> bool:
        return isinstance(self._guild.get_channel_or_thread(channel_id), discord.abc.Messageable)

    def has_role(self, role_id: int) -> bool:
        return self._guild.get_role(role_id) is not None

    def is_everybody(self, role_id: int) -> bool:
        return role_id == self._guild.id
