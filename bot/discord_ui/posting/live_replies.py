"""Live replies: auto-replies are edited when their content should change, at a pace that Discord allows.

A failed edit is retried later; an edit that Discord refuses permanently is dropped.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Self

import discord
from aiolimiter import AsyncLimiter

from bot.core.errors import StoreError
from bot.core.reports import HOUR
from bot.discord_ui.answering.failures import UNDELIVERED, Failures
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.permissions import closing_code, is_passing
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.standing_replies import Due, Form, StandingReplies, shown_by
from bot.discord_ui.render.reply import auto_reply
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.ports import PostedReply
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.tasks import cancel

EDIT_EVERY, EDIT_OLD_EVERY = 10.0, 600.0
"""Seconds between two edits of a reply. Discord allows few edits of messages older than an hour."""

CHANNEL_EVERY = 2.0
"""Seconds between two edits in a channel; Discord allows five in five seconds, and answers to people also count."""

PER_SECOND, AT_ONCE = 10, 4
"""Edits per second, a fifth of what Discord allows for everything; and the number of concurrent edits."""

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 600.0
"""Seconds until a failed edit is retried: twice as long each time."""

_TOO_MANY_OLD_EDITS = 30046
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A waiting edit: not before `at` (the event loop's time)."""

    form: Form
    at: float = 0.0
    failures: int = 0


