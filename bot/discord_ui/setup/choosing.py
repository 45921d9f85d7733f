"""Reads a moderator's choice in a menu of `/setup` as JSON, and checks it against the server, by the setting's kind."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import discord

from bot.core.errors import WrongInputError
from bot.core.guild_settings import Field
from bot.core.imported_settings import NOT_EVERYONE
from bot.core.setting_kinds import Channel, Channels, Duration, NameSet, Place, Role, Roles
from bot.core.texts import N_
from bot.discord_ui.answering.router import id_of
from bot.discord_ui.permissions import is_open_to_all
from bot.discord_ui.setup.controls import DEFAULT
from bot.discord_ui.setup.needs import mention
from bot.discord_ui.setup.server_parts import pick_channels, pick_roles

_WRONG_PLACE = {
    Place.WRITTEN_IN: N_("Choose a channel or thread that people write in."),
    Place.ANNOUNCED_IN: N_("Choose a text channel of this server."),
    Place.MODERATORS: N_("Choose a text channel that only moderators can read."),
}


class SettingChoice(NamedTuple):
    """The value to set, and chosen items that were deleted meanwhile."""

    value: Any
    left_out: Sequence[str] = ()


def names_server_parts(field: Field) -> bool:
    """Whether this setting names channels or roles, so that it cannot be chosen while Discord does not show them."""
    return isinstance(field.kind, Channels | Channel | Roles | Role)


async def read_choice(guild: discord.Guild, field: Field, given: Sequence[str]) -> SettingChoice:
    """Read a choice. Raises WrongInputError for items that this server does not have."""
    match field.kind:
        case Channels() | Channel():
            here, gone = await pick_channels(guild, field.name, given)
            left_out = [mention(id_of(one) or 0) for one in gone]
            if isinstance(field.kind, Channels):
                return SettingChoice(here, left_out)
            if not all(_fits(guild, int(one), field.kind.place) for one in here):
                raise WrongInputError(field.name, _WRONG_PLACE[field.kind.place])
            return SettingChoice(next(iter(here), None), left_out)
        case Roles() | Role():
            here, gone = pick_roles(guild, field.name, given)
            left_out = [mention(id_of(one) or 0, role=True) for one in gone]
            if isinstance(field.kind, Roles):
                return SettingChoice(here, left_out)
            if str(guild.id) in here:
                raise WrongInputError(field.name, NOT_EVERYONE)
            return SettingChoice(next(iter(here), None), left_out)
        case _:
            return SettingChoice(
                sorted(given) if isinstance(field.kind, NameSet) else _one(field, next(iter(given), ""))
            )


def _one(field: Field, value: str) -> str | int | None:
    if isinstance(field.kind, Duration) and value.isdecimal():
        return int(value)
    return None if value == DEFAULT else value


def _fits(guild: discord.Guild, channel_id: int, place: Place) -> bool:
    channel = guild.get_channel_or_thread(channel_id)
    match place:
        case Place.WRITTEN_IN:  # an unknown channel is an archived thread
            return channel is None or isinstance(channel, discord.abc.Messageable)
        case Place.MODERATORS:
            return isinstance(channel, discord.TextChannel) and not is_open_to_all(channel)
        case _:
            return isinstance(channel, discord.TextChannel)
