"""What is going on, and what went on lately: outages and their posts, in memory. The stores are the truth."""

from collections.abc import Container, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from bot.core.outage_life import OPEN, REAL, Outage
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY
from bot.usecases.outages.ports import OutageStore, PostStore
from bot.usecases.ports import Clock

KEPT_FOR = 30 * DAY
"""How long an outage is remembered."""


class OutageCache:
    """The open outages, those of the last 30 days, and the posts that are not done with."""

    def __init__(self) -> None:
        self._outages: dict[int, Outage] = {}
        self._only_in: dict[str, int | None] = {}
        self._posts: dict[int, Post] = {}
        self._announced: dict[int, dict[int, tuple[int, ...]]] = {}
        self._readers = 0
        self._stopped: list[tuple[int, str | None]] = []

    @property
    def posts(self) -> Mapping[int, Post]:
        """By id; changed by the methods below only."""
        return MappingProxyType(self._posts)

    async def load(self, outages: OutageStore, posts: PostStore, clock: Clock) -> None:
        """Read everything at start."""
        for outage in await outages.outages(int(clock()) - KEPT_FOR):
            self.put(outage)
        for post in await posts.all():
            self._hold(post)
        for outage in self.open():
            if len(self._announced.get(outage.id, ())) > 1:
                self.keep_to(outage.service, None)  # several servers were told, so it was not one alone

    def put(self, outage: Outage) -> None:
        """Take in an outage as it was written."""
        self._outages[outage.id] = outage

    def get(self, outage_id: int) -> Outage | None:
        """The outage of that number."""
        return self._outages.get(outage_id)

    def current(self, service_id: str) -> Outage | None:
        """The open outage of a service, if there is one; a suspicion counts as one."""
        return next((one for one in self.open() if one.service == service_id and not one.simulated), None)

    def keep_to(self, service_id: str, guild_id: int | None) -> None:
        """So far only this server speaks of an outage of the service; None if that is not so."""
        self._only_in[service_id] = guild_id

    def concerns(self, service_id: str, guild_id: int | None) -> bool:
        """Whether the service's outage is one for this server, or for whoever asks outside of one."""
        only = self.only_in(service_id)
        return only is None or only == (guild_id or 0)

    def only_in(self, service_id: str) -> int | None:
        """The one server that speaks of it; None if that is not so."""
        return self._only_in.get(service_id)

    def concerns_all(self, service_id: str) -> bool:
        """Whether more than one server is known to speak of it; right after a start nothing is known."""
        return self._only_in.get(service_id, 0) is None

    def open(self) -> list[Outage]:
        """All that are open, simulated ones too, newest first."""
        return [one for one in reversed(self._outages.values()) if one.phase in OPEN]

    def is_open(self, outage_id: int) -> bool:
        """Whether that outage is known and was open when it was last written."""
        outage = self._outages.get(outage_id)
        return outage is not None and outage.phase in OPEN

    def recent(self, service_id: str) -> list[Outage]:
        """The outages of the last 30 days, newest first; suspicions and simulations left out."""
        return sorted(
            (
                one
                for one in self._outages.values()
                if one.service == service_id and one.phase in REAL and not one.simulated
            ),
            key=lambda one: one.began,
            reverse=True,
        )

    def announcements(self, outage_id: int) -> dict[int, Post]:
        """An outage's announcements by server, the newest of each."""
        return {guild: self._posts[max(ids)] for guild, ids in self._announced.get(outage_id, {}).items()}

    def announcement(self, outage_id: int, guild_id: int) -> Post | None:
        """An outage's newest announcement in a server; costs the same however many servers there are."""
        ids = self._announced.get(outage_id, {}).get(guild_id)
        return self._posts[max(ids)] if ids else None

    def thread(self, service_id: str, guild_id: int | None) -> int | None:
        """The thread in a server where the service's open outage is talked about."""
        outage = self.current(service_id)
        post = self.announcement(outage.id, guild_id or 0) if outage else None
        return post.thread_id if post else None

    def drop_unwatched(self, services: Container[str]) -> None:
        """Let go of outages of services that are no longer watched; their posts are then dropped, too."""
        self._outages = {number: one for number, one in self._outages.items() if one.service in services}

    def forget(self, before: float) -> None:
        """Let go of closed outages that began before then, and of those that were none."""
        waiting = {post.outage_id for post in self._posts.values()}
        for outage in list(self._outages.values()):
            old = outage.began < before or outage.simulated or outage.phase not in REAL
            if outage.phase not in OPEN and old and outage.id not in waiting:
                del self._outages[outage.id]

    def forget_person(self, user_id: int, service_id: str | None = None) -> None:
        """Take a person out of the calls that are not sent yet: those of one service, or all."""
        if self._readers:
            self._stopped.append((user_id, service_id))
        for post in [post for post in self._posts.values() if user_id in post.people]:
            left = self._without(post, user_id, service_id)
            if left is None:
                self.done(post.id)
            else:
                self._posts[post.id] = left

    @contextmanager
    def reading(self) -> Generator[None]:
        """While posts come from the database: whoever is taken out of calls meanwhile is not brought back by them."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._stopped.clear()

    def forget_server(self, guild_id: int) -> None:
        """Let go of a server's posts and simulated outages, and of the calls that those made."""
        played = {one.id for one in self._outages.values() if one.guild_id == guild_id}
        for post in list(self._posts.values()):
            if post.guild_id == guild_id or post.outage_id in played:
                self.done(post.id)
        for outage_id in played:
            del self._outages[outage_id]

    def keep(self, new: Iterable[Post], changed: Iterable[Post] = ()) -> None:
        """Take in posts as the watch wrote them; of changed ones only what is the watch's to change."""
        for post in new:
            self._hold(post)
        for post in changed:
            self.change(post.id, pinged=post.pinged, reminded=post.reminded)

    def learn(self, posts: Iterable[Post]) -> None:
        """Take in posts that another process wrote; of those we have, we know as much or more."""
        for post in posts:
            if post.id not in self._posts:
                self._hold(post)

    def change(self, post_id: int, **changed: Any) -> None:
        """Take in members of a post as they were written, unless it is done with."""
        if post_id in self._posts:
            self._posts[post_id] = replace(self._posts[post_id], **changed)

    def done(self, post_id: int) -> None:
        """Let go of a post."""
        post = self._posts.pop(post_id, None)
        if post is None or post.kind is not PostKind.ANNOUNCEMENT:
            return
        told = self._announced[post.outage_id]
        told[post.guild_id] = tuple(one for one in told[post.guild_id] if one != post_id)
        if not told[post.guild_id]:
            del told[post.guild_id]
        if not told:
            del self._announced[post.outage_id]

    def _without(self, post: Post, user_id: int, service_id: str | None) -> Post | None:
        """A post that calls this person no more; None if it then calls nobody."""
        outage = self._outages.get(post.outage_id)
        if user_id not in post.people or (
            service_id is not None and outage is not None and outage.service != service_id
        ):
            return post
        left = tuple(one for one in post.people if one != user_id)
        return replace(post, people=left) if left else None

    def _hold(self, post: Post) -> None:
        for stopped in self._stopped:
            left = self._without(post, *stopped)
            if left is None:
                return
            post = left
        if post.id not in self._posts and post.kind is PostKind.ANNOUNCEMENT:
            told = self._announced.setdefault(post.outage_id, {})
            told[post.guild_id] = (*told.get(post.guild_id, ()), post.id)
        self._posts[post.id] = post
