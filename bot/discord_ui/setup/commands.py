"""`/setup`: the moderators' panel. Every press checks the permission again and updates the panel."""

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.core.errors import WrongInputError
from bot.core.gone import without
from bot.core.guild_settings import BY_NAME, Field, Page
from bot.core.privacy import ReporterKey
from bot.core.setting_kinds import Switch
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, StalePressError, chosen, fields, first, id_of
from bot.discord_ui.answering.tree import servers_only
from bot.discord_ui.render.reply import auto_reply
from bot.discord_ui.setup.choosing import names_server_parts, read_choice
from bot.discord_ui.setup.controls import CHOOSE, FORM, SWITCH
from bot.discord_ui.setup.forms import EXAMPLES, field_form, is_typed, lines_of, typed_value
from bot.discord_ui.setup.pages import ANSWER, MAIN
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.server_parts import find_gone, is_away
from bot.discord_ui.setup.trial import TryPhrases
from bot.usecases.replies.judge_replies import JudgeReplies


class SetupCommands(FeatureCog):
    """The command, the pages, and the settings on them."""

    def __init__(self, panel: SetupPanel, judge: JudgeReplies, key: ReporterKey, phrases: TryPhrases) -> None:
        self._key = key
        self._panel = panel
        self._judge = judge
        self._phrases = phrases

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "setpage": self.press_page,
            "setgo": self.choose_page,
            CHOOSE: self.choose,
            SWITCH: self.press_switch,
            FORM: self.press_form,
            "setdropgone": self.press_drop_gone,
            "setunignore": self.press_unignore,
            "setruleson": self.press_rules_on,
            "setpreview": self.press_preview,
        }

    def forms(self) -> dict[str, Handler]:
        """The forms that this cog answers."""
        return {FORM: self.send_form}

    @app_commands.command(
        name="setup", description=locale_str(N_("For moderators: auto-replies, language, and what the bot may do"))
    )
    @servers_only
    async def setup(self, interaction: discord.Interaction) -> None:
        """Show the panel, privately; the first time, the first step of a short guide."""
        async with defer_if_slow(interaction):
            begun = self._panel.is_set_up(server(interaction)) or is_away(interaction)
            card = await self._panel.card(interaction, MAIN if begun else ANSWER)
        await send(interaction, card, private=True)

    async def press_page(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Show another page."""
        await self._panel.show(interaction, args[0] if args else MAIN)

    async def choose_page(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show the page that was chosen in the menu."""
        await self._panel.show(interaction, next(iter(chosen(interaction)), MAIN))

    async def choose(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Store the choice from a menu."""
        server(interaction)
        field, page = _field(args)
        if isinstance(field.kind, Switch) or is_typed(field):
            raise StalePressError
        if names_server_parts(field) and await self._panel.tell_if_away(interaction):
            return
        guild, given = interaction.guild, chosen(interaction)
        if guild is None:
            raise StalePressError
        try:
            if field.name == "ignored":
                await self._panel.change(interaction, self._ignored(interaction, guild, given), page)
                return
            async with defer_if_slow(interaction, replacing=True):
                value, left_out = await read_choice(guild, field, given)
        except WrongInputError as error:
            await self._panel.refuse(interaction, page, error)
        else:
            await self._panel.change(interaction, {field.name: value}, page, left_out)

    def _ignored(self, interaction: discord.Interaction, guild: discord.Guild, given: list[str]) -> dict[str, Any]:
        """Add ignored people and roles; people are stored as keyed hashes, as everywhere."""
        data: Any = interaction.data or {}
        members: Any = data.get("resolved", {}).get("users", {})
        people = [id_of(one) or 0 for one in given if one in members]
        roles = {id_of(one) or 0 for one in given if one not in members}
        if any(guild.get_role(role) is None for role in roles):
            raise WrongInputError("ignored", N_("Choose members or roles of this server."))
        settings = self._panel.settings(interaction)
        roles |= {number for number in settings.ignored if guild.get_role(number)}  # stored by an older version
        before = {self._key.listed(person) for person in people}
        ignored = settings.ignored - before - roles | {self._key.listed(person, guild.id) for person in people}
        values = {"ignored": ignored, "ignored_roles": settings.ignored_roles | roles}
        return {name: sorted(map(str, ids)) for name, ids in values.items()}

    async def press_switch(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Turn a setting on or off."""
        server(interaction)
        field, page = _field(args)
        if not isinstance(field.kind, Switch):
            raise StalePressError
        await self._panel.change(interaction, {field.name: args[2:] == ("on",)}, page)

    async def press_form(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Open the form of a setting."""
        settings = self._panel.settings(interaction)
        field, page = _typed_field(args)
        await interaction.response.send_modal(field_form(self._panel.texts(interaction), settings, field, page))

    async def send_form(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Store the typed value. Own phrases with examples are only tried."""
        server(interaction)
        field, page = _typed_field(args)
        typed = fields(interaction)
        try:
            value = typed_value(field, typed)
            if examples := lines_of("".join(typed.get(EXAMPLES, []))):
                await self._phrases(interaction, value, examples)
                return
        except WrongInputError as error:
            await self._panel.refuse(interaction, page, error)
        else:
            await self._panel.change(interaction, {field.name: value}, page)

    async def press_drop_gone(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Remove deleted channels and roles from all settings."""
        page, guild = args[0] if args else MAIN, interaction.guild
        if guild is None or await self._panel.tell_if_away(interaction):
            return
        settings = self._panel.settings(interaction)
        async with defer_if_slow(interaction, replacing=True):
            gone = await find_gone(guild, settings)
        await self._panel.change(interaction, without(settings, gone), page)

    async def press_unignore(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Empty the lists of ignored people and roles."""
        await self._panel.change(interaction, {"ignored": [], "ignored_roles": []}, Page.WHO)

    async def press_rules_on(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Turn on the rules that were turned off, and reset their counts."""
        guild_id = server(interaction)
        async with defer_if_slow(interaction, replacing=True):
            await self._judge.turn_on(guild_id)
        await self._panel.show(interaction, Page.WHAT)

    async def press_preview(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show a preview of an auto-reply."""
        server(interaction)
        answer = self._panel.context.answer(interaction, self._panel.context.service(interaction))
        await send(interaction, auto_reply(self._panel.public_texts(interaction), answer, preview=True), private=True)


def _field(args: tuple[str, ...]) -> tuple[Field, str]:
    """The setting that a press is about, and the page to show again."""
    field = BY_NAME.get(first(args))
    if field is None or field.page is None:
        raise StalePressError
    return field, args[1] if len(args) > 1 else field.page


def _typed_field(args: tuple[str, ...]) -> tuple[Field, str]:
    """The same, of a setting that has a form."""
    field, page = _field(args)
    if not is_typed(field):
        raise StalePressError
    return field, page
