"""Shared by all parts of `/setup`: the moderator's permission, the current panel, and its pages."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.core.errors import WrongInputError
from bot.core.gone import Gone, named
from bot.core.guild_settings import FIELDS, GuildSettings, Page
from bot.core.own_phrases import phrase_rule
from bot.core.setting_kinds import Channel, Place
from bot.core.texts import Languages, Texts
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.failures import wrong_input
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.tree import must_manage_server
from bot.discord_ui.permissions import VOICE_NEED, PermissionNeed, is_open_to_all, missing_in, without_connect
from bot.discord_ui.render.layout import Card, note
from bot.discord_ui.render.rules import KINDS
from bot.discord_ui.setup.checks import announce_card
from bot.discord_ui.setup.guide import GUIDE
from bot.discord_ui.setup.needs import SOURCES
from bot.discord_ui.setup.overview import MORE, SIMULATE, WHY, away_text, more_card, overview_card, simulation_card
from bot.discord_ui.setup.pages import MAIN, TITLES, settings_page
from bot.discord_ui.setup.server_parts import find_gone, is_away
from bot.discord_ui.setup.sources_card import MessageSources, sources_card
from bot.discord_ui.setup.state import Panel
from bot.discord_ui.setup.values import Names
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.replies.judge_replies import RuleCache
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.reports.count_helpful_steps import CountHelpfulSteps
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import ConfigureGuild

_FOR_MODERATORS = [one.name for one in FIELDS if isinstance(one.kind, Channel) and one.kind.place is Place.MODERATORS]
_NOTIFIED_IN = ("outage_channel", *_FOR_MODERATORS)
"""Settings for channels in which the bot writes unprompted."""
Inspect = Callable[[discord.Interaction], Awaitable[MessageSources]]
_OTHERS: Mapping[str, Callable[[Texts, Panel], Card]] = {
    MAIN: overview_card,
    MORE: more_card,
    SIMULATE: simulation_card,
    WHY: announce_card,
    **GUIDE,
}


class SetupPanel:
    """Shows pages and changes settings; every call checks the moderator's permission."""

    def __init__(
        self,
        *,
        context: Context,
        localizer: Localizer,
        languages: Languages,
        configure: ConfigureGuild,
        rules: RuleCache,
        phrases: PhraseSets,
        closed: ClosedChannels,
        inspect: Inspect,
        steps: CountHelpfulSteps,
        outages: OutageCache,
        scopes: OutageScopes,
    ) -> None:
        self._outages = outages
        self._scopes = scopes
        self.context = context
        self._localizer = localizer
        self._languages = languages
        self._configure = configure
        self._rules = rules
        self._phrases = phrases
        self._closed = closed
        self._inspect = inspect
        self._steps = steps

    def texts(self, interaction: discord.Interaction) -> Texts:
        """The moderator's own language."""
        return self._localizer.private(interaction)

    def public_texts(self, interaction: discord.Interaction) -> Texts:
        """The language of public answers here."""
        return self._localizer.public(interaction.guild_id, interaction.guild_locale)

    def names(self) -> Names:
        """The available languages and services."""
        services = {service.id: service.name for service in self.context.services.known}
        return {"language": self._languages.names(), "service": services, "more_services": services}

    def is_set_up(self, guild_id: int) -> bool:
        """Whether a moderator has set anything in this server."""
        return self.context.guilds.get(guild_id) != GuildSettings()

    def settings(self, interaction: discord.Interaction) -> GuildSettings:
        """The server's settings."""
        return self.context.guilds.get(server(interaction))

    async def change(
        self, interaction: discord.Interaction, values: Mapping[str, Any], page: str, left_out: Sequence[str] = ()
    ) -> None:
        """Set values (as JSON) and show the page again, with the reason if they were refused. Raises StoreError.

        `left_out`: chosen items that were deleted meanwhile.
        """
        guild_id = server(interaction)
        try:
            async with defer_if_slow(interaction, replacing=True):
                await self._configure.change(guild_id, interaction.user.id, values)
        except WrongInputError as error:
            await self.refuse(interaction, page, error)
        else:
            await self.show(interaction, page, left_out)

    async def refuse(self, interaction: discord.Interaction, page: str, error: WrongInputError) -> None:
        """Show the page again with the current settings, and the reason why the choice was refused."""
        await self.show(interaction, page, notice=self.sentence(interaction, error))

    def sentence(self, interaction: discord.Interaction, error: WrongInputError) -> str:
        """The reason why something was refused."""
        return f"⚠️ {wrong_input(self.texts(interaction), error)}"

    async def show(
        self, interaction: discord.Interaction, page: str, left_out: Sequence[str] = (), notice: str = ""
    ) -> None:
        """Show a page in the pressed panel."""
        server(interaction)
        if page == SOURCES and not interaction.response.is_done():
            await interaction.response.defer()  # this page needs requests to Discord, which may be slow
        async with defer_if_slow(interaction, replacing=True):
            card = await self.card(interaction, page, left_out, notice)
        await update(interaction, card)

    async def tell_if_away(self, interaction: discord.Interaction) -> bool:
        """If the server is unavailable, tell the moderator that nothing can be chosen now. Return whether it is."""
        server(interaction)
        if not is_away(interaction):
            return False
        await send(interaction, note(away_text(self.texts(interaction))), private=True)
        return True

    async def card(
        self, interaction: discord.Interaction, page: str, left_out: Sequence[str] = (), notice: str = ""
    ) -> Card:
        """The current state of a page; for an unknown page the first one."""
        texts, guild_id = self.texts(interaction), server(interaction)
        panel = replace(await self._panel(interaction, guild_id), left_out=left_out, notice=notice)
        if page == SOURCES and not panel.away:  # otherwise there is nothing to ask Discord
            return sources_card(texts, panel, await self._inspect(interaction))
        if page == Page.WHAT:
            panel = replace(panel, unknown=await self._steps.unknown_in(guild_id))
        if page in TITLES and page != SOURCES:
            return settings_page(texts, panel, page)
        return _OTHERS.get(page, overview_card)(texts, panel)

    async def _panel(self, interaction: discord.Interaction, guild_id: int) -> Panel:
        settings, guild = self.context.guilds.get(guild_id), interaction.guild
        away = guild is None or is_away(interaction)
        gone = Gone() if guild is None or away else await find_gone(guild, settings)
        own = {phrase_rule(phrase) for phrase in settings.phrases}
        written_in = frozenset[int]() if away else named(settings, ("channels", "dry_run")) - gone.channels
        return Panel(
            settings=settings,
            service=self.context.service(interaction),
            names=self.names(),
            has_message_text=interaction.client.intents.message_content,
            missing=_missing_in(interaction, written_in, settings.denied_channels),
            lacking={} if away else {name: _lacking(interaction, settings, gone, name) for name in _NOTIFIED_IN},
            open_to_all=[name for name in _FOR_MODERATORS if _is_open(interaction, getattr(settings, name))],
            may_call_role=_may_call(interaction, settings),
            closed=[closed for closed in self._closed.of(guild_id) if not closed.gone],
            resting=self._phrases.resting(guild_id, settings.phrases),
            refused=self._phrases.refused(guild_id, settings.phrases),
            scores={r: score for r, score in self._rules.of(guild_id).items() if r in KINDS or r in own},
            gone=gone,
            left_out=(),
            away=away,
            outage=self._outages.current(self.context.service(interaction).id),
            outage_elsewhere=not self._scopes.concerns(self.context.service(interaction).id, interaction.guild_id),
            nonce=f"{interaction.id:x}",
        )


