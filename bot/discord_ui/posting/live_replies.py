"""Live replies: auto-replies are edited when the count or the verdict changes.

Each one is edited at most every ten seconds.
"""

import asyncio
from collections import OrderedDict
from typing import Self

import structlog

from bot.core.errors import StoreError
from bot.core.service import Service
from bot.core.verdict import Word
from bot.discord_ui.answering.failures import UNDELIVERED, Failures
from bot.discord_ui.answering.speech import Speech
from bot.discord_ui.permissions import closing_code
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.render.help import auto_reply
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.services import Services

EDIT_EVERY = 10.0
MOST_KEPT_TRUE = 500
"""How many of the newest replies are edited when the verdict changes."""
_log = structlog.get_logger(__name__)


class LiveReplies:
    """Follows our auto-replies; one task edits them all. Use as an async context manager."""

    def __init__(
        self,
        current: CurrentClient,
        cache: ReplyCache,
        services: Services,
        answers: AnswerHelp,
        speech: Speech,
        closed: ClosedChannels,
        failures: Failures,
    ) -> None:
        self._current = current
        self._cache = cache
        self._services = services
        self._answers = answers
        self._speech = speech
        self._closed = closed
        self._failures = failures
        self._shown: OrderedDict[int, Word] = OrderedDict()
        self._changed: set[int] = set()
        self._free_at: dict[int, float] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="live replies")
        return self

    async def __aexit__(self, *_: object) -> None:
        # Edits that still wait are dropped; the next press shows the count again.
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def follow(self, message_id: int, channel_id: int, guild_id: int, service: Service, rule: str) -> None:
        """Remember a reply we sent because of this rule: reactions on it count, and it is kept up to date."""
        self._shown[message_id] = self._answers.answer(service, guild_id).verdict.word
        while len(self._shown) > MOST_KEPT_TRUE:
            self._shown.popitem(last=False)
        try:
            await self._cache.add(message_id, channel_id, guild_id, service.id, rule)
        except StoreError as error:
            # It is in memory. Only after a restart would its reactions not count.
            _log.warning("auto-reply not stored", error=str(error))

    def touch(self, message_id: int) -> None:
        """The count behind this reply may have changed."""
        if message_id not in self._changed and self._cache.get(message_id) is not None:
            self._changed.add(message_id)
            self._wake.set()

    async def refresh(self) -> None:
        """Edit the newest replies whose headline is out of date. A job runs this every half minute."""
        for message_id, word in list(self._shown.items()):
            reply = self._cache.get(message_id)
            if reply is None:
                del self._shown[message_id]
            elif self._answers.answer(self._services.get(reply.service), reply.guild_id).verdict.word is not word:
                self.touch(message_id)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            now = loop.time()
            self._free_at = {message: at for message, at in self._free_at.items() if at > now}
            for message_id in [m for m in self._changed if m not in self._free_at]:
                self._changed.discard(message_id)
                self._free_at[message_id] = loop.time() + EDIT_EVERY
                await self._edit(message_id)
            soonest = min((at for m, at in self._free_at.items() if m in self._changed), default=None)
            try:
                async with asyncio.timeout_at(soonest):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _edit(self, message_id: int) -> None:
        reply, client = self._cache.get(message_id), self._current.client
        if reply is None or client is None or self._closed.is_closed(reply.channel_id):
            return
        try:
            service = self._services.get(reply.service)
            guild = client.get_guild(reply.guild_id)
            texts = self._speech.public(reply.guild_id, guild.preferred_locale if guild else None)
            answer = self._answers.answer(service, reply.guild_id)
            if message_id in self._shown:
                self._shown[message_id] = answer.verdict.word
            card = auto_reply(texts, answer)
            channel = client.get_partial_messageable(reply.channel_id, guild_id=reply.guild_id)
            await channel.get_partial_message(message_id).edit(view=card)
        except UNDELIVERED as error:
            _log.info("auto-reply not edited", error=str(error))
            if (code := closing_code(error)) is not None:
                await self._closed.close(reply.guild_id, reply.channel_id, code)
        except Exception as error:
            self._failures.note(error, "edit auto-reply")
