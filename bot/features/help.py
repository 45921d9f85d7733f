"""Help: `/500`, `/support` and the message command *Is it just them?*."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.ask import AskCommands
from bot.discord_ui.commands.help import HelpCommands
from bot.discord_ui.commands.support import SupportCommands
from bot.features.base import Base, Feature


@dataclass(frozen=True, slots=True)
class Help(Feature):
    """Answers that need no database query."""

    base: Base

    def cogs(self) -> Sequence[FeatureCog]:
        """The commands."""
        context, speech = self.base.context, self.base.speech
        return HelpCommands(context, speech), SupportCommands(context, speech), AskCommands(context)
