"""Messages: the cheap refusals first, then one decision, then at most one reply. Texts are never kept."""

import discord
import structlog
from discord.ext import commands

from bot.discord_ui.failures import UNDELIVERED, Failures
from bot.discord_ui.live_replies import LiveReplies
from bot.discord_ui.render.help import auto_reply
from bot.discord_ui.speech import Speech
from bot.usecases.answer_help import AnswerHelp
from bot.usecases.notice_message import Heard, NoticeMessage, Reply

_log = structlog.get_logger(__name__)


class MessageListener(commands.Cog):
    """Answers mentions where moderators turned it on."""

    def __init__(
        self, notice: NoticeMessage, answers: AnswerHelp, speech: Speech, live: LiveReplies, failures: Failures
    ) -> None:
        self._notice = notice
        self._answers = answers
        self._speech = speech
        self._live = live
        self._failures = failures

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Reply once, or stay silent."""
        if message.author.bot or message.webhook_id is not None or message.guild is None:
            return
        channel_id = self._channel_with_replies(message)
        if channel_id is None or not message.content:
            return
        heard = Heard(message.guild.id, channel_id, message.author.id, message.content)
        try:
            decision = self._notice.notice(heard)
            if isinstance(decision, Reply):
                await self._reply(message, message.guild, decision)
        except UNDELIVERED as error:
            _log.info("auto-reply not sent", channel=channel_id, error=str(error))
        except Exception as error:
            self._failures.note(error, "on_message")

    def _channel_with_replies(self, message: discord.Message) -> int | None:
        assert message.guild is not None, "checked before"
        channel = message.channel
        if self._notice.listens(message.guild.id, channel.id):
            return channel.id
        parent = channel.parent_id if isinstance(channel, discord.Thread) else None
        return parent if parent and self._notice.listens(message.guild.id, parent) else None

    async def _reply(self, message: discord.Message, guild: discord.Guild, reply: Reply) -> None:
        texts = self._speech.public(guild.id, guild.preferred_locale)
        answer = self._answers.answer(reply.service, guild.id, message.author.id)
        sent = await message.reply(view=auto_reply(texts, answer), mention_author=False)
        await self._live.follow(sent.id, message.channel.id, guild.id, reply.service)
