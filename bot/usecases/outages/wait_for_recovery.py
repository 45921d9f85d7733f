"""*Tell me when it's back*: who wants to be called, and where."""

from collections.abc import Sequence

from bot.core.posts import Post
from bot.core.reports import DAY
from bot.core.service import Service
from bot.usecases.outages.ports import Subscriber, Subscribers
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock

WAITS_FOR = 7 * DAY
"""How long a person is kept who was not called."""

BY_MESSAGE = 0
"""The server of those who want a direct message."""


class WaitForRecovery:
    """Keeps people's ids until they are called, and no longer."""

    def __init__(self, subscribers: Subscribers, posts: PostCache, clock: Clock) -> None:
        self._subscribers = subscribers
        self._posts = posts
        self._clock = clock

    async def wait(self, service: Service, user_id: int, guild_id: int, channel_id: int, scope: int = 0) -> None:
        """Call this person once: in that channel, or by direct message (`BY_MESSAGE`). Raises StoreError."""
        now = int(self._clock())
        await self._subscribers.add(Subscriber(service.id, user_id, guild_id, channel_id, now, scope))

    async def waits(self, user_id: int) -> Sequence[Subscriber]:
        """What a person waits for. Raises StoreError."""
        return await self._subscribers.of(user_id)

    def calls(self, user_id: int) -> Sequence[Post]:
        """The calls to a person that are not sent yet."""
        return self._posts.calls(user_id)

    async def stop(self, user_id: int, service: Service | None = None) -> int:
        """Wait no longer, for one service or for all. Raises StoreError."""
        only = service.id if service else None
        gone = await self._subscribers.remove(user_id, only)
        self._posts.forget_person(user_id, only)
        return gone

    async def tidy(self) -> None:
        """Delete those who waited too long. Raises StoreError."""
        await self._subscribers.purge(int(self._clock()) - WAITS_FOR)
