"""Messages: the cheap refusals first, then one decision, then at most one reply. Texts are never kept."""

from typing import Any

import discord
import structlog
from discord.ext import commands

from bot.discord_ui.failures import UNDELIVERED, Failures
from bot.discord_ui.live_replies import LiveReplies
from bot.discord_ui.permissions import closing_code
from bot.discord_ui.places import calls, covering, places_of
from bot.discord_ui.render.help import auto_reply
from bot.discord_ui.render.layout import note
from bot.discord_ui.render.trial import dry_run_text
from bot.discord_ui.speech import Speech
from bot.usecases.answer_help import AnswerHelp
from bot.usecases.closed_channels import ClosedChannels
from bot.usecases.judge_replies import ASKED, AUTOMOD, JudgeReplies
from bot.usecases.notice_message import Heard, NoticeMessage, Reply

_log = structlog.get_logger(__name__)


class MessageListener(commands.Cog):
    """Answers mentions where moderators turned it on, and people who mention the bot itself."""

    def __init__(
        self,
        notice: NoticeMessage,
        answers: AnswerHelp,
        judge: JudgeReplies,
        speech: Speech,
        live: LiveReplies,
        closed: ClosedChannels,
        failures: Failures,
        *,
        hears_content: bool,
    ) -> None:
        self._notice = notice
        self._answers = answers
        self._judge = judge
        self._speech = speech
        self._live = live
        self._closed = closed
        self._failures = failures
        self._hears_content = hears_content

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Reply once, or stay silent."""
        if message.author.bot or message.webhook_id is not None or message.guild is None or not message.content:
            return
        places = places_of(message.channel)
        me = message.guild.me
        asked = me is not None and calls(message.content, me.id)  # pyright: ignore[reportUnnecessaryComparison]
        if not asked and not self._notice.listens(message.guild.id, places):
            return
        heard = Heard(
            message.guild.id,
            covering(message.channel),
            message.author.id,
            message.content,
            places,
            frozenset(role.id for role in getattr(message.author, "roles", ())),
            ASKED if asked else None,
        )
        await self._decide(heard, message.guild, message.channel, message.id)

    @commands.Cog.listener()
    async def on_automod_action(self, execution: discord.AutoModAction) -> None:
        """Discord's AutoMod heard a phrase of ours. Where message text is read, the message itself was heard, too."""
        if self._hears_content or not self._notice.is_ours(execution.guild_id, execution.rule_id):
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
                _log.info("author not known, so not answered", error=str(error))
                return
        heard = Heard(guild.id, covering(channel), execution.user_id, "", places_of(channel), roles, AUTOMOD)
        await self._decide(heard, guild, channel, execution.message_id)

    async def _decide(self, heard: Heard, guild: discord.Guild, channel: Any, message_id: int | None) -> None:
        if self._closed.is_closed(channel.id):
            return
        try:
            decision = self._notice.notice(heard)
            if not isinstance(decision, Reply):
                return
            if decision.settings.dry_run is not None and heard.ear != ASKED:
                await self._tell_moderators(guild, channel, message_id, decision)
            else:
                await self._reply(heard, guild, channel, message_id, decision)
        except UNDELIVERED as error:
            _log.info("auto-reply not sent", channel=heard.channel_id, error=str(error))
            if (code := closing_code(error)) is not None:
                await self._closed.close(guild.id, channel.id, code)
        except Exception as error:
            self._failures.note(error, "on_message")

    async def _reply(
        self, heard: Heard, guild: discord.Guild, channel: Any, message_id: int | None, reply: Reply
    ) -> None:
        texts = self._speech.public(guild.id, guild.preferred_locale)
        card = auto_reply(texts, self._answers.answer(reply.service, guild.id, heard.author_id))
        reference: Any = None
        if message_id is not None:
            reference = discord.MessageReference(
                message_id=message_id, channel_id=channel.id, guild_id=guild.id, fail_if_not_exists=False
            )
        sent = await channel.send(view=card, reference=reference, mention_author=False)
        await self._closed.worked(channel.id)
        await self._live.follow(sent.id, channel.id, guild.id, reply.service, reply.rule)
        await self._judge.replied(guild.id, reply.rule)

    async def _tell_moderators(self, guild: discord.Guild, channel: Any, message_id: int | None, reply: Reply) -> None:
        told_in: Any = guild.get_channel_or_thread(reply.settings.dry_run or 0)
        if not isinstance(told_in, discord.abc.Messageable):
            _log.info("dry run without a channel", guild=guild.id)
            return
        texts = self._speech.public(guild.id, guild.preferred_locale)
        url = f"https://discord.com/channels/{guild.id}/{channel.id}" + (f"/{message_id}" if message_id else "")
        confidence = reply.mention.confidence if reply.mention else None
        try:
            await told_in.send(view=note(dry_run_text(texts, url, reply.rule, confidence)))
        except UNDELIVERED as error:
            # Not the channel's fault where it was said, which is therefore not closed; `/setup` names what is missing.
            _log.info("dry run not told", channel=reply.settings.dry_run, error=str(error))
