"""`/support`: the link, and a form that writes the report for support."""

import secrets

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.support import SupportDraft
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import send
from bot.discord_ui.answering.router import Handler, fields, first
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.render import support as render


class SupportCommands(FeatureCog):
    """Helps a person write to the service's support. Their text is never stored."""

    def __init__(self, context: Context, localizer: Localizer) -> None:
        self._context = context
        self._localizer = localizer

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"support": self.press_support, "supform": self.press_form}

    def forms(self) -> dict[str, Handler]:
        """The form that this cog answers."""
        return {"supsend": self.send_form}

    @app_commands.command(
        name="support", description=locale_str(N_("Contact the service's support, with a report written for you"))
    )
    @app_commands.describe(service=locale_str(N_("Which service, if not this server's own")))
    @everywhere
    async def support(self, interaction: discord.Interaction, service: str | None = None) -> None:
        """Send the link and the button for the form."""
        await self._show(interaction, service)

    @support.autocomplete("service")
    @careful
    async def complete_service(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text, those of this server first."""
        return self._context.suggest(interaction, current)

    async def press_support(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Contact support*."""
        await self._show(interaction, first(args), next(iter(args[1:]), None))

    async def press_form(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Open the form."""
        answer = self._context.answer(interaction, self._context.service(interaction, first(args)))
        symptom = answer.service.symptom(next(iter(args[1:]), None))
        form = render.support_form(self._localizer.private(interaction), answer, secrets.token_hex(4), symptom)
        await interaction.response.send_modal(form)

    async def send_form(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Write the report from the form's fields."""
        service = self._context.service(interaction, first(args))
        filled = fields(interaction)
        draft = SupportDraft(
            happened=_first(filled, render.HAPPENED),
            since=_first(filled, render.SINCE),
            device=_first(filled, render.DEVICE),
            steps_tried=[int(n) for n in filled.get(render.STEPS, []) if n.isdecimal()],
            symptom=service.symptom(next(iter(args[2:]), None)),
            all_evidence=render.ALL_EVIDENCE in filled.get(render.EVIDENCE, []),
        )
        answer = self._context.answer(interaction, service)
        texts = self._localizer.of(service.support_language)
        card = render.support_text(texts, self._localizer.private(interaction), answer, draft)
        await send(interaction, card, private=True)

    async def _show(self, interaction: discord.Interaction, service: str | None, symptom: str | None = None) -> None:
        answer = self._context.answer(interaction, self._context.service(interaction, service))
        about = answer.service.symptom(symptom or answer.reported)
        card = render.support_card(self._localizer.private(interaction), answer, about)
        await send(interaction, card, private=True)


def _first(filled: dict[str, list[str]], name: str) -> str:
    return next(iter(filled.get(name, [])), "")
