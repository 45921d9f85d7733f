"""Auto-replies that show the new count: edited when it changes, at most every ten seconds each."""

import asyncio

import discord
import structlog
from discord.ext import commands

from bot.core.errors import StoreError
from bot.core.service import Service
from bot.discord_ui.failures import Failures
from bot.discord_ui.render.help import auto_reply
from bot.discord_ui.speech import Speech
from bot.usecases.answer_help import AnswerHelp
from bot.usecases.follow_replies import ReplyBook
from bot.usecases.services import Services

EDIT_EVERY = 10.0
_REMEMBERED = 1000
_log = structlog.get_logger(__name__)


class LiveReplies:
    """Follows our auto-replies. `client` is set once it exists, before anything can be touched."""

    def __init__(
        self, book: ReplyBook, services: Services, answers: AnswerHelp, speech: Speech, failures: Failures
    ) -> None:
        self._book = book
        self._services = services
        self._answers = answers
        self._speech = speech
        self._failures = failures
        self._edited_at: dict[int, float] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.client: commands.AutoShardedBot | None = None

    async def follow(self, message_id: int, channel_id: int, guild_id: int, service: Service) -> None:
        """Remember a reply we sent, so that reactions on it count."""
        try:
            await self._book.add(message_id, channel_id, guild_id, service.id)
        except StoreError as error:
            # It is in memory; only after a restart its reactions would not be understood.
            _log.warning("auto-reply not kept", error=str(error))

    def touch(self, message_id: int) -> None:
        """The count behind this reply may have changed."""
        if self._book.get(message_id) is None or message_id in self._tasks:
            return
        task = asyncio.create_task(self._edit(message_id), name="edit auto-reply")
        self._tasks[message_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(message_id, None))

    async def close(self) -> None:
        """Edits that still wait are let go; the next press shows the count again."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _edit(self, message_id: int) -> None:
        loop = asyncio.get_running_loop()
        wait = self._edited_at.get(message_id, -EDIT_EVERY) + EDIT_EVERY - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        if len(self._edited_at) >= _REMEMBERED:
            self._edited_at.clear()
        self._edited_at[message_id] = loop.time()
        reply, client = self._book.get(message_id), self.client
        if reply is None or client is None:
            return
        service = self._services.find(None, reply.service)
        guild = client.get_guild(reply.guild_id)
        texts = self._speech.public(reply.guild_id, guild.preferred_locale if guild else None)
        card = auto_reply(texts, self._answers.answer(service, reply.guild_id))
        channel = client.get_partial_messageable(reply.channel_id, guild_id=reply.guild_id)
        try:
            await channel.get_partial_message(message_id).edit(view=card)
        except discord.HTTPException as error:
            _log.info("auto-reply not edited", status=error.status, code=error.code)
        except Exception as error:
            self._failures.note(error, "edit auto-reply")
