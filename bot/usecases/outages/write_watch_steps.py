"""Writes the changes of a step of the watch or of a simulation, and the posts for it, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.posts import Post, ends, plan, reopenings, summaries
from bot.core.webhooks import WebhookMessage
from bot.usecases.leadership import WrittenAlreadyError
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import OutageStore, WatchStep
from bot.usecases.outages.post_cache import PostCache


class WriteWatchSteps:
    """Writes to the store and then to memory.

    `out_of_step` is called if the database is not in the state that this process expects: only a restart can fix that.
    `events` makes the webhook events for a change, and `on_webhooks` is called if there are any.
    """

    def __init__(
        self,
        outages: OutageCache,
        posts: PostCache,
        store: OutageStore,
        *,
        out_of_step: Callable[[StoreError], None] = lambda _error: None,
        events: Callable[[Outage | None, Outage], Sequence[WebhookMessage]] = lambda _before, _after: (),
        on_webhooks: Callable[[], None] = lambda: None,
    ) -> None:
        self._outages = outages
        self._posts = posts
        self._store = store
        self._out_of_step = out_of_step
        self._events = events
        self._on_webhooks = on_webhooks

    async def write(self, step: WatchStep, audience: Mapping[int, GuildSettings] | None = None) -> Outage | None:
        """Write a step and the posts for these servers; returns the outage as stored. Raises StoreError."""
        if step.outage is not None:
            step = self._with_posts(step, step.outage, audience or {})
        with self._posts.reading():
            try:
                written = await self._store.write(step)
            except StoreError as error:
                if isinstance(error.__cause__, WrittenAlreadyError):
                    self._out_of_step(error)
                raise
            self._posts.add(written.posts)
        for post in step.changed:
            self._posts.change(post.id, pinged=post.pinged, reminded=post.reminded)
        if written.outage is not None:
            self._outages.put(written.outage)
        if step.deliveries:
            self._on_webhooks()
        return written.outage

    def _with_posts(self, step: WatchStep, outage: Outage, audience: Mapping[int, GuildSettings]) -> WatchStep:
        announced = self._posts.announcements(outage.id) if outage.id else {}
        planned = plan(outage, announced, audience)
        return replace(
            step,
            new=(*planned.new, *self._at_a_turn(outage, announced, audience)),
            changed=planned.changed,
            deliveries=tuple(self._events(self._outages.get(outage.id), outage)),
        )

    def _at_a_turn(
        self, outage: Outage, announced: Mapping[int, Post], audience: Mapping[int, GuildSettings]
    ) -> list[Post]:
        """The messages when the outage ends or reopens: in the threads, and in the channels that want them."""
        before = self._outages.get(outage.id)
        if before is None or before.phase is outage.phase:
            return []
        if outage.phase is Phase.OVER and before.phase in OPEN:
            return [*summaries(outage, announced.values()), *ends(outage, announced, audience)]
        return reopenings(outage, announced.values()) if before.phase is Phase.OVER else []
