"""*More* on a reply, with *Wrong reply?* behind it.

With *Wrong reply?* the author of the answered message and moderators can delete a reply; it counts for its rule.
"""

import logging

import discord

from bot.core.errors import StoreError
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import send
from bot.discord_ui.answering.router import Handler, first, id_of
from bot.discord_ui.permissions import is_passing
from bot.discord_ui.render.layout import note
from bot.discord_ui.render.reply import more_card
from bot.usecases.replies.judge_replies import JudgeReplies

_WRITTEN_IN = (discord.TextChannel, discord.Thread, discord.VoiceChannel, discord.StageChannel)
_logger = logging.getLogger(__name__)


class WrongReply(FeatureCog):
    """Shows further actions for a reply, and deletes wrong replies."""

    def __init__(self, context: Context, localizer: Localizer, judge: JudgeReplies) -> None:
        self._context = context
        self._localizer = localizer
        self._judge = judge

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"more": self.press_more, "wrong": self.press}

    async def press_more(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """*More*, privately."""
        service = self._context.service(interaction, first(args))
        reply_id = 0 if interaction.message is None else interaction.message.id
        await send(interaction, more_card(self._localizer.private(interaction), service, reply_id), private=True)

    async def press(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Delete the reply and count it as wrong; other people get an answer that says who may do this.

        Replies of older versions have this button themselves, and it names no reply.
        """
        texts = self._localizer.private(interaction)
        moderator = interaction.permissions.manage_guild or interaction.permissions.manage_messages
        await interaction.response.defer(ephemeral=True, thinking=bool(args))
        reply = await _named(interaction, args, moderator=moderator)
        if reply is None or not (moderator or await _answered(reply) == interaction.user.id):
            sentence = texts.say("Only the person I replied to, or a moderator, can remove this reply.")
            await send(interaction, note(sentence), private=True)
            return
        if not await _delete(reply):
            sentence = texts.say("Discord doesn't let me remove it now. Please try again later.")
            await send(interaction, note(sentence), private=True)
            return
        sentence = texts.say("Removed.")
        try:
            judgement = await self._judge.wrong(reply.id, interaction.user.id, moderator=moderator)
        except StoreError as error:
            _logger.warning("wrong reply not counted", extra={"error": str(error)})
        else:
            if judgement.counted:
                sentence = texts.say("Removed. Counted as a wrong reply; your text isn't stored.")
            if judgement.turned_off:
                sentence += " " + texts.say(
                    "It was wrong too often here, so this rule is off in this server from now on."
                )
        await send(interaction, note(sentence), private=True)


async def _delete(reply: discord.Message | discord.PartialMessage) -> bool:
    """Delete a reply; False if Discord does not allow that now, for example in an archived thread."""
    try:
        await reply.delete()
    except UNDELIVERED as error:
        gone = isinstance(error, discord.NotFound) and not is_passing(error)
        _logger.info("wrong reply not deleted", extra={"reply": reply.id, "gone": gone, "error": str(error)})
        return gone
    return True


async def _named(
    interaction: discord.Interaction, args: tuple[str, ...], *, moderator: bool
) -> discord.Message | discord.PartialMessage | None:
    """The reply to delete: always a message of ours in this channel, whatever the press names.

    If the bot may not read the channel's history, it trusts a moderator.
    """
    if not args:
        return interaction.message
    number, channel, me = id_of(args[0]), interaction.channel, interaction.client.user
    if number is None or not isinstance(channel, _WRITTEN_IN):
        return None
    try:
        message = await channel.fetch_message(number)
    except UNDELIVERED:
        return channel.get_partial_message(number) if moderator else None
    return message if me is not None and message.author.id == me.id else None


async def _answered(reply: discord.Message | discord.PartialMessage) -> int | None:
    """The author of the answered message; None if it was deleted or is not visible to us."""
    reference = reply.reference if isinstance(reply, discord.Message) else None
    if reference is None or reference.message_id is None:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved.author.id
    try:
        return (await reply.channel.fetch_message(reference.message_id)).author.id
    except UNDELIVERED:
        return None
