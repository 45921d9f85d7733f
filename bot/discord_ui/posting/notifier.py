"""The notifier: sends posts to Discord at a steady pace, and finds posts that were sent before a crash."""

import logging
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import discord
from aiolimiter import AsyncLimiter

from bot.core.outage_life import Outage
from bot.core.posts import Post, PostKind
from bot.core.texts import Texts
from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.permissions import TOO_MANY_TALKS, closing_code, is_passing
from bot.discord_ui.posting.current import CurrentClient, DiscordClient
from bot.discord_ui.render import outage as render
from bot.discord_ui.render.chart import in_words
from bot.discord_ui.render.ids import unpack
from bot.discord_ui.render.layout import PICTURE
from bot.usecases.outages.history import ShowHistory
from bot.usecases.outages.ports import PostRefusedError, PostUndeliveredError
from bot.usecases.outages.shared import SharedFailures
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

PER_SECOND = 25
"""Requests per second, evenly spaced: half of what Discord allows, so that answers to people never have to wait."""

_logger = logging.getLogger(__name__)
_ARCHIVE_AFTER = 1440
_LOOKED_THROUGH, _EARLIER = 200, 60
"""The number of messages in a channel to search for one that was sent before a crash, and how many seconds before the
attempt the search begins, because clocks differ."""

_QUIET = frozenset({PostKind.REMINDER, PostKind.SUMMARY, PostKind.REOPENED})
"""Posts without mentions: a server may want them without a notification."""

_DIRECT_MESSAGES_REST = 60.0
"""Seconds without direct messages after Discord says that we open them too fast. It does not say how long to wait."""

_NEVER = frozenset({400, 403, 404})
_THREAD_EXISTS = 160004


