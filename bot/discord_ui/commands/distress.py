"""The button under the notice about a person in distress: moderators have the server's own text sent to that person.

The bot never messages someone in distress unless a moderator asks it to. It is a direct message, which only that person
sees.
"""

import logging

import discord

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import send, update
from bot.discord_ui.answering.router import Handler, StalePressError, id_of
from bot.discord_ui.posting.moderators import address
from bot.discord_ui.render.distress import SEND, helpline_card, sent_card
from bot.discord_ui.render.layout import note
from bot.usecases.servers.configure_guild import GuildCache

_logger = logging.getLogger(__name__)


class DistressCommands(FeatureCog):
    """Sends the text to the message's author without storing their ID."""

    def __init__(self, localizer: Localizer, guilds: GuildCache) -> None:
        self._localizer = localizer
        self._guilds = guilds

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {SEND: self.press}

    async def press(self, interaction: discord.Interaction, args: tuple[str, ...]) -> None:
        """Send the text, and note under the notice that it was sent."""
        ids, guild = [id_of(one) for one in args], interaction.guild
        if guild is None or len(ids) != 2 or ids[0] is None or ids[1] is None:  # noqa: PLR2004 - channel and message
            raise StalePressError
        texts, helpline = self._localizer.private(interaction), self._guilds.get(guild.id).helpline
        may = interaction.permissions
        if not (may.manage_guild or may.manage_messages or may.moderate_members):
            await send(interaction, note(texts.say("Only moderators can send this.")), private=True)
            return
        if helpline is None:
            await send(
                interaction, note(texts.say("The server has no such text any more: see `/setup`.")), private=True
            )
            return
        await interaction.response.defer()
        public = self._localizer.public(guild.id, guild.preferred_locale)
        try:
            channel = interaction.client.get_partial_messageable(ids[0], guild_id=guild.id)
            person = (await channel.fetch_message(ids[1])).author
            await person.send(view=helpline_card(public, guild.name, helpline))
        except UNDELIVERED as error:
            _logger.info("helpline not sent", extra={"guild": guild.id, "error": str(error)})
            sentence = texts.say("I couldn't send it: the message is gone, or they don't accept messages from me.")
            await send(interaction, note(sentence), private=True)
            return
        await update(interaction, sent_card(public, address(guild.id, ids[0], ids[1])))
