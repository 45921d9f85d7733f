"""`/setup`: the page *Humans first*."""

import discord

from bot.core.errors import InvalidValueError
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.router import Handler, chosen, chosen_number, fields, id_of
from bot.discord_ui.permissions import is_open_to_all
from bot.discord_ui.setup import people_card as render
from bot.discord_ui.setup.gone_lines import mention
from bot.discord_ui.setup.panel import SetupPanel, server
from bot.discord_ui.setup.server_parts import pick_roles


class SetupPeople(FeatureCog):
    """Sets helper roles, the wait, and what happens if somebody is in distress."""

    def __init__(self, panel: SetupPanel) -> None:
        self._panel = panel

    def handlers(self) -> dict[str, Handler]:
        """The presses that this cog answers."""
        return {
            "sethelpers": self.choose_helpers,
            "setwait": self.choose_wait,
            "setdistress": self.choose_channel,
            "sethelplineform": self.press_helpline,
        }

    def forms(self) -> dict[str, Handler]:
        """The forms that this cog answers."""
        return {"sethelpline": self.send_helpline}

    async def choose_helpers(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set the roles to which the bot leaves the word."""
        guild = interaction.guild
        if await self._panel.tell_if_away(interaction) or guild is None:
            return
        roles, gone = pick_roles(guild, "helpers", chosen(interaction))
        left_out = [mention(id_of(one) or 0, role=True) for one in gone]
        await self._panel.change(interaction, {"helpers": roles}, "people", left_out)

    async def choose_wait(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set how long a reply waits for a person's answer."""
        server(interaction)
        await self._panel.change(interaction, {"wait": chosen_number(interaction)}, "people")

    async def choose_channel(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Set where moderators are told; a channel that everybody can read is refused."""
        guild = interaction.guild
        if await self._panel.tell_if_away(interaction) or guild is None:
            return
        picked = next(iter(chosen(interaction)), None)
        if picked is not None:
            channel = guild.get_channel(id_of(picked) or 0)
            if not isinstance(channel, discord.TextChannel) or is_open_to_all(channel):
                raise InvalidValueError(
                    "distress_channel", "a text channel of this server that only moderators can read"
                )
        await self._panel.change(interaction, {"distress_channel": picked}, "people")

    async def press_helpline(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Open the form for the server's own text."""
        settings = self._panel.settings(interaction)
        await interaction.response.send_modal(render.helpline_form(self._panel.texts(interaction), settings))

    async def send_helpline(self, interaction: discord.Interaction, _args: tuple[str, ...]) -> None:
        """Save the text; an empty one means none."""
        server(interaction)
        typed = next(iter(fields(interaction).get(render.HELPLINE, [])), "").strip()
        await self._panel.change(interaction, {"helpline": typed or None}, "people")
