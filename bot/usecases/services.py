"""The list of watched services, and which one a person means."""

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.core.errors import ConfigurationError, UnknownServiceError
from bot.core.guild_settings import GuildSettings
from bot.core.service import KnownService, Service

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServicesRead:
    """The result of reading the service files: the services without faults, all ids in order, and the faults.

    `others` come with the bot, and were not read.
    """

    ids: Sequence[str]
    services: Mapping[str, Service]
    faults: Sequence[str] = ()
    others: Sequence[KnownService] = ()


class Services:
    """The services that can be followed; the first one is the default.

    Those in `services` are always held. Each of the `others`, which come with the bot, is read on its first use and
    held until it is no longer needed, so unused services take no memory.
    """

    def __init__(
        self,
        services: Sequence[Service],
        others: Sequence[KnownService] = (),
        read: Callable[[str], Service] | None = None,
    ) -> None:
        if not services:
            raise ConfigurationError(["no service to watch: SERVICES_DIR and the built-in folder are empty"])
        self._read = read
        self._held, self._borrowed, self._others = dict[str, Service](), set[str](), set[str]()
        self.replace(services, others)

    def replace(self, services: Sequence[Service], others: Sequence[KnownService] = ()) -> None:
        """Replace the services; the next requests use the new ones."""
        self._others = {one.id for one in others}
        self._known = {one.id: one for one in (*map(KnownService.of, services), *others)}
        kept = {one: self._held[one] for one in self._borrowed if one in self._others}
        self._held = kept | {service.id: service for service in services}
        self._borrowed = set(kept)

    def __iter__(self) -> Iterator[Service]:
        """The services that are currently held."""
        return iter([self._held[one] for one in self._known if one in self._held])

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, service_id: object) -> bool:
        return service_id in self._known

    @property
    def known(self) -> Sequence[KnownService]:
        """All services, including those that are not held."""
        return list(self._known.values())

    @property
    def default(self) -> Service:
        """The service of a server that chose no other."""
        return self._held[next(iter(self._known))]

    def get(self, service_id: str) -> Service:
        """The service with this id, read now if it is not held. Raises UnknownServiceError."""
        if service_id in self._held:
            return self._held[service_id]
        if service_id not in self._others or self._read is None:
            raise UnknownServiceError(service_id)
        return self._hold(self._read(service_id))

    async def hold(self, service_ids: Iterable[str]) -> None:
        """Read those that are not held, in a thread, so that later requests do not wait for the disk."""
        for one in service_ids:
            if one in self._others and one not in self._held and self._read is not None:
                service = await asyncio.to_thread(self._read, one)
                if one in self._others and one not in self._held:
                    self._hold(service)

    def _hold(self, service: Service) -> Service:
        self._borrowed.add(service.id)
        self._held[service.id] = service
        return service

    def unload(self, needed: Container[str]) -> Sequence[str]:
        """Evict services that were read on demand and are not in `needed`; returns their ids."""
        gone = [one for one in self._borrowed if one not in needed]
        for one in gone:
            self._borrowed.remove(one)
            del self._held[one]
        return gone

    def find(self, name: str | None, preferred: str | None = None) -> Service:
        """The service that a person typed. If nothing was typed: `preferred`, else the default.

        An id counts before the name of another service. Raises UnknownServiceError for a name that no service has.
        """
        if not name:
            return self.get(preferred) if preferred is not None and preferred in self._known else self.default
        if name in self._known:
            return self.get(name)
        for service in self._known.values():
            if service.answers_to(name):
                return self.get(service.id)
        raise UnknownServiceError(name)

    def followed_by(self, settings: GuildSettings) -> tuple[Service, ...]:
        """The services that a server follows, its own first. Services that are no longer watched are left out."""
        own = self.find(None, settings.service)
        if not settings.more_services:
            return (own,)
        more = (self.get(one) for one in self._known if one in settings.more_services and one != own.id)
        return (own, *more)

    def follows(self, settings: GuildSettings, service: Service) -> bool:
        """Whether a server follows this service."""
        return service.id in settings.more_services or self.find(None, settings.service).id == service.id

    def suggest(self, typed: str, limit: int = 25, first: Sequence[Service] = ()) -> Sequence[KnownService]:
        """Services for autocomplete: those whose name or alias contains the typed text, `first` before the others."""
        wanted = typed.strip().casefold()
        ordered = dict.fromkeys((*(service.id for service in first), *self._known))
        return [
            service
            for service in map(self._known.__getitem__, ordered)
            if any(wanted in name.casefold() for name in (service.name, service.id, *service.aliases))
        ][:limit]


class ByService(Mapping[str, T]):
    """A value per service, made on first use, so that unused services take no memory."""

    def __init__(self, services: Services, make: Callable[[Service], T]) -> None:
        self._services = services
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, service_id: str) -> T:
        if service_id in self._made:
            return self._made[service_id]
        if service_id not in self._services:
            raise KeyError(service_id)
        made = self._made[service_id] = self._make(self._services.get(service_id))
        return made

    async def make(self, services: Iterable[Service]) -> None:
        """Make the values of these services, if missing, in a thread, because it may take long."""
        for service in services:
            if service.id not in self._made:
                made = await asyncio.to_thread(self._make, service)
                if service.id in self._services and service is self._services.get(service.id):
                    self._made.setdefault(service.id, made)

    def unload(self, needed: Container[str]) -> None:
        """Evict the values of services that are not in `needed`."""
        self._made = {service_id: made for service_id, made in self._made.items() if service_id in needed}

    async def make_again(self) -> None:
        """Make all values again, in a thread, because the services have changed. The old values are used until then."""

        def work() -> dict[str, T]:
            return {one: self._make(self._services.get(one)) for one in list(self._made) if one in self._services}

        self._made = await asyncio.to_thread(work)

    def __contains__(self, service_id: object) -> bool:
        return service_id in self._services

    def __iter__(self) -> Iterator[str]:
        return iter([service.id for service in self._services])

    def __len__(self) -> int:
        return len(self._services)
