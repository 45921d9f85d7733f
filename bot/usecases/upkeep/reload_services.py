"""Changed service files take effect without a restart. A service with faulty files keeps its previous version."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field

from bot.core.errors import ConfigurationError
from bot.core.service import KnownService, Service
from bot.usecases.services import Services, ServicesRead

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids of the services that a reload has added, changed and removed."""

    added: Sequence[str] = field(default_factory=tuple[str, ...])
    changed: Sequence[str] = field(default_factory=tuple[str, ...])
    removed: Sequence[str] = field(default_factory=tuple[str, ...])

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class ReloadServices:
    """Reloads the files on request, or when they have changed.

    `read` reads all folders, and `mark` returns a value that changes with the operator's files; both may block. `learn`
    gives new services their numbers in the database. `changed` notifies the parts that hold data of a service.
    """

    def __init__(
        self,
        services: Services,
        read: Callable[[], ServicesRead],
        mark: Callable[[], Hashable],
        learn: Callable[[Sequence[str]], Awaitable[None]],
        changed: Callable[[Changes], Awaitable[None]],
    ) -> None:
        self._services = services
        self._read = read
        self._mark = mark
        self._learn = learn
        self._changed = changed
        self._read_as: Hashable = mark()
        self._seen_as: Hashable = self._read_as
        self._one_at_a_time = asyncio.Lock()

    async def notice(self) -> None:
        """Reload the files if they have changed since the last reading and are no longer changing.

        Raises StoreError.
        """
        mark = await asyncio.to_thread(self._mark)
        before, self._seen_as = self._seen_as, mark
        if mark != self._read_as and mark == before:
            await self.now()

    async def now(self) -> None:
        """Reload the files. Raises StoreError if a new service could not be stored; then nothing has changed."""
        async with self._one_at_a_time:
            mark = await asyncio.to_thread(self._mark)
            try:
                found = await asyncio.to_thread(self._read)
                services = self._with_old_ones(found)
            except ConfigurationError as error:
                self._read_as = mark
                for fault in str(error).splitlines():
                    _logger.error("service files not reloaded; keeping all services unchanged", extra={"fault": fault})  # noqa: TRY400 - the fault says it all
                return
            for fault in found.faults:
                _logger.error(
                    "service file invalid; keeping the previous version of the service", extra={"fault": fault}
                )
            await self._take(services, found.others)
            self._read_as = mark

    def _with_old_ones(self, found: ServicesRead) -> list[Service]:
        """The new list of services. A service with a fault keeps its current version, if there is one."""
        old = {service.id: service for service in self._services}
        services = [service for one in found.ids if (service := found.services.get(one) or old.get(one)) is not None]
        if not services:
            raise ConfigurationError(["no service is left to watch"])
        return services

    async def _take(self, services: Sequence[Service], others: Sequence[KnownService]) -> None:
        known, new = [one.id for one in self._services.known], {service.id: service for service in services}
        ids = {*new, *(one.id for one in others)}
        added = [one for one in new if one not in known]
        if added:
            await self._learn(added)
        old = {service.id: service for service in self._services}
        self._services.replace([old[one.id] if old.get(one.id) == one else one for one in services], others)
        now = {service.id: service for service in self._services}
        changes = Changes(
            added,
            changed=[one for one in old if one in ids and now.get(one) != old[one]],
            removed=[one for one in known if one not in ids],
        )
        if changes:
            await self._changed(changes)
        listed = {name: ", ".join(getattr(changes, name)) for name in ("added", "changed", "removed")}
        _logger.info(
            "service files reloaded",
            extra={"services": len(services), **{name: ids for name, ids in listed.items() if ids}},
        )
