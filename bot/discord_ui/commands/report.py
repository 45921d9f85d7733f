"""`/report`, its buttons (*I have this too*, *Broken for me*, *Works for me again*), and the menu of symptoms."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.service import Service, Symptom
from bot.core.texts import N_
from bot.discord_ui.answering.card_cache import PartCache
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.router import Handler, chosen, first
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.render.help import help_card
from bot.discord_ui.render.layout import Card
from bot.discord_ui.render.report import recorded, what_next
from bot.usecases.reports.record_report import Outcome, RecordReport


class ReportCommands(FeatureCog):
    """Records and withdraws reports."""

    def __init__(self, context: Context, localizer: Localizer, record: RecordReport, live: LiveReplies) -> None:
        self._context = context
        self._localizer = localizer
        self._record = record
        self._live = live
        self._rows = PartCache(what_next)

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"too": self.press_too, "ok": self.press_ok, "symptom": self.choose_symptom}

    @app_commands.command(
        name="report", description=locale_str(N_("Report that it isn't working for you; counts once every 15 minutes"))
    )
    @app_commands.describe(
        symptom=locale_str(N_("What's wrong")), service=locale_str(N_("Which service, if not this server's own"))
    )
    @everywhere
    async def report(
        self, interaction: discord.Interaction, symptom: str | None = None, service: str | None = None
    ) -> None:
        """Count the person, and answer with the number of others who reported."""
        meant = self._context.service(interaction, service)
        seen = self._context.symptom(meant, symptom)
        async with defer_if_slow(interaction):
            outcome = await self._count(interaction, meant, seen)
        await self._answer(interaction, meant, outcome, seen)

    @report.autocomplete("service")
    @careful
    async def complete_service(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text, those of this server first."""
        return self._context.suggest(interaction, current)

    @report.autocomplete("symptom")
    @careful
    async def complete_symptom(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """The service's own symptoms."""
        language = self._localizer.private(interaction).language
        return self._context.suggest_symptoms(interaction, current, language)

    async def press_too(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*I have this too* or *Broken for me* on a card, *Me too* on an auto-reply."""
        service = self._context.service(interaction, first(args))
        symptom = service.symptom(next(iter(args[1:]), None))
        async with defer_if_slow(interaction):
            outcome = await self._count(interaction, service, symptom)
        self._refresh(interaction)
        await self._answer(interaction, service, outcome, symptom)

    async def press_ok(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Works for me again*."""
        service = self._context.service(interaction, first(args))
        async with defer_if_slow(interaction):
            outcome = await self._record.withdraw(service, interaction.user.id)
        self._refresh(interaction)
        await self._answer(interaction, service, outcome)

    async def choose_symptom(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """The symptom, chosen after the report; the message with the menu is replaced."""
        service = self._context.service(interaction, first(args))
        symptom = self._context.symptom(service, next(iter(chosen(interaction)), None))
        async with defer_if_slow(interaction, replacing=True):
            outcome = await self._count(interaction, service, symptom)
        await update(interaction, self._card(interaction, service, outcome, symptom))

    async def _count(self, interaction: discord.Interaction, service: Service, symptom: Symptom | None) -> Outcome:
        # A server without the bot proves nothing, because its owner can create any number of them.
        guild_id = interaction.guild_id
        known = guild_id is not None and interaction.client.get_guild(guild_id) is not None
        symptom_id = symptom.id if symptom is not None else None
        return await self._record.report(service, interaction.user.id, guild_id if known else None, symptom_id)

    async def _answer(
        self, interaction: discord.Interaction, service: Service, outcome: Outcome, symptom: Symptom | None = None
    ) -> None:
        await send(interaction, self._card(interaction, service, outcome, symptom), private=True)

    def _card(
        self, interaction: discord.Interaction, service: Service, outcome: Outcome, symptom: Symptom | None
    ) -> Card:
        texts, answer = self._localizer.private(interaction), self._context.answer(interaction, service)
        if outcome is Outcome.NO_OUTAGE:
            return help_card(texts, answer, symptom)
        return recorded(texts, answer, outcome, symptom, self._rows.part)

    def _refresh(self, interaction: discord.Interaction) -> None:
        if interaction.message is not None:
            self._live.touch(interaction.message.id)
