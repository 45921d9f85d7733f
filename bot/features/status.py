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
"""Seconds between two checks whether a look is due."""


@dataclass(frozen=True, slots=True)
class Status(Feature):
    """Polls the sources regularly, and reads them on request."""

    base: Base
    outages: Outages
    check: CheckStatus
    looks: LookRegularly

    def cogs(self) -> Sequence[FeatureCog]:
        """The command."""
        return (StatusCommands(self.base.context, self.check, self.outages.history),)

    def jobs(self) -> Sequence[Job]:
        """Poll the sources of all followed services."""
        return [Job("watch the sources", self.looks.tick, DUE_EVERY, longest_pause=DUE_EVERY)]

    async def close(self) -> None:
        """Cancel the running looks."""
        await self.looks.close()
        await self.check.close()
