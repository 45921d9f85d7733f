"""Translates names and descriptions of commands, with the same catalogues as everything else."""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.core.texts import Languages


class CommandTranslator(app_commands.Translator):
    """discord.py asks it once for each sentence and language when it sends commands to Discord."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """The translated sentence; None if there is no translation."""
        del context  # the place of a sentence makes no difference
        translated = self._languages.texts(locale.value).say(string.message)
        return translated if translated != string.message else None