def server(interaction: discord.Interaction) -> int:
    """The server's id, after checking the moderator's permission again."""
    must_manage_server(interaction)
    assert interaction.guild_id is not None, "checked just before"
    return interaction.guild_id


def _may_call(interaction: discord.Interaction, settings: GuildSettings) -> bool:
    """Whether the bot may mention the outage role. The order of roles in the server makes no difference."""
    guild = interaction.guild
    role = guild.get_role(settings.outage_role) if guild and settings.outage_role is not None else None
    if guild is None or role is None or role.mentionable:
        return True
    channel = guild.get_channel(settings.outage_channel or 0)
    have = guild.me.guild_permissions if channel is None else channel.permissions_for(guild.me)
    return have.mention_everyone


def _missing_in(
    interaction: discord.Interaction, channels: Collection[int], denied: Collection[int]
) -> dict[int, list[PermissionNeed]]:
    """The permissions we lack in these channels, and in a category's voice channels that are not excluded."""
    lacking: dict[int, list[PermissionNeed]] = {}
    for number in sorted(channels):
        lacking[number] = _missing(interaction, number)
        channel = interaction.guild.get_channel(number) if interaction.guild else None
        if isinstance(channel, discord.CategoryChannel):
            lacking |= {voice.id: [VOICE_NEED] for voice in without_connect(channel) if voice.id not in denied}
    return lacking


def _lacking(
    interaction: discord.Interaction, settings: GuildSettings, gone: Gone, name: str
) -> Sequence[PermissionNeed]:
    """The permissions we lack in the channel of a setting."""
    channels = named(settings, (name,)) - gone.channels
    return [need for one in channels for need in _missing(interaction, one, outages=name == "outage_channel")]


def _is_open(interaction: discord.Interaction, channel_id: int | None) -> bool:
    channel = interaction.guild.get_channel(channel_id) if interaction.guild and channel_id is not None else None
    return channel is not None and is_open_to_all(channel)


def _missing(interaction: discord.Interaction, channel_id: int, *, outages: bool = False) -> list[PermissionNeed]:
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if guild is None or channel is None:
        return []  # an archived thread, whose permissions are unknown
    return missing_in(channel, outages=outages)