class DiscordNotifier:
    """Sends posts with the client in use. Nothing is sent before there is one."""

    def __init__(
        self,
        current: CurrentClient,
        services: Services,
        guilds: GuildCache,
        localizer: Localizer,
        history: ShowHistory,
        shared: SharedFailures,
        clock: Clock,
    ) -> None:
        self._current = current
        self._services = services
        self._guilds = guilds
        self._localizer = localizer
        self._history = history
        self._shared = shared
        self._clock = clock
        self._pace = AsyncLimiter(1, 1 / PER_SECOND)  # no bursts, which could double the rate
        self._rests_since: float | None = None

    @property
    def ready(self) -> bool:
        """Whether we are connected."""
        return self._current.ready

    @property
    def _client(self) -> DiscordClient:
        assert self._current.client is not None, "asked for only when we are ready"
        return self._current.client

    async def find(self, post: Post) -> int | None:
        """The message with this post's tag in one of its buttons; None if there is none since the attempt."""
        self._raise_if_resting(post)
        async with self._carefully():
            channel, me = await self._channel(post), self._client.user
            tried = datetime.fromtimestamp((post.attempted or 0) - _EARLIER, UTC)
            async for message in channel.history(limit=_LOOKED_THROUGH, after=tried, oldest_first=True):
                if me is not None and message.author.id == me.id and str(post.id) in _marks(message.components):
                    return message.id
        return None

    async def send(self, post: Post, outage: Outage) -> int:
        """Send a post, with its id as nonce. Returns the message's id."""
        self._raise_if_resting(post)
        async with self._carefully():
            channel = await self._channel(post)
            role = self._role(post)
            content = await self._content(post, outage, role)
            sent = await channel.send(
                **content,
                nonce=str(post.id),
                silent=post.kind is PostKind.END
                or (post.kind in _QUIET and self._guilds.get(post.guild_id).outage_silent),
                allowed_mentions=discord.AllowedMentions(
                    everyone=False,
                    users=[discord.Object(one) for one in post.people],
                    roles=[discord.Object(role)] if role is not None else False,
                ),
            )
            return sent.id

    async def edit(self, post: Post, outage: Outage) -> None:
        """Update an announcement."""
        async with self._carefully():
            assert post.message_id is not None, "it was sent"
            channel = self._partial(post.channel_id, post.guild_id)
            content = await self._content(post, outage, self._role(post))
            files = content.pop("files", [])
            await channel.get_partial_message(post.message_id).edit(
                **content, attachments=files, allowed_mentions=discord.AllowedMentions.none()
            )

    async def open_thread(self, post: Post, outage: Outage) -> int:
        """Open the thread under an announcement. Returns its id, which is the message's id."""
        async with self._carefully():
            assert post.message_id is not None, "it was sent"
            service = self._services.get(outage.service)
            name = render.thread_name(self._texts(post.guild_id), service, outage)
            message = self._partial(post.channel_id, post.guild_id).get_partial_message(post.message_id)
            try:
                thread = await message.create_thread(name=name, auto_archive_duration=_ARCHIVE_AFTER)
            except discord.HTTPException as error:
                if error.code == _THREAD_EXISTS:
                    return post.message_id
                raise
            return thread.id

    async def close_thread(self, thread_id: int) -> None:
        """Archive a thread. A new message there opens it again."""
        async with self._carefully():
            thread = self._client.get_channel(thread_id) or await self._client.fetch_channel(thread_id)
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=True)

    @asynccontextmanager
    async def _carefully(self) -> AsyncGenerator[None]:
        """Keep the pace, and separate permanent refusals from failures that may pass."""
        try:
            async with self._pace:
                yield
        except discord.HTTPException as error:
            if error.code in TOO_MANY_TALKS:
                self._rests_since = self._clock()
            if error.status in _NEVER and not is_passing(error):
                reason = f"{error.status} {error.code}: {error.text[:200]}"
                gone = isinstance(error, discord.NotFound)
                raise PostRefusedError(reason, gone=gone, closed=closing_code(error)) from error
            raise PostUndeliveredError(f"{error.status} {error.code}") from error
        except UNDELIVERED as error:
            raise PostUndeliveredError(type(error).__name__) from error

    def _raise_if_resting(self, post: Post) -> None:
        """Do not open a direct message that Discord would reject. Raises PostUndeliveredError."""
        if post.guild_id or self._rests_since is None:
            return
        if 0 <= self._clock() - self._rests_since < _DIRECT_MESSAGES_REST:  # a clock that was set back ends it
            raise PostUndeliveredError("direct messages are paused")

    def _role(self, post: Post) -> int | None:
        """The role that a post mentions; an announcement only does so when it is first sent."""
        calls = post.kind is PostKind.PING or (post.kind is PostKind.ANNOUNCEMENT and post.pinged)
        role, guild = self._guilds.get(post.guild_id).outage_role, self._current.guild(post.guild_id)
        if not calls or role is None:
            return None
        deleted = guild is not None and not guild.unavailable and guild.get_role(role) is None
        return None if deleted else role

    async def _content(self, post: Post, outage: Outage, role: int | None) -> dict[str, Any]:
        service, texts = self._services.get(outage.service), self._texts(post.guild_id)
        if post.kind is not PostKind.ANNOUNCEMENT:
            return {"view": render.message(texts, service, outage, post, role)}
        too = self._shared.too(outage, post.guild_id)
        if outage.simulated:
            return {"view": render.announcement(texts, service, outage, post, role=role)}
        typical = self._history.typical(service)
        try:
            drawn = await self._history.of(service, outage, post.guild_id)
        except Exception:
            # The text matters more than the picture.
            _logger.exception("chart could not be drawn; sending the text only", extra={"service": service.id})
            return {"view": render.announcement(texts, service, outage, post, role=role, typical=typical, too=too)}
        picture = in_words(texts, drawn.chart)
        card = render.announcement(texts, service, outage, post, picture=picture, role=role, typical=typical, too=too)
        return {"view": card, "files": [discord.File(BytesIO(drawn.png), PICTURE)]}

    def _texts(self, guild_id: int) -> Texts:
        guild = self._current.guild(guild_id)
        return self._localizer.public(guild_id, guild.preferred_locale if guild else None)

    async def _channel(self, post: Post) -> Any:
        if post.guild_id:
            return self._partial(post.channel_id, post.guild_id)
        return await self._client.create_dm(discord.Object(post.people[0]))

    def _partial(self, channel_id: int, guild_id: int) -> Any:
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id)


def _marks(components: Iterable[Any]) -> Iterator[str]:
    """The post tags in a message's buttons: the last argument of each tagged button."""
    for component in components:
        yield from _marks(getattr(component, "children", ()))
        press = unpack(getattr(component, "custom_id", None) or "")
        if press is not None and len(press.args) > 1:
            yield press.args[-1]
