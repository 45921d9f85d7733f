"""`/setup`: *Try a message*, and the test of a server's own phrases."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.core.errors import WrongInputError
from bot.core.guild_settings import BY_NAME, Page
from bot.core.texts import N_
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, fields, id_of
from bot.discord_ui.places import calls, covering, is_solved, places_of
from bot.discord_ui.setup import trial_card as render
from bot.discord_ui.setup.forms import field_form
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.usecases.replies.judge_replies import ASKED
from bot.usecases.replies.notice_message import NoticeMessage
from bot.usecases.replies.read_message import IncomingMessage
from bot.usecases.servers.check_phrases import CheckPhrases
from bot.usecases.servers.drafts import Drafts

_MOST_EXAMPLES = 10


class TryPhrases(FeatureCog):
    """Shows which phrases match some examples, and then keeps the phrases, or opens the form with them again.

    Until then the phrases are in memory; the examples are not, because people wrote them.
    """

    def __init__(self, panel: SetupPanel, phrases: CheckPhrases, drafts: Drafts[Sequence[str]]) -> None:
        self._panel = panel
        self._phrases = phrases
        self._drafts = drafts

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {render.KEEP: self.press_keep, render.EDIT: self.press_edit}

    async def __call__(self, interaction: discord.Interaction, phrases: Sequence[str], examples: Sequence[str]) -> None:
        """Show the result privately. Raises WrongInputError if the phrases could not be saved."""
        async with defer_if_slow(interaction):
            matches = await self._phrases.matches(phrases, examples[:_MOST_EXAMPLES])
        self._drafts.put(server(interaction), interaction.user.id, phrases)
        await send(interaction, render.phrases_tried(self._panel.texts(interaction), phrases, matches), private=True)

    async def press_keep(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Save the tried phrases."""
        phrases = self._drafts.get(server(interaction), interaction.user.id)
        if phrases is None:
            error = WrongInputError("phrases", N_("That was too long ago. Type them again."))
            await self._panel.refuse(interaction, Page.WHAT, error)
            return
        await self._panel.change(interaction, {"phrases": list(phrases)}, Page.WHAT)

    async def press_edit(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form again, with the typed phrases."""
        settings = self._panel.settings(interaction)
        phrases = self._drafts.get(server(interaction), interaction.user.id)
        if phrases is not None:
            settings = replace(settings, phrases=tuple(phrases))
        texts = self._panel.texts(interaction)
        await interaction.response.send_modal(field_form(texts, settings, BY_NAME["phrases"], Page.WHAT))


class TrialCommands(FeatureCog):
    """Shows what the bot would do with a message, and why. The typed text is not stored."""

    def __init__(self, panel: SetupPanel, notice: NoticeMessage) -> None:
        self._panel = panel
        self._notice = notice

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"settryform": self.press_try}

    def forms(self) -> dict[str, Handler]:
        """The forms that this cog answers."""
        return {"settry": self.send_try}

    async def press_try(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form."""
        server(interaction)
        await interaction.response.send_modal(render.try_form(self._panel.texts(interaction)))

    async def send_try(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show whether this message would be answered, by which rule, and the reasons against an answer."""
        guild_id, typed = server(interaction), fields(interaction)
        text = next(iter(typed.get(render.TEXT, [])), "")
        place = id_of(next(iter(typed.get(render.PLACE, [])), "")) or interaction.channel_id or 0
        person = id_of(next(iter(typed.get(render.PERSON, [])), "")) or interaction.user.id
        channel: Any = interaction.guild.get_channel_or_thread(place) if interaction.guild else None
        cooled = covering(channel) if channel is not None else interaction.channel_id or 0
        me = interaction.client.user
        asked = ASKED if me is not None and calls(text, me.id, interaction.guild) else None
        roles = _roles_of(interaction, person)
        incoming = IncomingMessage(
            guild_id=guild_id,
            channel_id=cooled,
            author_id=person,
            text=text,
            places=places_of(channel),
            roles=roles,
            forced_rule=asked,
            written_in=place,
            solved=is_solved(channel),
        )
        trial = await self._notice.try_out(incoming)
        settings = self._panel.settings(interaction)
        await send(interaction, render.trial_card(self._panel.texts(interaction), text, trial, settings), private=True)


def _roles_of(interaction: discord.Interaction, person: int) -> frozenset[int]:
    if isinstance(interaction.user, discord.Member) and person == interaction.user.id:
        member: discord.Member | None = interaction.user
    else:
        data: Any = interaction.data or {}
        given = data.get("resolved", {}).get("members", {}).get(str(person))
        if given is not None:
            return frozenset(int(role) for role in given.get("roles", []))
        member = interaction.guild.get_member(person) if interaction.guild else None
    return frozenset(role.id for role in member.roles) if member else frozenset()
