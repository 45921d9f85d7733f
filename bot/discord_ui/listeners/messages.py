"""Messages: one decision for each, then at most one reply. Texts are never stored."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import discord
from discord.ext import commands

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import UNDELIVERED, Failures
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.listeners.incoming import LocatedMessage, from_message, read, read_automod
from bot.discord_ui.listeners.reposts import Reposts, WatchedMessage
from bot.discord_ui.permissions import (
    GONE,
    LOCKED,
    MAY_NOT_REPLY,
    closing_code,
    has_nothing_to_reply_to,
    may_write,
)
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.posting.moderators import address
from bot.discord_ui.render.layout import Card
from bot.discord_ui.render.reply import auto_reply
from bot.discord_ui.render.rules import dry_run_card
from bot.usecases.replies.distress_guard import DistressGuard
from bot.usecases.replies.humans_first import HumansFirst, Waiting
from bot.usecases.replies.judge_replies import ASKED, JudgeReplies
from bot.usecases.replies.notice_message import NoticeMessage, Reply, Silence
from bot.usecases.replies.ports import PostedReply
from bot.usecases.replies.read_message import IncomingMessage, SecondLook
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.reports.count_helpful_steps import CountHelpfulSteps, Unknown
from bot.usecases.servers.closed_channels import ClosedChannels

_logger = logging.getLogger(__name__)


class MessageListener(FeatureCog):
    """Answers mentions where moderators turned it on, and people who mention the bot itself.

    Most messages come from the message filter; `on_message` gets those that the filter leaves to discord.py.
    """

    def __init__(
        self,
        *,
        notice: NoticeMessage,
        answers: AnswerHelp,
        judge: JudgeReplies,
        localizer: Localizer,
        live: LiveReplies,
        closed: ClosedChannels,
        failures: Failures,
        current: CurrentClient,
        reposts: Reposts,
        steps: CountHelpfulSteps,
        humans: HumansFirst,
        distress_guard: DistressGuard,
    ) -> None:
        self._notice = notice
        self._steps = steps
        self._answers = answers
        self._judge = judge
        self._localizer = localizer
        self._live = live
        self._closed = closed
        self._failures = failures
        self._current = current
        self._reposts = reposts
        self._humans = humans
        self._distress_guard = distress_guard
        self._working: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, tuple[IncomingMessage, Reply, Waiting]] = {}

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Decide on a message from discord.py."""
        if message.guild is None:
            return
        me: Any = message.guild.me  # None until Discord has sent our member object; discord.py's type hint omits None
        bot_id: int | None = me.id if me is not None else None
        said = read(from_message(message), message.guild, message.channel, bot_id, self._notice, self._humans)
        if said is not None:
            self.hear(said)

    @commands.Cog.listener()
    async def on_automod_action(self, execution: discord.AutoModAction) -> None:
        """Handle an AutoMod match of our phrases.

        If the bot reads message text, it has also received the message itself.
        """
        if self._current.reads_messages or not self._notice.is_ours(execution.guild_id, execution.rule_id):
            return
        guild = execution.guild
        channel: Any = guild.get_channel_or_thread(execution.channel_id or 0)
        if channel is None:
            return
        roles = frozenset[int]()
        if self._notice.looks_at_roles(guild.id):
            try:
                roles = frozenset(role.id for role in (await guild.fetch_member(execution.user_id)).roles)
            except UNDELIVERED as error:
                _logger.info("AutoMod message not answered: author unknown", extra={"error": str(error)})
                return
        self.hear(read_automod(execution, channel, roles))

    def hear(self, said: LocatedMessage) -> None:
        """Decide about a message at once, and start the reply if it gets one. Never raises."""
        if self._is_closed(said):
            return
        try:
            decision = self._notice.notice(said.incoming)
        except Exception as error:
            self._failures.note(error, "on_message")
            return
        if isinstance(decision, SecondLook):
            self._start(self._look_again(said, decision), "second look")
        else:
            self._act(said, decision)

    def edited(self, message_id: int, text: str) -> None:
        """A message was edited: drop the reply that waits if the text no longer asks for one. Never raises.

        Edits never start a reply, because the message may be old.
        """
        if (found := self._waiting.get(message_id)) is None:
            return
        incoming, reply, waiting = found
        try:
            if not waiting.dropped and not self._notice.still_asks(incoming._replace(text=text)):
                waiting.dropped = True
                self._notice.not_sent(incoming, reply)  # who asks again is answered
        except Exception as error:
            self._failures.note(error, "on_message_edit")

    async def _look_again(self, said: LocatedMessage, look: SecondLook) -> None:
        try:
            decision = await self._notice.look_again(look)
        except Exception as error:
            self._failures.note(error, "on_message")
            return
        self._act(said, decision)

    def _act(self, said: LocatedMessage, decision: Reply | Silence) -> None:
        incoming = said.incoming
        if isinstance(decision, Reply):
            waiting = self._humans.begin(said.channel.id, incoming.author_id, said.message_id)
            if said.message_id is not None:
                self._waiting[said.message_id] = incoming, decision, waiting
            watched = self._reposts.watch(said.channel.id, incoming.text)
            self._start(self._answer(said, decision, waiting, watched), "auto-reply")
        elif decision is Silence.DISTRESS:
            self._humans.drop(said.channel.id, incoming.author_id)
            notice = self._distress_guard.notify_moderators(
                incoming.guild_id, said.channel.id, said.message_id, incoming.author_id
            )
            self._start(notice, "notify moderators")

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _is_closed(self, said: LocatedMessage) -> bool:
        """Whether we must not write there.

        An archived thread is reopened by this message, before Discord notifies us.
        """
        closed = self._closed.get(said.channel.id)
        if closed is not None and closed.code in LOCKED and may_write(said.guild, closed.channel_id):
            self._closed.try_again([closed.channel_id])
            return False
        return closed is not None

    async def _answer(self, said: LocatedMessage, reply: Reply, waiting: Waiting, watched: WatchedMessage) -> None:
        try:
            if await self._is_wanted(said, reply, waiting):
                await self._deliver(said, reply, watched)
            # else a person answered first (keep the cooldowns running as if we had replied), or the author took it back
        finally:
            self._reposts.leave(watched)

    async def _is_wanted(self, said: LocatedMessage, reply: Reply, waiting: Waiting) -> bool:
        """Leave people time to answer first. Returns whether the reply is still to be sent."""
        try:
            asked = said.incoming.forced_rule == ASKED
            return await self._humans.leave_time(waiting, 0 if asked else reply.settings.wait)
        finally:
            self._waiting.pop(said.message_id or 0, None)

    async def _deliver(self, said: LocatedMessage, reply: Reply, watched: WatchedMessage) -> None:
        try:
            if reply.settings.dry_run is not None and said.incoming.forced_rule != ASKED:
                await self._post_dry_run(said, reply)
            else:
                await self._reply(said, reply, watched)
        except UNDELIVERED as error:
            _logger.info("auto-reply not sent", extra={"channel": said.incoming.channel_id, "error": str(error)})
            self._notice.not_sent(said.incoming, reply)
            if (code := closing_code(error)) is not None:
                await self._closed.close(said.guild.id, said.channel.id, code)
        except Exception as error:
            self._notice.not_sent(said.incoming, reply)
            self._failures.note(error, "on_message")

    async def _reply(self, said: LocatedMessage, reply: Reply, watched: WatchedMessage) -> None:
        incoming, guild, channel, message_id = said
        texts = self._localizer.public(guild.id, guild.preferred_locale)
        answer, live = self._answers.answer(reply.service, guild.id, incoming.author_id), not self._live.crowded
        card = auto_reply(texts, answer, live=live, symptom=reply.symptom)
        sent = await self._send(channel, guild, card, message_id, watched)
        if sent is None:
            _logger.info("message deleted before it was answered", extra={"channel": channel.id})
            self._notice.not_sent(incoming, reply)
            return
        await self._closed.worked(channel.id)
        symptom_id = reply.symptom.id if reply.symptom is not None else None
        clues = reply.mention.clues if reply.mention is not None else frozenset[str]()
        posted = PostedReply(
            sent.id, channel.id, guild.id, reply.service.id, int(answer.at), reply.rule, symptom_id, clues
        )
        await asyncio.gather(  # written together
            self._live.follow(posted, answer, live=live),
            self._judge.replied(guild.id, reply.rule, clues),
            self._count_unknown(reply, guild.id),
        )

    async def _count_unknown(self, reply: Reply, guild_id: int) -> None:
        if reply.mention is not None and reply.symptom is None:
            await self._steps.unknown(guild_id, Unknown.MESSAGE)

    async def _send(
        self, channel: Any, guild: discord.Guild, card: Card, message_id: int | None, watched: WatchedMessage
    ) -> discord.Message | None:
        """Send a card as a reply; without the reference if Discord does not let us reply.

        None if the message no longer exists: a card is never sent without its message.
        """
        if message_id is None:
            return await channel.send(view=card)
        try:
            return await channel.send(view=card, reference=_to(channel, guild, message_id), mention_author=False)
        except discord.HTTPException as error:
            if error.code in MAY_NOT_REPLY:
                return await channel.send(view=card)
            if not has_nothing_to_reply_to(error):
                raise
        if watched.repost is None:
            return None
        return await channel.send(view=card, reference=_to(channel, guild, watched.repost), mention_author=False)

    async def _post_dry_run(self, said: LocatedMessage, reply: Reply) -> None:
        _, guild, channel, message_id = said
        place = self._dry_run_channel(guild, reply.settings.dry_run or 0)
        if place is None:
            return
        texts = self._localizer.public(guild.id, guild.preferred_locale)
        url = address(guild.id, channel.id, message_id)
        confidence = reply.mention.confidence if reply.mention else None
        try:
            await place.send(view=dry_run_card(texts, url, reply.rule, confidence))
        except UNDELIVERED as error:
            # The channel of the message is not at fault, so it is not closed. `/setup` names the missing permission.
            _logger.info("dry run not sent", extra={"channel": place.id, "error": str(error)})
            if closing_code(error) == GONE:
                await self._closed.close(guild.id, place.id, GONE)  # this notifies moderators elsewhere, once

    def _dry_run_channel(self, guild: discord.Guild, channel_id: int) -> Any:
        """The channel for dry runs; None if we may not write there. An unknown thread may be archived."""
        client, known = self._current.client, guild.get_channel_or_thread(channel_id)
        if known is not None:
            return known if isinstance(known, discord.abc.Messageable) else None
        if client is None or self._closed.is_closed(channel_id):
            return None
        return client.get_partial_messageable(channel_id, guild_id=guild.id)


def _to(channel: Any, guild: discord.Guild, message_id: int) -> discord.MessageReference:
    return discord.MessageReference(message_id=message_id, channel_id=channel.id, guild_id=guild.id)
