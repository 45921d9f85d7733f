"""The catalogue of watched services: which one does somebody mean?"""

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
        """The service a server is about when nobody said otherwise."""
        return next(iter(self._services.values()))

    def get(self, service_id: str) -> Service:
        """By id. Raises UnknownServiceError."""
        try:
            return self._services[service_id]
        except KeyError:
            raise UnknownServiceError(service_id) from None

    def find(self, name: str | None, preferred: str | None = None) -> Service:
        """By what a person typed; nothing typed means `preferred`, or the default.

        Raises UnknownServiceError for a name that no service answers to.
        """
        if not name:
            return self._services.get(preferred or "", self.default)
        for service in self:
            if service.answers_to(name):
                return service
        raise UnknownServiceError(name)

    def suggest(self, typed: str, limit: int = 25) -> Sequence[Service]:
        """Services for autocomplete: those whose name or alias holds what was typed."""
        wanted = typed.strip().casefold()
        return [
            service
            for service in self
            if any(wanted in name.casefold() for name in (service.name, service.id, *service.aliases))
        ][:limit]
