"""Reactions on our auto-replies: certain emoji are reports, and removing one withdraws the report."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import discord
from discord.ext import commands

from bot.core.errors import StoreError, UnknownServiceError
from bot.core.guild_settings import emoji_key
from bot.core.service import Counted
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import UNDELIVERED, Failures
from bot.discord_ui.permissions import is_passing
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.ports import PostedReply
from bot.usecases.reports.count_reactions import CountReactions
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

_logger = logging.getLogger(__name__)


class ReactionListener(FeatureCog):
    """Listens to raw events, which need no message cache, so reactions also count after a restart."""

    def __init__(
        self,
        replies: ReplyCache,
        guilds: GuildCache,
        services: Services,
        reactions: CountReactions,
        live: LiveReplies,
        failures: Failures,
        current: CurrentClient,
    ) -> None:
        self._replies = replies
        self._guilds = guilds
        self._services = services
        self._reactions = reactions
        self._live = live
        self._failures = failures
        self._current = current

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Count the person who reacted."""
        if payload.member is None or not payload.member.bot:
            await self._heard(payload, added=True)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Withdraw the report that this reaction made."""
        await self._heard(payload, added=False)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """A moderator cleared all reactions of a message."""
        await self._cleared(payload.message_id, None)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(self, payload: discord.RawReactionClearEmojiEvent) -> None:
        """A moderator cleared the reactions with one emoji."""
        for burst in (False, True):
            await self._cleared(payload.message_id, _key(payload.emoji, burst=burst))

    async def _heard(self, payload: discord.RawReactionActionEvent, *, added: bool) -> None:
        reply = self._replies.get(payload.message_id)
        if reply is None or not self._guilds.get(reply.guild_id).counts_as_report(str(payload.emoji)):
            return
        user_id, emoji = payload.user_id, _key(payload.emoji, burst=payload.burst)
        async with self._counting(reply.message_id):
            service = self._services.get(reply.service)
            symptom = service.symptom(reply.symptom)
            if symptom is not None and symptom.counted is Counted.NEVER:
                return
            if added:
                await self._reactions.added(service, reply, user_id, emoji)
            else:
                await self._reactions.removed(service, reply, user_id, emoji, lambda: self._has_another(reply, user_id))

    async def _cleared(self, message_id: int, emoji: str | None) -> None:
        reply = self._replies.get(message_id)
        if reply is not None:
            async with self._counting(message_id):
                await self._reactions.cleared(self._services.get(reply.service), reply, emoji)

    async def _has_another(self, reply: PostedReply, user_id: int) -> bool:
        """Check the message for another counting reaction of this person. If unsure, return True."""
        client, settings = self._current.client, self._guilds.get(reply.guild_id)
        if client is None:
            return True
        try:
            channel = client.get_partial_messageable(reply.channel_id, guild_id=reply.guild_id)
            message = await channel.fetch_message(reply.message_id)
            for reaction in message.reactions:
                if settings.counts_as_report(str(reaction.emoji)) and await _is_among(user_id, reaction):
                    return True
        except UNDELIVERED as error:
            if isinstance(error, discord.NotFound) and not is_passing(error):
                return False
            _logger.info("reactions not read", extra={"channel": reply.channel_id, "error": str(error)})
            return True
        return False

    @asynccontextmanager
    async def _counting(self, message_id: int) -> AsyncGenerator[None]:
        """Log a failure, and update the reply."""
        try:
            yield
        except (StoreError, UnknownServiceError) as error:
            _logger.warning("reaction not counted", extra={"error": str(error)})
        except Exception as error:
            self._failures.note(error, "reaction")
        else:
            self._live.touch(message_id)


def _key(emoji: discord.PartialEmoji, *, burst: bool) -> str:
    """Identifies one of a person's reactions on a message: they can have a normal and a super reaction of one emoji."""
    return emoji_key(str(emoji)) + ("!" if burst else "")


async def _is_among(user_id: int, reaction: discord.Reaction) -> bool:
    """Whether this person gave this reaction, as a normal or a super reaction."""
    before = discord.Object(user_id - 1)
    for kind in discord.ReactionType:
        if [user async for user in reaction.users(limit=1, after=before, type=kind) if user.id == user_id]:
            return True
    return False
