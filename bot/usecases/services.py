"""The list of watched services, and which one a person means."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.core.errors import ConfigurationError, UnknownServiceError
from bot.core.guild_settings import GuildSettings
from bot.core.service import Service

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServicesRead:
    """What the service files say: the services without a fault, all ids in their order, and the faults."""

    ids: Sequence[str]
    services: Mapping[str, Service]
    faults: Sequence[str] = ()


class Services:
    """The watched services; the first one is the default."""

    def __init__(self, services: Sequence[Service]) -> None:
        if not services:
            raise ConfigurationError(["no service to watch: SERVICES_DIR and the built-in folder are empty"])
        self._services = {service.id: service for service in services}

    def replace(self, services: Sequence[Service]) -> None:
        """Watch these services from now on; what people ask next is about them."""
        self._services = {service.id: service for service in services}

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def __len__(self) -> int:
        return len(self._services)

    def __contains__(self, service_id: object) -> bool:
        return service_id in self._services

    @property
    def default(self) -> Service:
        """The service of a server that chose no other."""
        return next(iter(self._services.values()))

    def get(self, service_id: str) -> Service:
        """The service with this id. Raises UnknownServiceError."""
        try:
            return self._services[service_id]
        except KeyError:
            raise UnknownServiceError(service_id) from None

    def find(self, name: str | None, preferred: str | None = None) -> Service:
        """The service that a person typed. If nothing was typed: `preferred`, else the default.

        Raises UnknownServiceError for a name that no service has.
        """
        if not name:
            return self._services.get(preferred or "", self.default)
        for service in self:
            if service.answers_to(name):
                return service
        raise UnknownServiceError(name)

    def followed_by(self, settings: GuildSettings) -> tuple[Service, ...]:
        """The services that a server follows, its own first. Those that are no longer watched are left out."""
        own = self.find(None, settings.service)
        if not settings.more_services:
            return (own,)
        return (own, *(one for one in self if one.id in settings.more_services and one is not own))

    def follows(self, settings: GuildSettings, service: Service) -> bool:
        """Whether a server follows this service."""
        return service.id in settings.more_services or self.find(None, settings.service).id == service.id

    def suggest(self, typed: str, limit: int = 25, first: Sequence[Service] = ()) -> Sequence[Service]:
        """Services for autocomplete: those whose name or alias contains the typed text, `first` before the others."""
        wanted = typed.strip().casefold()
        ordered = dict.fromkeys(service.id for service in (*first, *self))
        return [
            service
            for service in map(self.get, ordered)
            if any(wanted in name.casefold() for name in (service.name, service.id, *service.aliases))
        ][:limit]


class ByService(Mapping[str, T]):
    """Something that each service has, made when it is first asked for: what nobody asks for takes no memory."""

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
        """Make it for these services, if it is not there, in a thread: it may take long."""
        for service in services:
            if service.id not in self._made:
                made = await asyncio.to_thread(self._make, service)
                if service.id in self._services and service is self._services.get(service.id):
                    self._made.setdefault(service.id, made)

    async def make_again(self) -> None:
        """Make all anew, in a thread: the services have changed. Until then those made before are used."""

        def work() -> dict[str, T]:
            return {one: self._make(self._services.get(one)) for one in list(self._made) if one in self._services}

        self._made = await asyncio.to_thread(work)

    def __iter__(self) -> Iterator[str]:
        return iter([service.id for service in self._services])

    def __len__(self) -> int:
        return len(self._services)
