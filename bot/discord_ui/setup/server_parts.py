"""The channels, threads and roles of a server.

Channels that are not in the cache (archived threads and deleted channels) are requested from Discord.
"""

import asyncio
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

import discord

from bot.core.errors import WrongInputError
from bot.core.gone import CHANNEL_FIELDS, ROLE_FIELDS, Gone, named
from bot.core.guild_settings import GuildSettings
from bot.core.texts import N_
from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.answering.router import id_of
from bot.discord_ui.permissions import GONE, closing_code

_PATIENCE = 5.0
"""Timeout in seconds for requesting a channel that is not in the cache."""


class Presence(Enum):
    """Whether a server has a channel."""

    HERE = "here"
    GONE = "gone"
    UNKNOWN = "unknown"
    """Another server's channel, or Discord gave no answer."""


class Picked(NamedTuple):
    """A moderator's choice in a menu: existing items, and items deleted meanwhile."""

    here: list[str]
    gone: list[str]


def is_away(interaction: discord.Interaction) -> bool:
    """Whether the server's channels and our permissions are unknown, because Discord has not sent it.

    It is unavailable, or it added only the bot's commands. discord.py then creates an empty server object.
    """
    guild = interaction.client.get_guild(interaction.guild_id or 0)
    me: Any = guild.me if guild is not None else None  # None until Discord sent the server, which its type does not say
    return guild is None or guild.unavailable or me is None


async def find_gone(guild: discord.Guild, settings: GuildSettings) -> Gone:
    """The channels and roles that these settings name and the server no longer has."""
    channels, roles = named(settings, CHANNEL_FIELDS), named(settings, ROLE_FIELDS)
    presences = await _presences(guild, sorted(channels))
    return Gone(
        frozenset(channel for channel, presence in presences.items() if presence is Presence.GONE),
        frozenset(role for role in roles if guild.get_role(role) is None),
    )


async def pick_channels(guild: discord.Guild, field: str, given: Sequence[str]) -> Picked:
    """Separate existing from deleted channels.

    Raises WrongInputError for another server's channels, or if all are deleted.
    """
    presences = await _presences(guild, [id_of(one) or 0 for one in given])
    foreign = [one for one in given if presences[id_of(one) or 0] is Presence.UNKNOWN]
    if foreign:
        raise WrongInputError(field, N_("Choose channels of this server; {ids} is not one."), ids=", ".join(foreign))
    picked = Picked([], [])
    for one in given:
        (picked.here if presences[int(one)] is Presence.HERE else picked.gone).append(one)
    return _some(picked, field)


async def _presences(guild: discord.Guild, channels: Sequence[int]) -> dict[int, Presence]:
    found = await asyncio.gather(*(_presence(guild, channel) for channel in channels))
    return dict(zip(channels, found, strict=True))


async def _presence(guild: discord.Guild, channel_id: int) -> Presence:
    if guild.get_channel_or_thread(channel_id) is not None:
        return Presence.HERE
    if not channel_id:
        return Presence.UNKNOWN
    try:
        async with asyncio.timeout(_PATIENCE):
            await guild.fetch_channel(channel_id)
    except (discord.InvalidData, *UNDELIVERED) as error:
        return Presence.GONE if closing_code(error) == GONE else Presence.UNKNOWN
    return Presence.HERE


def pick_roles(guild: discord.Guild, field: str, given: Sequence[str]) -> Picked:
    """Separate existing from deleted roles. Raises WrongInputError if the server has none of them."""
    picked = Picked([], [])
    for one in given:
        (picked.here if guild.get_role(id_of(one) or 0) is not None else picked.gone).append(one)
    return _some(picked, field)


def _some(picked: Picked, field: str) -> Picked:
    if picked.gone and not picked.here:
        problem = N_("This server does not have {ids}. Choose something else.")
        raise WrongInputError(field, problem, ids=", ".join(picked.gone))
    return picked


class DiscordParts:
    """The channels and roles of a server, as Discord sent them. An import may only name these."""

    def __init__(self, guild: discord.Guild) -> None:
        self._guild = guild

    def has_channel(self, channel_id: int) -> bool:
        """Whether it has this channel; threads do not count."""
        return self._guild.get_channel(channel_id) is not None

    def has_place(self, channel_id: int) -> bool:
        """Whether it has this channel or thread."""
        return self._guild.get_channel_or_thread(channel_id) is not None

    def has_writable_place(self, channel_id: int) -> bool:
        """Whether it has this channel or thread, and messages can be written in it."""
        return isinstance(self._guild.get_channel_or_thread(channel_id), discord.abc.Messageable)

    def has_role(self, role_id: int) -> bool:
        """Whether it has this role."""
        return self._guild.get_role(role_id) is not None

    def is_everybody(self, role_id: int) -> bool:
        """Whether this is the role @everyone."""
        return role_id == self._guild.id
