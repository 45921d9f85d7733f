"""Reactions on our auto-replies: certain emoji are reports, and removing one withdraws the report."""

import discord
import structlog
from discord.ext import commands

from bot.core.errors import StoreError, UnknownServiceError
from bot.core.reactions import StandingReactions
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.reports.record_report import RecordReport
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

_KEPT_WITHIN = 0.25
"""Seconds. Nobody waits for an answer to a reaction, so it can share a commit with others."""
_log = structlog.get_logger(__name__)


class ReactionListener(FeatureCog):
    """Listens to raw events: they need no message cache, so reactions also count after a restart."""

    def __init__(
        self,
        replies: ReplyCache,
        guilds: GuildCache,
        services: Services,
        record: RecordReport,
        live: LiveReplies,
        failures: Failures,
    ) -> None:
        self._replies = replies
        self._guilds = guilds
        self._services = services
        self._record = record
        self._live = live
        self._failures = failures
        self._standing = StandingReactions()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Count the person who reacted."""
        if payload.member is None or not payload.member.bot:
            await self._heard(payload, added=True)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take their report back."""
        await self._heard(payload, added=False)

    async def _heard(self, payload: discord.RawReactionActionEvent, *, added: bool) -> None:
        reply = self._replies.get(payload.message_id)
        if reply is None or not self._guilds.get(reply.guild_id).counts_as_report(str(payload.emoji)):
            return
        person, emoji = (payload.message_id, payload.user_id), str(payload.emoji)
        if added:
            self._standing.add(*person, emoji)
        elif not self._standing.remove(*person, emoji):
            return
        try:
            service = self._services.get(reply.service)
            if added:
                await self._record.report(service, payload.user_id, reply.guild_id, within=_KEPT_WITHIN)
            else:
                await self._record.withdraw(service, payload.user_id)
        except (StoreError, UnknownServiceError) as error:
            _log.warning("reaction not counted", error=str(error))
        except Exception as error:
            self._failures.note(error, "reaction")
        else:
            self._live.touch(payload.message_id)
