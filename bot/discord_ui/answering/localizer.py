"""Chooses the language: the person's own in private, the server's in public."""

import discord

from bot.core.texts import Languages, Texts
from bot.usecases.servers.configure_guild import GuildCache

_UNKNOWN = "en"
"""The language if Discord names none."""


class Localizer:
    """Finds the sentences for an interaction or a server."""

    def __init__(self, languages: Languages, guilds: GuildCache) -> None:
        self._languages = languages
        self._guilds = guilds

    def private(self, interaction: discord.Interaction) -> Texts:
        """The language of the person's Discord."""
        return self._languages.texts(interaction.locale.value or _UNKNOWN)

    def public(self, guild_id: int | None, guild_locale: discord.Locale | None) -> Texts:
        """The language that moderators chose, otherwise the server's, otherwise English."""
        chosen = self._guilds.get(guild_id).language
        return self._languages.texts(chosen or (guild_locale.value if guild_locale else "") or _UNKNOWN)

    def of(self, language: str) -> Texts:
        """A language by name."""
        return self._languages.texts(language)
