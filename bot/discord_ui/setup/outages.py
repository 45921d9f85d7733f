"""`/setup`: the page *Outages*, and *Simulate an outage*."""

import discord

from bot.core.errors import InvalidValueError
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.responding import defer_if_slow, send
from bot.discord_ui.answering.router import Handler, chosen, chosen_number
from bot.discord_ui.permissions import missing_in
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup import outages_card as render
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.usecases.outages.simulate import SimulateOutage


class SetupOutages(FeatureCog):
    """Sets where outages are announced and which role is mentioned, and starts a simulation."""

    def __init__(self, panel: SetupPanel, simulate: SimulateOutage) -> None:
        self._panel = panel
        self._simulate = simulate

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "setoutchannel": self.choose_channel,
            "setoutrole": self.choose_role,
            "setoutreminder": self.choose_reminder,
            "setoutpicture": self.choose_picture,
            "setoutthread": self._switch("outage_thread"),
            "setoutsilent": self._switch("outage_silent"),
            "setoutend": self._switch("outage_end"),
            "setoutpossible": self._switch("outage_possible"),
            "setoutsimulate": self.press_simulate,
        }

    async def choose_channel(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set the channel where outages are announced; none turns it off."""
        if await self._panel.tell_if_away(interaction):
            return
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
        """Set the role that is mentioned; @everyone is refused."""
        if await self._panel.tell_if_away(interaction):
            return
        role = next(iter(chosen(interaction)), None)
        guild = interaction.guild
        if role is not None:
            chosen_role = guild.get_role(int(role)) if guild is not None and role.isdecimal() else None
            if chosen_role is None or chosen_role.is_default():
                raise InvalidValueError("outage_role", "a role of this server that members chose to have")
        await self._panel.change(interaction, {"outage_role": role}, "outages")

    async def choose_reminder(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set how often the server is reminded."""
        server(interaction)
        await self._panel.change(interaction, {"outage_reminder": chosen_number(interaction)}, "outages")

    async def choose_picture(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set the Discord theme that pictures are drawn for."""
        await self._panel.change(interaction, {"picture": next(iter(chosen(interaction)), "")}, "outages")

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
            raise InvalidValueError("outage_channel", "a text channel; choose one above, or press this in one")
        if lacking := missing_in(channel, outages=True):
            raise InvalidValueError("permissions", ", ".join(need.name for need in lacking))
        async with defer_if_slow(interaction):
            begun = await self._simulate.begin(guild_id, channel_id)
        sentence = render.simulating(texts, channel_id) if begun else render.already_simulating(texts)
        await send(interaction, note(sentence), private=True)

    def _switch(self, field: str) -> Handler:
        async def press(interaction: discord.Interaction, args: tuple[str, ...]) -> None:
            await self._panel.change(interaction, {field: args[:1] == ("on",)}, "outages")

        return press
