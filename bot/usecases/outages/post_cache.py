"""The unfinished posts, in memory. The store is authoritative."""

from collections.abc import Container, Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from bot.core.posts import Post, PostKind
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import PostStore


class PostCache:
    """Posts by id, and each outage's announcements by server."""

    def __init__(self, outages: OutageCache) -> None:
        self._outages = outages
        self._posts: dict[int, Post] = {}
        self._announced: dict[int, dict[int, tuple[int, ...]]] = {}
        """Outage id -> server -> ids of its announcements."""
        self._readers = 0
        self._withdrawn: list[tuple[int, str | None]] = []
        """People (each with a service, or None for all) who were removed from calls while posts were being read."""

    async def load(self, store: PostStore) -> None:
        """Read everything at start. Raises StoreError."""
        self.add(await store.all())

    def get(self, post_id: int) -> Post | None:
        """The post with this id, unless it is finished."""
        return self._posts.get(post_id)

    def all(self) -> list[Post]:
        """All posts, oldest first."""
        return list(self._posts.values())

    def outages(self) -> set[int]:
        """The ids of the outages that have posts."""
        return {post.outage_id for post in self._posts.values()}

    def announcements(self, outage_id: int) -> dict[int, Post]:
        """An outage's announcements by server, the newest of each."""
        return {guild: self._posts[max(ids)] for guild, ids in self._announced.get(outage_id, {}).items()}

    def announcement(self, outage_id: int, guild_id: int) -> Post | None:
        """An outage's newest announcement in a server; takes the same time for any number of servers."""
        ids = self._announced.get(outage_id, {}).get(guild_id)
        return self._posts[max(ids)] if ids else None

    def calls(self, user_id: int) -> list[Post]:
        """The calls to a person that are not sent yet."""
        return [post for post in self._posts.values() if user_id in post.people]

    def add(self, posts: Iterable[Post]) -> None:
        """Add posts as persisted.

        Posts that are already here stay unchanged, because memory is never behind the store.
        """
        for post in posts:
            if post.id not in self._posts:
                self._add(post)

    def change(self, post_id: int, **changed: Any) -> None:
        """Change fields of a post as persisted; does nothing if the post is finished."""
        if post_id in self._posts:
            self._posts[post_id] = replace(self._posts[post_id], **changed)

    def forget(self, post_id: int) -> None:
        """Remove a finished post."""
        post = self._posts.pop(post_id, None)
        if post is None or post.kind is not PostKind.ANNOUNCEMENT:
            return
        by_guild = self._announced[post.outage_id]
        by_guild[post.guild_id] = tuple(one for one in by_guild[post.guild_id] if one != post_id)
        if not by_guild[post.guild_id]:
            del by_guild[post.guild_id]
        if not by_guild:
            del self._announced[post.outage_id]

    @contextmanager
    def reading(self) -> Generator[None]:
        """Hold while reading posts from the database: people removed from calls meanwhile stay removed."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._withdrawn.clear()

    def forget_person(self, user_id: int, service_id: str | None = None) -> None:
        """Remove a person from the unsent calls: those of one service, or all."""
        if self._readers:
            self._withdrawn.append((user_id, service_id))
        for post in self.calls(user_id):
            left = self._without(post, user_id, service_id)
            if left is None:
                self.forget(post.id)
            else:
                self._posts[post.id] = left

    def keep_people(self, post_id: int, people: Container[int]) -> None:
        """Remove all other people from a call; people are never added to one."""
        post = self._posts.get(post_id)
        if post is None:
            return
        left = tuple(one for one in post.people if one in people)
        if left:
            self._posts[post_id] = replace(post, people=left)
        else:
            self.forget(post_id)

    def forget_server(self, guild_id: int) -> None:
        """Remove a server's posts and simulated outages, including the calls of these outages."""
        simulated = {outage.id for outage in self._outages.simulated_in(guild_id)}
        for post in self.all():
            if post.guild_id == guild_id or post.outage_id in simulated:
                self.forget(post.id)
        for outage_id in simulated:
            self._outages.forget(outage_id)

    def _add(self, post: Post) -> None:
        for user_id, service_id in self._withdrawn:
            left = self._without(post, user_id, service_id)
            if left is None:
                return
            post = left
        if post.kind is PostKind.ANNOUNCEMENT:
            by_guild = self._announced.setdefault(post.outage_id, {})
            by_guild[post.guild_id] = (*by_guild.get(post.guild_id, ()), post.id)
        self._posts[post.id] = post

    def _without(self, post: Post, user_id: int, service_id: str | None) -> Post | None:
        """The post without this person; None if no one is left in it."""
        if user_id not in post.people or not self._is_about(post, service_id):
            return post
        left = tuple(one for one in post.people if one != user_id)
        return replace(post, people=left) if left else None

    def _is_about(self, post: Post, service_id: str | None) -> bool:
        outage = self._outages.get(post.outage_id)
        return service_id is None or outage is None or outage.service == service_id
