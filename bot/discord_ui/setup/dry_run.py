"""*Right* and *Wrong* under dry-run lines: they count for the rule, like replies and wrong replies."""

import discord

from bot.core.own_phrases import phrase_rule
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import defer_if_slow, send, update
from bot.discord_ui.answering.router import Handler, StalePressError, first
from bot.discord_ui.render.layout import note
from bot.discord_ui.render.rules import DRY_RIGHT, DRY_WRONG, KINDS, judged_text
from bot.usecases.replies.judge_replies import JudgeReplies
from bot.usecases.servers.configure_guild import GuildCache


class DryRunVerdicts(FeatureCog):
    """Accepts one moderator's judgement of a line. The line then shows it, without buttons."""

    def __init__(self, localizer: Localizer, judge: JudgeReplies, guilds: GuildCache) -> None:
        self._localizer = localizer
        self._judge = judge
        self._guilds = guilds

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {DRY_RIGHT: self._judging(right=True), DRY_WRONG: self._judging(right=False)}

    def _judging(self, *, right: bool) -> Handler:
        async def press(interaction: discord.Interaction, args: tuple[str, ...]) -> None:
            rule, line = first(args), interaction.message
            may = interaction.permissions
            if interaction.guild_id is None or line is None or not (may.manage_guild or may.manage_messages):
                texts = self._localizer.private(interaction)
                await send(interaction, note(texts.say("Only moderators can judge this.")), private=True)
                return
            phrases = self._guilds.get(interaction.guild_id).phrases
            if rule not in KINDS and rule not in map(phrase_rule, phrases):
                raise StalePressError
            async with defer_if_slow(interaction, replacing=True):
                turned_off = await self._judge.dry_run(interaction.guild_id, rule, right=right)
            texts = self._localizer.public(interaction.guild_id, interaction.guild_locale)
            text = judged_text(texts, _text_of(line), interaction.user.id, right=right, turned_off=turned_off)
            await update(interaction, note(text))

        return press


def _text_of(line: discord.Message) -> str:
    """The text of our line, as sent."""
    shown = next((part for part in line.components if isinstance(part, discord.TextDisplay)), None)
    return shown.content if shown is not None else ""