class LiveReplies:
    """Follows our auto-replies; one task starts all edits. Use as an async context manager."""

    def __init__(
        self,
        current: CurrentClient,
        cache: ReplyCache,
        standing: StandingReplies,
        localizer: Localizer,
        closed: ClosedChannels,
        failures: Failures,
        clock: Clock,
    ) -> None:
        self._current = current
        self._cache = cache
        self._standing = standing
        self._localizer = localizer
        self._closed = closed
        self._failures = failures
        self._clock = clock
        self._waiting: dict[int, _Waiting] = {}
        self._free_at: dict[int, float] = {}
        self._channel_free_at: dict[int, float] = {}
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._pace = AsyncLimiter(1, 1 / PER_SECOND)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="live replies")
        return self

    async def __aexit__(self, *_: object) -> None:
        # Waiting edits are dropped; after a restart the content of each reply is checked again.
        await cancel(self._task, *self._under_way.values())

    @property
    def crowded(self) -> bool:
        """Whether a new reply should state its time at once, because it cannot be kept up to date."""
        return self._standing.crowded

    async def follow(self, sent: PostedReply, answer: HelpAnswer, *, live: bool) -> None:
        """Remember a sent reply: reactions on it count, and it is kept up to date."""
        before = self._standing.sent(sent, shown_by(answer, live=live)) if self._standing.may_change(sent) else None
        if before is not None:
            self._want(before, Form.FROZEN)
        try:
            await self._cache.add(sent)
        except StoreError as error:
            # It is in memory. Its reactions would only be lost after a restart.
            _logger.warning("auto-reply not stored", extra={"error": str(error)})

    def touch(self, message_id: int) -> None:
        """Schedule a check of this reply, because its count may have changed."""
        if self._cache.get(message_id) is not None:
            self._want(message_id, Form.LIVE)

    async def refresh(self) -> None:
        """Find the replies whose content should change. A job runs this every half minute."""
        if not self._current.ready:
            return
        for message_id, form in (await self._standing.find()).items():
            self._want(message_id, form)

    def _want(self, message_id: int, form: Form) -> None:
        waiting = self._waiting.setdefault(message_id, _Waiting(form))
        waiting.form = form
        self._wake.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            now = loop.time()
            for free in (self._free_at, self._channel_free_at):
                for key in [key for key, at in free.items() if at <= now]:
                    del free[key]
            due = self._next(now) if len(self._under_way) < AT_ONCE else None
            if due is not None:
                await self._begin(due)
                continue
            try:
                async with asyncio.timeout_at(self._soonest(now)):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _free(self, message_id: int) -> float:
        """The event loop's time from which this reply may be edited."""
        reply, waiting = self._cache.get(message_id), self._waiting[message_id]
        in_channel = self._channel_free_at.get(reply.channel_id, 0.0) if reply is not None else 0.0
        return max(waiting.at, self._free_at.get(message_id, 0.0), in_channel)

    def _next(self, now: float) -> Due | None:
        """The most urgent edit that may start; among equals, that of the newest reply."""
        while True:
            ready = [one for one in self._waiting if one not in self._under_way and self._free(one) <= now]
            if not ready:
                return None
            message_id = min(ready, key=lambda one: (self._waiting[one].form, -one))
            due = self._due(message_id)
            if due is not None and not self._closed.is_closed(due.reply.channel_id):
                return due
            del self._waiting[message_id]

    def _due(self, message_id: int) -> Due | None:
        try:
            return self._standing.due(message_id)
        except Exception as error:
            # One reply must not keep the others from being edited.
            self._failures.note(error, "edit auto-reply")
            self._standing.refused(message_id)
            return None

    def _soonest(self, now: float) -> float | None:
        if len(self._under_way) >= AT_ONCE:
            return None  # it is woken when one ends
        later = (self._free(one) for one in self._waiting if one not in self._under_way)
        return min((at for at in later if at > now), default=None)

    async def _begin(self, due: Due) -> None:
        loop, reply = asyncio.get_running_loop(), due.reply
        async with self._pace:
            old = self._clock() - reply.at > HOUR
            self._free_at[reply.message_id] = loop.time() + (EDIT_OLD_EVERY if old else EDIT_EVERY)
            self._channel_free_at[reply.channel_id] = loop.time() + min(CHANNEL_EVERY, EDIT_EVERY)
        task = asyncio.create_task(self._try(due), name=f"edit reply {reply.message_id}")
        self._under_way[reply.message_id] = task
        task.add_done_callback(lambda _: self._ended(reply.message_id))

    def _ended(self, message_id: int) -> None:
        self._under_way.pop(message_id, None)
        self._wake.set()

    async def _try(self, due: Due) -> None:
        message_id = due.reply.message_id
        waiting = self._waiting.pop(message_id)
        try:
            await self._edit(due)
        except UNDELIVERED as error:
            _logger.info("auto-reply not edited", extra={"error": str(error)})
            if _is_final(error):
                await self._give_up(due.reply, error)
            else:
                self._try_later(message_id, waiting, error)
        except Exception as error:
            self._failures.note(error, "edit auto-reply")
            self._standing.refused(message_id)

    async def _edit(self, due: Due) -> None:
        reply, client = due.reply, self._current.client
        if client is None:
            return
        guild = client.get_guild(reply.guild_id)
        texts = self._localizer.public(reply.guild_id, guild.preferred_locale if guild else None)
        symptom = due.answer.service.symptom(reply.symptom)
        card = auto_reply(texts, due.answer, live=due.shown.form is Form.LIVE, symptom=symptom)
        channel = client.get_partial_messageable(reply.channel_id, guild_id=reply.guild_id)
        await channel.get_partial_message(reply.message_id).edit(view=card)
        self._standing.edited(reply.message_id, due.shown)

    def _try_later(self, message_id: int, waiting: _Waiting, error: BaseException) -> None:
        waiting.failures += 1
        pause = min(FIRST_PAUSE * 2 ** (waiting.failures - 1), LONGEST_PAUSE)
        if isinstance(error, discord.HTTPException) and error.code == _TOO_MANY_OLD_EDITS:
            pause = LONGEST_PAUSE
        waiting.at = asyncio.get_running_loop().time() + pause
        self._waiting[message_id] = waiting

    async def _give_up(self, reply: PostedReply, error: BaseException) -> None:
        if (code := closing_code(error)) is not None:
            # If it opens again, the reply is found again, because its content is still outdated.
            await self._closed.close(reply.guild_id, reply.channel_id, code)
        else:
            self._standing.refused(reply.message_id)


def _is_final(error: BaseException) -> bool:
    """Whether Discord will never accept this edit: not if it only wants us to wait, or could not be reached."""
    if not isinstance(error, discord.HTTPException) or is_passing(error):
        return False
    return error.status in {400, 401, 403, 404}
