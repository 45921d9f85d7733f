"""Reactions on our auto-replies: certain emoji are reports, and removing one withdraws the report."""

import discord
import structlog
from discord.ext import commands

from bot.core.errors import StoreError, UnknownServiceError
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.reports.count_reactions import CountReactions
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

_log = structlog.get_logger(__name__)


class ReactionListener(FeatureCog):
    """Listens to raw events: they need no message cache, so reactions also count after a restart."""

    def __init__(
        self,
        replies: ReplyCache,
        guilds: GuildCache,
        services: Services,
        reactions: CountReactions,
        live: LiveReplies,
        failures: Failures,
    ) -> None:
        self._replies = replies
        self._guilds = guilds
        self._services = services
        self._reactions = reactions
        self._live = live
        self._failures = failures

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Count the person who reacted."""
        if payload.member is None or not payload.member.bot:
            await self._heard(payload, added=True)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take back the report that this reaction made."""
        await self._heard(payload, added=False)

    async def _heard(self, payload: discord.RawReactionActionEvent, *, added: bool) -> None:
        reply = self._replies.get(payload.message_id)
        if reply is None or not self._guilds.get(reply.guild_id).counts_as_report(str(payload.emoji)):
            return
        count = self._reactions.added if added else self._reactions.removed
        try:
            await count(self._services.get(reply.service), reply, payload.user_id, str(payload.emoji))
        except (StoreError, UnknownServiceError) as error:
            _log.warning("reaction not counted", error=str(error))
        except Exception as error:
            self._failures.note(error, "reaction")
        else:
            self._live.touch(payload.message_id)
