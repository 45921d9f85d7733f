"""*Tell me when it's back*: the people who want to be notified, and where."""

from collections.abc import Sequence

from bot.core.posts import Post
from bot.core.reports import DAY
from bot.core.service import Service
from bot.usecases.outages.ports import Subscriber, Subscribers
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.ports import Clock

WAITS_FOR = 7 * DAY
"""How long a subscription is kept without a notification."""

BY_MESSAGE = 0
"""Stands for the server of people who want a direct message."""


class WaitForRecovery:
    """Keeps people's ids until they are notified, and no longer."""

    def __init__(self, subscribers: Subscribers, posts: PostCache, clock: Clock) -> None:
        self._subscribers = subscribers
        self._posts = posts
        self._clock = clock

    async def wait(self, service: Service, user_id: int, guild_id: int, channel_id: int, scope: int = 0) -> None:
        """Notify this person once: in that channel, or by direct message (`BY_MESSAGE`). Raises StoreError."""
        now = int(self._clock())
        await self._subscribers.add(Subscriber(service.id, user_id, guild_id, channel_id, now, scope))

    async def waits(self, user_id: int) -> Sequence[Subscriber]:
        """The subscriptions of a person. Raises StoreError."""
        return await self._subscribers.of(user_id)

    def calls(self, user_id: int) -> Sequence[Post]:
        """The unsent calls to a person."""
        return self._posts.calls(user_id)

    async def stop(self, user_id: int, service: Service | None = None) -> int:
        """Unsubscribe a person from one service or from all. Raises StoreError."""
        only = service.id if service else None
        gone = await self._subscribers.delete(user_id, only)
        self._posts.forget_person(user_id, only)
        return gone

    async def tidy(self) -> None:
        """Delete expired subscriptions. Raises StoreError."""
        await self._subscribers.purge(int(self._clock()) - WAITS_FOR)
