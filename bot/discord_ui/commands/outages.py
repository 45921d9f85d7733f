"""`/outages` and `/back`, and their buttons: recent outages, and a mention when a service is back."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.core.errors import WrongInputError
from bot.core.outage_life import OPEN, Phase
from bot.core.service import Service
from bot.core.texts import N_, Texts
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.router import Handler, chosen, first
from bot.discord_ui.answering.tree import careful, everywhere
from bot.discord_ui.render import history as render
from bot.discord_ui.render.chart import in_words
from bot.discord_ui.render.layout import PICTURE, Card, note
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.history import ShowHistory
from bot.usecases.outages.wait_for_recovery import BY_MESSAGE, WaitForRecovery


class OutageCommands(FeatureCog):
    """Shows outages, and manages the list of people who want to be notified."""

    def __init__(
        self,
        context: Context,
        localizer: Localizer,
        history: ShowHistory,
        cache: OutageCache,
        waiting: WaitForRecovery,
    ) -> None:
        self._context = context
        self._localizer = localizer
        self._history = history
        self._cache = cache
        self._waiting = waiting

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "outages": self.press_outages,
            "outage": self.choose_outage,
            "back": self.press_back,
            "backdm": self.press_by_message,
            "backstop": self.press_stop,
        }

    @app_commands.command(name="outages", description=locale_str(N_("Recent outages: when, how long, how many people")))
    @app_commands.describe(service=locale_str(N_("Which service, if not this server's own")))
    @everywhere
    async def outages(self, interaction: discord.Interaction, service: str | None = None) -> None:
        """Send the outages of the last 30 days."""
        meant = self._context.service(interaction, service)
        with self._context.audience(interaction, "outages") as (public, texts):
            async with defer_if_slow(interaction, private=not public):
                card, file = await self._list(interaction, texts, meant)
            await send(interaction, card, private=not public, file=file)

    @outages.autocomplete("service")
    @careful
    async def complete_service(self, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        """Services whose name contains the typed text, those of this server first."""
        return self._context.suggest(interaction, current)

    @app_commands.command(name="back", description=locale_str(N_("What you're waiting for, and how to stop it")))
    @everywhere
    async def back(self, interaction: discord.Interaction) -> None:
        """Send the list of services that this person waits for."""
        async with defer_if_slow(interaction):
            card = await self._waits(interaction)
        await send(interaction, card, private=True)

    async def press_outages(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*All outages*, privately."""
        texts = self._localizer.private(interaction)
        async with defer_if_slow(interaction):
            card, file = await self._list(interaction, texts, self._context.service(interaction, first(args)))
        await send(interaction, card, private=True, file=file)

    async def choose_outage(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Send one outage in detail, privately."""
        service, texts = self._context.service(interaction, first(args)), self._localizer.private(interaction)
        number = next(iter(chosen(interaction)), "")
        outage = self._cache.get(int(number)) if number.isdecimal() and len(number) < 19 else None  # noqa: PLR2004
        if outage is None or outage.service != service.id or outage.simulated:
            raise WrongInputError("outage", N_("Please choose one from the list. I forget outages after 30 days."))
        async with defer_if_slow(interaction):
            drawn = await self._history.around(service, outage, interaction.guild_id)
        card = render.outage_card(texts, service, outage, in_words(texts, drawn.chart, past=True))
        await send(interaction, card, private=True, file=(PICTURE, drawn.png))

    async def press_back(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Tell me when it's back*: here, if the bot may write here; otherwise it first offers a direct message."""
        service, texts = self._context.service(interaction, first(args)), self._localizer.private(interaction)
        scope = self._scope(service, args)
        in_guild = interaction.guild_id is not None
        current = self._cache.current(service.id)
        # A service that failed several times may fail again, so subscribers are notified when the outage is over.
        if not scope and current is not None and current.phase is Phase.RECOVERING and not current.unstable:
            await send(interaction, render.back_already(texts, service, current), private=True)
            return
        if _only_a_guest(interaction):
            await send(interaction, render.only_by_message(texts, service, scope), private=True)
            return
        async with defer_if_slow(interaction):
            guild_id = interaction.guild_id or BY_MESSAGE
            await self._waiting.wait(service, interaction.user.id, guild_id, interaction.channel_id or 0, scope)
        card = render.will_call(texts, service, scope, going_on=self._going_on(service, scope), by_message=not in_guild)
        await send(interaction, card, private=True)

    async def press_by_message(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Send me a message instead*."""
        service, texts = self._context.service(interaction, first(args)), self._localizer.private(interaction)
        scope = self._scope(service, args)
        async with defer_if_slow(interaction):
            await self._waiting.wait(service, interaction.user.id, BY_MESSAGE, 0, scope)
        card = render.will_call(texts, service, scope, going_on=self._going_on(service, scope), by_message=True)
        await update(interaction, card)

    async def press_stop(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*Don't ping me*."""
        service = self._context.service(interaction, first(args)) if args else None
        async with defer_if_slow(interaction):
            await self._waiting.stop(interaction.user.id, service)
        texts = self._localizer.private(interaction)
        await update(interaction, note(texts.say("Okay, I won't ping you.")))

    def _scope(self, service: Service, args: tuple[str, ...]) -> int:
        """The id of a simulated outage that is still on, or 0 for the real service."""
        number = args[1] if len(args) > 1 else "0"
        outage = self._cache.get(int(number)) if number.isdecimal() else None
        return outage.id if outage and outage.simulated and outage.phase in OPEN and outage.service == service.id else 0

    def _going_on(self, service: Service, scope: int) -> bool:
        return bool(scope) or self._cache.current(service.id) is not None

    async def _waits(self, interaction: discord.Interaction) -> Card:
        waits = [wait for wait in await self._waiting.waits(interaction.user.id) if not wait.scope]
        known = self._context.services
        services = [(known.get(wait.service), wait.guild_id == BY_MESSAGE) for wait in waits if wait.service in known]
        return render.waiting_card(self._localizer.private(interaction), services)

    async def _list(
        self, interaction: discord.Interaction, texts: Texts, service: Service
    ) -> tuple[Card, tuple[str, bytes]]:
        drawn = await self._history.month(service, interaction.guild_id)
        card = render.outages_card(texts, service, drawn.outages, in_words(texts, drawn.chart))
        return card, (PICTURE, drawn.png)


def _only_a_guest(interaction: discord.Interaction) -> bool:
    """Whether the bot may answer here, but not write on its own: it is not in the server, or lacks the permission."""
    if interaction.guild_id is None:
        return isinstance(interaction.channel, discord.GroupChannel) or interaction.context.private_channel
    if interaction.client.get_guild(interaction.guild_id) is None:
        return True
    if interaction.channel is None:
        return True  # a new kind of channel, which discord.py does not know
    have = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return not (have.view_channel and (have.send_messages_in_threads if in_thread else have.send_messages))
