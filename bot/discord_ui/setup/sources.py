"""`/setup`: what the bot can read in a server, and the optional AutoMod rule."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import discord

from bot.core.errors import WrongInputError
from bot.core.service import Service
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.router import Handler, chosen
from bot.discord_ui.setup import automod
from bot.discord_ui.setup.needs import SOURCES
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.sources_card import AutoModState, MessageSources, TextAccess
from bot.usecases.replies.ports import SecondStage

AutoModPhrases = Callable[[Service], Sequence[str]]


class InspectSources:
    """Finds out what the bot can read in a server."""

    def __init__(self, context: Context, phrases: AutoModPhrases, second: SecondStage | None) -> None:
        self._context = context
        self._phrases = phrases
        self._second = second

    def phrases(self, interaction: discord.Interaction) -> Sequence[str]:
        """The AutoMod phrases for the services that this server follows, taken from each in turn."""
        followed = self._context.services.followed_by(self._context.guilds.get(interaction.guild_id))
        in_turn = zip_longest(*map(self._phrases, followed))
        return [phrase for of_each in in_turn for phrase in of_each if phrase is not None]

    async def inspect(self, interaction: discord.Interaction) -> MessageSources:
        """The message sources of this server. Raises discord.HTTPException."""
        access = TextAccess(
            interaction.client.intents.message_content, self._second is not None and self._second.available
        )
        guild = interaction.guild
        if guild is None or not guild.me.guild_permissions.manage_guild:
            return MessageSources(access, AutoModState.NO_RIGHT)
        with _discord_may_refuse():
            try:
                rule = await automod.find(guild, self._context.guilds.get(guild.id).automod)
            except discord.Forbidden:
                return MessageSources(access, AutoModState.NO_RIGHT)
        if rule is None:
            return MessageSources(access, AutoModState.NONE)
        return MessageSources(access, self._state(interaction, rule), automod.alert_channel(rule))

    def _state(self, interaction: discord.Interaction, rule: discord.AutoModRule) -> AutoModState:
        if automod.alert_channel(rule) is None:
            return AutoModState.NO_ALERT
        if not rule.enabled:
            return AutoModState.OFF
        current = automod.is_current(rule, self.phrases(interaction))
        return AutoModState.CURRENT if current else AutoModState.OUTDATED


class AutoModCommands(FeatureCog):
    """Creates, updates and removes the AutoMod rule."""

    def __init__(self, panel: SetupPanel, sources: InspectSources) -> None:
        self._panel = panel
        self._sources = sources
        self._one_at_a_time = asyncio.Lock()  # two simultaneous presses must not create two rules

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "setautomod": self.choose_channel,
            "setautomodupdate": self.press_update,
            "setautomodoff": self.press_off,
        }

    async def choose_channel(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Create the rule with alerts in this channel, or move its alerts there; no channel removes the rule."""
        channels = chosen(interaction)
        await self._or_say(interaction, self._choose(interaction, channels) if channels else self._off(interaction))

    async def press_update(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Update the rule's phrases."""
        await self._or_say(interaction, self._keep_rule(interaction, None))

    async def press_off(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Remove the rule."""
        await self._or_say(interaction, self._off(interaction))

    async def _or_say(self, interaction: discord.Interaction, work: Awaitable[None]) -> None:
        try:
            await work
        except WrongInputError as error:
            await self._panel.refuse(interaction, SOURCES, error)

    async def _choose(self, interaction: discord.Interaction, channels: Sequence[str]) -> None:
        guild = await _begin(interaction)
        if not channels[0].isdecimal() or guild.get_channel(int(channels[0])) is None:
            raise WrongInputError("automod", N_("Choose a text channel of this server."))
        await self._keep_rule(interaction, int(channels[0]))

    async def _off(self, interaction: discord.Interaction) -> None:
        guild = await _begin(interaction)
        async with self._one_at_a_time:
            with _discord_may_refuse():
                rule = await automod.find(guild, self._panel.settings(interaction).automod)
                if rule is not None:
                    await rule.delete(reason=automod.RULE_NAME)
            await self._panel.change(interaction, {"automod": None}, SOURCES)

    async def _keep_rule(self, interaction: discord.Interaction, channel: int | None) -> None:
        """Create or update the rule. Without `channel` it keeps its channel for alerts."""
        guild, phrases = await _begin(interaction), self._sources.phrases(interaction)
        async with self._one_at_a_time:
            with _discord_may_refuse():
                rule = await automod.find(guild, self._panel.settings(interaction).automod)
                alerts = channel or (automod.alert_channel(rule) if rule else None)
                if alerts is not None:
                    rule = rule or await automod.ours(guild)
                    if rule is None:
                        rule = await automod.create(guild, phrases, alerts)
                    else:
                        await automod.bring_up_to_date(rule, phrases, alerts)
            if rule is None or alerts is None:
                await self._panel.show(interaction, SOURCES)
            else:
                await self._panel.change(interaction, {"automod": str(rule.id)}, SOURCES)


async def _begin(interaction: discord.Interaction) -> Any:
    """Check the permissions, and defer the answer, because Discord may need more than three seconds."""
    server(interaction)
    guild = interaction.guild
    if guild is None or not guild.me.guild_permissions.manage_guild:
        raise WrongInputError("automod", N_("Give me the Manage Server permission first."))
    if not interaction.response.is_done():
        await interaction.response.defer()
    return guild


@contextmanager
def _discord_may_refuse() -> Generator[None]:
    """Convert Discord's refusals, for example of a seventh keyword rule, to WrongInputError."""
    try:
        yield
    except discord.HTTPException as error:
        reason = error.text if error.text and error.code else error.status  # not the text of an error page
        raise WrongInputError("automod", N_("Discord didn't accept it: {reason}"), reason=reason) from error
