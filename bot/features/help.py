"""Help: `/500`, `/help`, `/support` and the message command *Is it just them?*."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.ask import AskCommands
from bot.discord_ui.commands.help import HelpCommands
from bot.discord_ui.commands.support import SupportCommands
from bot.features.base import Base, Feature
from bot.jobs import Job

READ_AGAIN_EVERY = 3600.0


@dataclass(frozen=True, slots=True)
class Help(Feature):
    """Answers that need no database query; only helpful steps are written."""

    base: Base

    def cogs(self) -> Sequence[FeatureCog]:
        """The commands."""
        context, localizer = self.base.context, self.base.localizer
        return (
            HelpCommands(context, localizer, self.base.guide_steps, self.base.finders),
            SupportCommands(context, localizer),
            AskCommands(context, self.base.distress),
        )

    def jobs(self) -> Sequence[Job]:
        """Keep the counts of steps up to date."""
        return [Job("steps that helped", self.base.guide_steps.refresh, READ_AGAIN_EVERY)]
