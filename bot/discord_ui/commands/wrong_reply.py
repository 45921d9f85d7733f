"""*Wrong reply?*: lets the author of the answered message and moderators delete a reply; this counts for its rule."""

import discord
import structlog

from bot.core.errors import StoreError
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.answering.responding import send
from bot.discord_ui.answering.router import Handler
from bot.discord_ui.answering.speech import Speech
from bot.discord_ui.render.layout import note
from bot.usecases.replies.judge_replies import JudgeReplies

_log = structlog.get_logger(__name__)


class WrongReply(FeatureCog):
    """Deletes wrong replies."""

    def __init__(self, speech: Speech, judge: JudgeReplies) -> None:
        self._speech = speech
        self._judge = judge

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"wrong": self.press}

    async def press(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Delete the reply and count it as wrong; others get an answer that says who may do this."""
        texts, reply = self._speech.private(interaction), interaction.message
        moderator = interaction.permissions.manage_guild or interaction.permissions.manage_messages
        if reply is None or not (moderator or await _answered(reply) == interaction.user.id):
            sentence = texts.say("Only the person I replied to, or a moderator, can take this reply away.")
            await send(interaction, note(sentence), private=True)
            return
        await interaction.response.defer()
        try:
            await interaction.delete_original_response()
        except discord.NotFound:
            _log.info("a wrong reply was deleted already", message=reply.id)
        sentence = texts.say("Taken away, thank you.")
        try:
            judgement = await self._judge.wrong(reply.id, interaction.user.id, moderator=moderator)
        except StoreError as error:
            _log.warning("a wrong reply could not be counted", error=str(error))
        else:
            if judgement.counted:
                sentence += " " + texts.say("I count that this rule was wrong, not what was written.")
            if judgement.turned_off:
                sentence += " " + texts.say("It was wrong too often here, so it is off in this server from now on.")
        await send(interaction, note(sentence), private=True)


async def _answered(reply: discord.Message) -> int | None:
    """The author of the answered message; None if it was deleted or is not visible for us."""
    reference = reply.reference
    if reference is None or reference.message_id is None:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved.author.id
    try:
        return (await reply.channel.fetch_message(reference.message_id)).author.id
    except UNDELIVERED:
        return None
