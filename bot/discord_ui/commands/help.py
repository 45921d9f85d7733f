"""`/500` and `/help`, the menu *What do you see?*, and the buttons that open a guide."""

from collections.abc import Mapping

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.errors import WrongInputError
from bot.core.service import Service, Symptom
from bot.core.step_scores import NOTHING
from bot.core.symptom_finder import SymptomFinder
from bot.core.texts import N_
from bot.discord_ui.answering.card_cache import CardCache
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.router import Handler, chosen, first, id_of
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.render.help import NOTHING_HELPED, first_card, guide_card, help_card, thanks, why_card
from bot.usecases.reports.count_helpful_steps import CountHelpfulSteps, Unknown

KIND = "kind"


class HelpCommands(FeatureCog):
    """The guides with the live evidence, from memory."""

    def __init__(
        self, context: Context, localizer: Localizer, steps: CountHelpfulSteps, finders: Mapping[str, SymptomFinder]
    ) -> None:
        self._context = context
        self._localizer = localizer
        self._steps = steps
        self._finders = finders
        self._cards = CardCache(help_card)
        self._guides = CardCache(guide_card)
        self._first_cards = CardCache(first_card)

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"help": self.press_help, "why": self.press_why, "see": self.choose_kind, "helped": self.choose_step}

    @app_commands.command(
        name="500", description=locale_str(N_("Internal server error? What to do, and whether it's just you"))
    )
    @app_commands.describe(
        kind=locale_str(N_("What you see, if it's something else")),
        service=locale_str(N_("Which service, if not this server's own")),
    )
    @everywhere
    async def five_hundred(
        self, interaction: discord.Interaction, kind: str | None = None, service: str | None = None
    ) -> None:
        """Answer from memory: public once per minute and channel, else private."""
        await self._answer(interaction, "500", self._cards, kind, service)

    @app_commands.command(
        name="help", description=locale_str(N_("Something else wrong? Say what you see, and I'll show what helps"))
    )
    @app_commands.describe(
        kind=locale_str(N_("What you see")), service=locale_str(N_("Which service, if not this server's own"))
    )
    @everywhere
    async def ask_what(
        self, interaction: discord.Interaction, kind: str | None = None, service: str | None = None
    ) -> None:
        """Ask what the person sees: the entry point for anything but a 500."""
        await self._answer(interaction, "help", self._first_cards if kind is None else self._cards, kind, service)

    @five_hundred.autocomplete("service")
    @ask_what.autocomplete("service")
    @careful
    async def complete_service(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text, those of this server first."""
        return self._context.suggest(interaction, current)

    @five_hundred.autocomplete(KIND)
    @ask_what.autocomplete(KIND)
    @careful
    async def complete_kind(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """The service's own symptoms."""
        return self._context.suggest_symptoms(interaction, current, self._localizer.private(interaction).language)

    async def press_help(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*What helps?*: the guide of the button's symptom, or of the one this person reported, privately."""
        answer = self._context.answer(interaction, self._context.service(interaction, first(args)))
        symptom = answer.service.symptom(next(iter(args[1:]), None)) or answer.service.symptom(answer.reported)
        await send(interaction, self._guides.card(self._localizer.private(interaction), answer, symptom), private=True)

    async def press_why(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*More help*."""
        answer = self._context.answer(interaction, self._context.service(interaction, first(args)))
        symptom = answer.service.symptom(next(iter(args[1:]), None))
        await send(interaction, why_card(self._localizer.private(interaction), answer, symptom), private=True)

    async def choose_kind(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*What do you see?*: the guide of that symptom. It replaces the card if only this person sees it."""
        answer = self._context.answer(interaction, self._context.service(interaction, first(args)))
        symptom = self._context.symptom(answer.service, next(iter(chosen(interaction)), None), KIND)
        card = self._guides.card(self._localizer.private(interaction), answer, symptom)
        if interaction.message is not None and interaction.message.flags.ephemeral:
            await update(interaction, card)
        else:
            await send(interaction, card, private=True)
        if symptom is not None and not symptom.known:
            await self._steps.unknown(interaction.guild_id, Unknown.CHOSEN)

    async def choose_step(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Did it help?*: count the step that helped, without the person."""
        service = self._context.service(interaction, first(args))
        symptom_id, step = next(iter(args[1:]), ""), next(iter(chosen(interaction)), "")
        async with defer_if_slow(interaction):
            number = NOTHING if step == NOTHING_HELPED else id_of(step)
            counted = number is not None and await self._steps.helped(service, symptom_id, interaction.user.id, number)
        await send(interaction, thanks(self._localizer.private(interaction), counted=counted), private=True)

    async def _kind(self, interaction: discord.Interaction, meant: Service, typed: str | None) -> Symptom | None:
        """The symptom chosen from the list, or named in the typed text."""
        try:
            return self._context.symptom(meant, typed, KIND)
        except WrongInputError:
            found = self._finders[meant.id].find(typed or "")
            if found is not None:
                return found.symptom
            await self._steps.unknown(interaction.guild_id, Unknown.TYPED)
            raise

    async def _answer(
        self, interaction: discord.Interaction, command: str, cards: CardCache, kind: str | None, service: str | None
    ) -> None:
        meant = self._context.service(interaction, service)
        symptom = await self._kind(interaction, meant, kind)
        with self._context.audience(interaction, command) as (public, texts):
            card = cards.card(texts, self._context.answer(interaction, meant), symptom)
            await send(interaction, card, private=not public)
