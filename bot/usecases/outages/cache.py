"""The open outages and those of the last 30 days, in memory. The store is authoritative."""

from collections.abc import Container

from bot.core.outage_life import OPEN, REAL, Outage, Phase
from bot.core.reports import DAY
from bot.usecases.outages.ports import OutageStore
from bot.usecases.ports import Clock

OUTAGES_KEPT_FOR = 30 * DAY
"""How long an outage is remembered."""


ENOUGH_OUTAGES = 3
"""The typical duration is stated from this many outages on."""


class OutageCache:
    """Outages by id, including simulated ones."""

    def __init__(self) -> None:
        self._outages: dict[int, Outage] = {}

    async def load(self, store: OutageStore, clock: Clock) -> None:
        """Read everything at start. Raises StoreError."""
        for outage in await store.outages(int(clock()) - OUTAGES_KEPT_FOR):
            self.put(outage)

    def put(self, outage: Outage) -> None:
        """Add or replace an outage, as persisted."""
        self._outages[outage.id] = outage

    def get(self, outage_id: int) -> Outage | None:
        """The outage with this id."""
        return self._outages.get(outage_id)

    def open(self) -> list[Outage]:
        """All open outages, newest first."""
        return [one for one in reversed(self._outages.values()) if one.phase in OPEN]

    def is_open(self, outage_id: int) -> bool:
        """Whether the outage is known and was open when it was last written."""
        outage = self._outages.get(outage_id)
        return outage is not None and outage.phase in OPEN

    def current(self, service_id: str) -> Outage | None:
        """The open outage of a service, or None. A suspicion counts, a simulation does not."""
        return next((one for one in self.open() if one.service == service_id and not one.simulated), None)

    def recent(self, service_id: str) -> list[Outage]:
        """The outages of the last 30 days, newest first, without suspicions and simulations."""
        real = (one for one in self._outages.values() if one.phase in REAL and not one.simulated)
        return sorted((one for one in real if one.service == service_id), key=lambda one: one.began, reverse=True)

    def dismissed(self, service_id: str) -> list[Outage]:
        """The dismissed suspicions of the last 30 days (our false alarms), newest first."""
        passed = (one for one in self._outages.values() if one.phase is Phase.DISMISSED and not one.simulated)
        return sorted((one for one in passed if one.service == service_id), key=lambda one: one.began, reverse=True)

    def typical(self, service_id: str) -> int | None:
        """Seconds within which most outages of the last 30 days were over; None if there were too few."""
        lasted = sorted(
            outage.lasted for outage in self.recent(service_id) if outage.phase is Phase.OVER and not outage.unwatched
        )
        return lasted[len(lasted) // 2] if len(lasted) >= ENOUGH_OUTAGES else None

    def last(self, service_id: str) -> Outage | None:
        """The most recently stored outage of a service, regardless of the clock when it began."""
        return max(self.recent(service_id), key=lambda one: one.id, default=None)

    def simulated_in(self, guild_id: int) -> list[Outage]:
        """The simulated outages of a server."""
        return [one for one in self._outages.values() if one.simulated and one.guild_id == guild_id]

    def forget(self, outage_id: int) -> None:
        """Remove one outage."""
        self._outages.pop(outage_id, None)

    def keep_services(self, services: Container[str]) -> None:
        """Remove the outages of all other services; their posts are dropped as a consequence."""
        self._outages = {number: one for number, one in self._outages.items() if one.service in services}

    def forget_old(self, before: float, in_use: Container[int]) -> None:
        """Remove closed outages that began before `before`, and closed simulations.

        Those whose ids are `in_use` stay: they still have posts.
        """
        for outage in list(self._outages.values()):
            old = outage.began < before or outage.simulated
            if outage.phase not in OPEN and old and outage.id not in in_use:
                del self._outages[outage.id]
