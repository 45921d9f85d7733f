"""`/setup`: the page *Outages*, and *Simulate an outage*."""

import discord

from bot.core.errors import InvalidValueError
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, chosen, chosen_number
from bot.discord_ui.permissions import missing
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup import outages_card as render
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.usecases.outages.simulate import SimulateOutage


class SetupOutages(FeatureCog):
    """Where outages are announced, to whom, and a look at what it would be like."""

    def __init__(self, panel: SetupPanel, simulate: SimulateOutage) -> None:
        self._panel = panel
        self._simulate = simulate

    def handlers(self) -> dict[str, Handler]:
        """The presses answered here."""
        return {
            "setoutchannel": self.choose_channel,
            "setoutrole": self.choose_role,
            "setoutreminder": self.choose_reminder,
            "setoutpicture": self.choose_picture,
            "setoutthread": self._switch("outage_thread"),
            "setoutpossible": self._switch("outage_possible"),
            "setoutsimulate": self.press_simulate,
        }

    async def choose_channel(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Where outages are announced; nothing chosen turns it off."""
        server(interaction)
        channel = next(iter(chosen(interaction)), None)
        guild = interaction.guild
        if channel is not None and not (
            guild is not None
            and channel.isdecimal()
            and isinstance(guild.get_channel(int(channel)), discord.TextChannel)
        ):
            raise InvalidValueError("outage_channel", "a text channel of this server")
        await self._panel.change(interaction, {"outage_channel": channel}, "outages")

    async def choose_role(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Who is called; @everyone is no role of a few."""
        server(interaction)
        role = next(iter(chosen(interaction)), None)
        guild = interaction.guild
        if role is not None:
            found = guild.get_role(int(role)) if guild is not None and role.isdecimal() else None
            if found is None or found.is_default():
                raise InvalidValueError("outage_role", "a role of this server that members chose to have")
        await self._panel.change(interaction, {"outage_role": role}, "outages")

    async def choose_reminder(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """How often the server is reminded."""
        await self._panel.change(interaction, {"outage_reminder": chosen_number(interaction)}, "outages")

    async def choose_picture(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """For which Discord pictures are drawn."""
        await self._panel.change(interaction, {"picture": next(iter(chosen(interaction)), "")}, "outages")

    async def press_simulate(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Play an outage, in the outage channel or else right here."""
        guild_id = server(interaction)
        texts, settings = self._panel.texts(interaction), self._panel.settings(interaction)
        channel_id = settings.outage_channel or interaction.channel_id or 0
        guild = interaction.guild
        channel = guild.get_channel(channel_id) if guild is not None else None
        if guild is None or not isinstance(channel, discord.TextChannel):
            raise InvalidValueError("outage_channel", "a text channel; choose one above, or press this in one")
        if lacking := missing(channel.permissions_for(guild.me), outages=True):
            raise InvalidValueError("permissions", ", ".join(need.name for need in lacking))
        async with defer_if_slow(interaction):
            begun = await self._simulate.begin(guild_id, channel_id)
        told = render.simulating(texts, channel_id) if begun else render.already_simulating(texts)
        await send(interaction, note(told), private=True)

    def _switch(self, field: str) -> Handler:
        async def press(interaction: discord.Interaction, args: tuple[str, ...]) -> None:
            await self._panel.change(interaction, {field: args[:1] == ("on",)}, "outages")

        return press
