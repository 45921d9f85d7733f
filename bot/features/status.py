"""Status: checking the sources of each service, and `/status`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.service import Service
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.status import StatusCommands
from bot.features.base import Base, Feature
from bot.features.outages import Outages
from bot.jobs import Job
from bot.usecases.reports.check_status import CheckStatus

LOOK_EVERY = 60.0
LOOK_IN_TROUBLE_EVERY = 20.0
LOOK_WHEN_GONE_EVERY = 900.0


@dataclass(frozen=True, slots=True)
class Status(Feature):
    """Checks the sources regularly, and when somebody asks."""

    base: Base
    outages: Outages
    check: CheckStatus

    def cogs(self) -> Sequence[FeatureCog]:
        """The command."""
        return (StatusCommands(self.base.context, self.check, self.outages.history),)

    def jobs(self) -> Sequence[Job]:
        """One job for each service that has sources."""
        return [self._check_job(service) for service in self.base.services if service.sources]

    def _check_job(self, service: Service) -> Job:
        async def look() -> None:
            # The leader checks the sources and sends the readings to the other processes. After its start each process
            # also checks once itself.
            if self.base.process.lead.held or not self.check.seen(service):
                await self.check.look(service)

        return Job(f"watch {service.id}", look, lambda: until_next_look(self.check, service))


def until_next_look(check: CheckStatus, service: Service) -> float:
    """Seconds until the next check of a service: fewer in trouble or doubt, many if all its pages are gone."""
    if check.in_trouble(service):
        return LOOK_IN_TROUBLE_EVERY
    return LOOK_WHEN_GONE_EVERY if check.gone(service) else LOOK_EVERY
