"""The list of watched services, and which one a person means."""

from collections.abc import Iterator, Sequence

from bot.core.errors import ConfigurationError, UnknownServiceError
from bot.core.service import Service


class Services:
    """The watched services; the first one is the default."""

    def __init__(self, services: Sequence[Service]) -> None:
        if not services:
            raise ConfigurationError(["no service to watch: SERVICES_DIR and the built-in folder are empty"])
        self._services = {service.id: service for service in services}

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def __len__(self) -> int:
        return len(self._services)

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

    def suggest(self, typed: str, limit: int = 25) -> Sequence[Service]:
        """Services for autocomplete: those whose name or alias contains the typed text."""
        wanted = typed.strip().casefold()
        return [
            service
            for service in self
            if any(wanted in name.casefold() for name in (service.name, service.id, *service.aliases))
        ][:limit]
