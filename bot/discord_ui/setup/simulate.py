"""`/setup` → *Simulate an outage*: for the moderator alone, or in a channel of their choice."""

import discord
from discord import ui

from bot.core.posts import Post, PostKind
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, chosen, id_of
from bot.discord_ui.permissions import missing_in
from bot.discord_ui.render.layout import Card
from bot.discord_ui.render.outage import announcement
from bot.discord_ui.setup.needs import lacking_needs, need_lines
from bot.discord_ui.setup.overview import SIMULATE
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.usecases.outages.simulate import SimulateOutage


class SetupSimulation(FeatureCog):
    """Shows an invented outage, or plays one."""

    def __init__(self, panel: SetupPanel, simulate: SimulateOutage) -> None:
        self._panel = panel
        self._simulate = simulate

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"setsimlook": self.press_look, "setsimplay": self.choose_channel}

    async def press_look(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Show the announcement at its beginning, its peak and its end, to the moderator alone."""
        guild_id = server(interaction)
        async with defer_if_slow(interaction):
            outages = await self._simulate.look(guild_id)
        texts, service = self._panel.public_texts(interaction), self._panel.context.service(interaction)
        post = Post(0, PostKind.ANNOUNCEMENT, guild_id, interaction.channel_id or 0)
        for outage in outages:
            card = announcement(texts, service, outage, post, picture=None, role=None)
            await send(interaction, _without_presses(card), private=True)

    async def choose_channel(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Play an outage in this channel."""
        guild_id, guild = server(interaction), interaction.guild
        if await self._panel.tell_if_away(interaction) or guild is None:
            return
        texts, picked = self._panel.texts(interaction), next(iter(chosen(interaction)), "")
        channel = guild.get_channel(id_of(picked) or 0)
        if not isinstance(channel, discord.TextChannel):
            await self._panel.show(
                interaction, SIMULATE, notice="⚠️ " + texts.say("Choose a text channel of this server.")
            )
            return
        if found := lacking_needs(texts, SIMULATE, channel.id, missing_in(channel, outages=True)):
            await self._panel.show(interaction, SIMULATE, notice="\n".join(need_lines(texts, found)))
            return
        async with defer_if_slow(interaction, replacing=True):
            begun = await self._simulate.begin(guild_id, channel.id)
        notice = texts.say("A simulation is running here already. Wait until it is over.")
        if begun:
            notice = texts.say(
                "Starting a simulated outage in {channel}. It takes about three minutes.", channel=channel.mention
            )
        await self._panel.show(interaction, SIMULATE, notice=notice)


def _without_presses(card: Card) -> Card:
    """The card with its buttons and menus greyed out. It was not sent yet."""
    for part in card.walk_children():
        if isinstance(part, ui.Button | ui.Select):
            part.disabled = True
    return card
