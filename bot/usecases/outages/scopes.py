"""Which servers a service's outage concerns: all, or only the one in which people report it."""

from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache


class OutageScopes:
    """By service. Right after a start nothing is known, and an outage concerns everybody."""

    def __init__(self) -> None:
        self._only_in: dict[str, int | None] = {}

    def load(self, outages: OutageCache, posts: PostCache) -> None:
        """Find the open outages that were announced in several servers, so they were not those of one alone."""
        for outage in outages.open():
            if len(posts.announcements(outage.id)) > 1:
                self.limit(outage.service, None)

    def limit(self, service_id: str, guild_id: int | None) -> None:
        """Only this server reports an outage of the service; None if others do, too."""
        self._only_in[service_id] = guild_id

    def only_in(self, service_id: str) -> int | None:
        """The only server that reports it; None if others do, too, or if it is not known."""
        return self._only_in.get(service_id)

    def concerns(self, service_id: str, guild_id: int | None) -> bool:
        """Whether the service's outage concerns this server; None means a person who asks outside of a server."""
        only = self.only_in(service_id)
        return only is None or only == (guild_id or 0)

    def concerns_all(self, service_id: str) -> bool:
        """Whether it is known that more than one server reports it."""
        return self._only_in.get(service_id, 0) is None
