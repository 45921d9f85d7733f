"""The servers that a service's outage concerns: all, or only those in which people report it."""

from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache


class OutageScopes:
    """The scopes by service. Right after a start nothing is known, and an outage concerns every server."""

    def __init__(self) -> None:
        self._among: dict[str, frozenset[int] | None] = {}
        self._only_in: dict[str, int | None] = {}

    def load(self, outages: OutageCache, posts: PostCache) -> None:
        """Restore the scopes of open outages from their announcements: these servers, or all if they are many."""
        for outage in outages.open():
            announced = posts.announcements(outage.id)
            if outage.widespread:
                self.limit(outage.service, None)
            elif announced:
                self.limit(outage.service, frozenset(announced))

    def limit(self, service_id: str, servers: frozenset[int] | None, only_in: int | None = None) -> None:
        """Set the servers that an outage of the service concerns; None for all. Nearly all reports are in `only_in`."""
        self._among[service_id] = servers
        self._only_in[service_id] = only_in

    def only_in(self, service_id: str) -> int | None:
        """The server with nearly all reports; None if others report it as well."""
        return self._only_in.get(service_id)

    def among(self, service_id: str) -> frozenset[int] | None:
        """The only servers that it concerns; None for all, or if unknown."""
        return self._among.get(service_id)

    def concerns(self, service_id: str, guild_id: int | None) -> bool:
        """Whether the service's outage concerns this server; None stands for a person who asks outside of a server."""
        among = self.among(service_id)
        return among is None or (guild_id or 0) in among

    def concerns_all(self, service_id: str) -> bool:
        """Whether it is known that it concerns all."""
        return self._among.get(service_id, frozenset()) is None
