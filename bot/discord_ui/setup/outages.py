"""`/setup`: *Simulate an outage*."""

import discord

from bot.core.errors import WrongInputError
from bot.core.texts import N_, Texts
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler
from bot.discord_ui.permissions import missing_in
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.usecases.outages.simulate import SimulateOutage


class SetupOutages(FeatureCog):
    """Starts a simulation."""

    def __init__(self, panel: SetupPanel, simulate: SimulateOutage) -> None:
        self._panel = panel
        self._simulate = simulate

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {"setoutsimulate": self.press_simulate}

    async def press_simulate(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Simulate an outage, in the outage channel if there is one, else here."""
        guild_id = server(interaction)
        if await self._panel.tell_if_away(interaction):
            return
        texts, settings = self._panel.texts(interaction), self._panel.settings(interaction)
        channel_id = settings.outage_channel or interaction.channel_id or 0
        guild = interaction.guild
        channel = guild.get_channel(channel_id) if guild is not None else None
        if guild is None or not isinstance(channel, discord.TextChannel):
            raise WrongInputError("outage_channel", N_("Choose one first, or press this in a text channel."))
        if lacking := missing_in(channel, outages=True):
            names = ", ".join(texts.say(need.name) for need in lacking)
            raise WrongInputError("permissions", N_("I lack this in that channel: {permissions}"), permissions=names)
        async with defer_if_slow(interaction):
            begun = await self._simulate.begin(guild_id, channel_id)
        sentence = simulating(texts, channel_id) if begun else already_simulating(texts)
        await send(interaction, note(sentence), private=True)


def simulating(texts: Texts, channel_id: int) -> str:
    """The answer to *Simulate an outage*."""
    return texts.say(
        "Starting a simulated outage in {channel}. It takes about three minutes and is marked as a simulation. "
        "Nobody is pinged, and nothing counts.",
        channel=f"<#{channel_id}>",
    )


def already_simulating(texts: Texts) -> str:
    """The answer while another simulation runs."""
    return texts.say("A simulation is running here already. Wait until it is over.")
