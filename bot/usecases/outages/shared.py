"""Finds other services that fail at the same time, for example because of a provider in front of all of them."""

from bot.core.outage_life import Outage, Phase
from bot.core.reports import HOUR
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.services import Services

SHARED_WITHIN = HOUR
"""Outages that began within this time of one another may have the same cause."""


class SharedFailures:
    """Compares the outages that are on now, and uses nothing else."""

    def __init__(self, services: Services, outages: OutageCache, scopes: OutageScopes) -> None:
        self._services = services
        self._outages = outages
        self._scopes = scopes

    def too(self, outage: Outage | None, guild_id: int | None) -> tuple[str, ...]:
        """The names of the other services that fail as well, in the order in which they began to fail.

        Empty if the outage is not on, or simulated. Outages that only concern other servers are left out.
        """
        if outage is None or not _is_on(outage):
            return ()
        others = [one for one in self._outages.open() if one.service != outage.service and _is_on(one)]
        together = [one for one in others if abs(one.began - outage.began) <= SHARED_WITHIN]
        together = [one for one in together if self._scopes.concerns(one.service, guild_id)]
        ids = [one.service for one in sorted(together, key=lambda one: one.began)]
        return tuple(self._services.get(one).name for one in ids if one in self._services)


def _is_on(outage: Outage) -> bool:
    return outage.phase is Phase.ON and not outage.simulated
