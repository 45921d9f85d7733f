"""Names and descriptions of commands in other languages, from the same catalogues as everything else."""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.core.texts import Languages


class CommandTranslator(app_commands.Translator):
    """Asked once for each sentence and language when commands are synced."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """The sentence, or None where nobody has translated it."""
        del context  # a sentence is translated the same wherever it stands
        said = self._languages.texts(locale.value).say(string.message)
        return said if said != string.message else None
