"""The context that nearly every command needs: the service, and whether the answer may be public."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import discord
from discord.app_commands import Choice

from bot.core.cooldowns import Cooldowns
from bot.core.errors import WrongInputError
from bot.core.service import Service, Symptom
from bot.core.texts import N_, Texts
from bot.discord_ui.answering.localizer import Localizer
from bot.usecases.ports import Clock
from bot.usecases.reports.answer_help import AnswerHelp, HelpAnswer
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

PUBLIC_EVERY = 60
"""Seconds between two public answers of one kind in a channel. Answers in between are private."""


class Context:
    """Translates an interaction into the product's terms."""

    def __init__(
        self, services: Services, guilds: GuildCache, answers: AnswerHelp, localizer: Localizer, clock: Clock
    ) -> None:
        self.services = services
        self.guilds = guilds
        self._answers = answers
        self._localizer = localizer
        self._clock = clock
        self._public = Cooldowns()

    def service(self, interaction: discord.Interaction, name: str | None = None) -> Service:
        """The service with the typed name, or this server's. Raises UnknownServiceError."""
        return self.services.find(name, self.guilds.get(interaction.guild_id).service)

    def answer(self, interaction: discord.Interaction, service: Service) -> HelpAnswer:
        """The state of the service, for this person in this server."""
        return self._answers.answer(service, interaction.guild_id, interaction.user.id)

    @contextmanager
    def audience(self, interaction: discord.Interaction, kind: str) -> Generator[tuple[bool, Texts]]:
        """Whether this kind of answer goes to the whole channel, and the language to use; send it inside.

        A public answer starts the channel's cooldown. If the answer is not sent, the cooldown ends.
        """
        if not self._may_be_public(interaction, kind):
            yield False, self._localizer.private(interaction)
            return
        try:
            yield True, self._localizer.public(interaction.guild_id, interaction.guild_locale or interaction.locale)
        except BaseException:
            self._public.release((kind, interaction.channel_id))
            raise

    def _may_be_public(self, interaction: discord.Interaction, kind: str) -> bool:
        if interaction.guild_id is None:
            return True
        if interaction.is_user_integration() and not interaction.is_guild_integration():
            return False
        return self._public.take((kind, interaction.channel_id), self._clock(), PUBLIC_EVERY)

    def private_texts(self, interaction: discord.Interaction) -> Texts:
        """The language of an answer that only this person sees."""
        return self._localizer.private(interaction)

    def suggest(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Services for autocomplete, those that this server follows first."""
        followed = self.services.followed_by(self.guilds.get(interaction.guild_id))
        return [Choice(name=s.name, value=s.id) for s in self.services.suggest(typed, first=followed)]

    def symptom(self, service: Service, typed: str | None, option: str = "symptom") -> Symptom | None:
        """The symptom that was typed or chosen, or None. Raises WrongInputError, which names the option."""
        if typed is None:
            return None
        wanted = typed.strip().casefold()
        for symptom in service.symptoms:
            if wanted in {symptom.id, *(name.casefold() for name in symptom.names.values())}:
                return symptom
        raise WrongInputError(
            option, N_("Please choose the kind of trouble from the list that appears while you type.")
        )

    def suggest_symptoms(self, interaction: discord.Interaction, typed: str, language: str) -> list[Choice[str]]:
        """The symptoms of the typed service, or of this server's, for autocomplete."""
        namespace: Any = interaction.namespace
        service = self.service(interaction, getattr(namespace, "service", None))
        named = ((s.name(language)[:100], s.id) for s in service.symptoms)
        wanted = typed.strip().casefold()
        return [Choice(name=name, value=sid) for name, sid in named if wanted in name.casefold()][:25]
