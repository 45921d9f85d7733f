"""Status: reading the sources of the followed services, and `/status`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.status import StatusCommands
from bot.features.base import Base, Feature
from bot.features.outages import Outages
from bot.jobs import Job
from bot.usecases.reports.check_status import CheckStatus
from bot.usecases.reports.look_regularly import LookRegularly

DUE_EVERY = 2.0
"""Seconds after which it is seen whether a look is due."""


@dataclass(frozen=True, slots=True)
class Status(Feature):
    """Checks the sources regularly, and when somebody asks."""

    base: Base
    outages: Outages
    check: CheckStatus
    looks: LookRegularly

    def cogs(self) -> Sequence[FeatureCog]:
        """The command."""
        return (StatusCommands(self.base.context, self.check, self.outages.history),)

    def jobs(self) -> Sequence[Job]:
        """Look at the sources of all followed services."""
        return [Job("watch the sources", self.looks.tick, DUE_EVERY, longest_pause=DUE_EVERY)]

    async def close(self) -> None:
        """Cancel the looks that are running."""
        await self.looks.close()
        await self.check.close()
