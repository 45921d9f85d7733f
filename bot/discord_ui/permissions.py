"""The permissions the bot needs, each with its reason: one list for the invite link, `/setup`, `doctor` and docs."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.core.texts import N_

GONE = 10003
"""Discord's code for a channel that was deleted."""

LOCKED = frozenset({50083, 160005})
"""Discord's codes for a thread in which only moderators may write. Edits in an archived thread are also refused with
them."""

CLOSING = LOCKED | {GONE, 50001, 50008, 50013}
"""Discord's codes for a channel that we cannot write in: it is deleted, not visible, no text channel, a locked thread,
or a permission is missing."""

MAY_NOT_REPLY = frozenset({160002})
"""Discord's code for a channel in which we may write, but not reply to a message, which requires Read Message
History."""

_UNKNOWN_MESSAGE, _INVALID_FORM = 10008, 50035
_TOO_MANY, _SERVER_ERROR = 429, 500

TOO_MANY_TALKS = frozenset({40003, 20026})
"""Discord's codes for a bot that opens direct messages too fast, or that was flagged as spam."""

_PASSING = TOO_MANY_TALKS | {20022, 20028, 30046, 40004, 40006, 40333, 130000}
"""Discord's codes for requests that may succeed later: too many edits or messages for now, a feature that is turned off
for a while, or a request that did not reach Discord's API (40333)."""


@dataclass(frozen=True, slots=True)
class PermissionNeed:
    """A permission: discord.py's name, Discord's own name, and the reason for it."""

    flag: str
    name: str
    reason: str
    for_outages: bool = False
    """Whether it is only needed in the outage channel."""


NEEDS = (
    PermissionNeed("view_channel", N_("View Channel"), N_("to see the channels")),
    PermissionNeed("send_messages", N_("Send Messages"), N_("to answer")),
    PermissionNeed("send_messages_in_threads", N_("Send Messages in Threads"), N_("to answer in threads")),
    PermissionNeed("embed_links", N_("Embed Links"), N_("to show links in cards")),
    PermissionNeed("read_message_history", N_("Read Message History"), N_("to reply directly to a message")),
    PermissionNeed("attach_files", N_("Attach Files"), N_("to show the picture of an outage"), for_outages=True),
    PermissionNeed(
        "create_public_threads", N_("Create Public Threads"), N_("to open a thread about an outage"), for_outages=True
    ),
)

VOICE_NEED = PermissionNeed("connect", N_("Connect"), N_("to read and write in the chat of a voice channel"))
"""Not requested in the invitation, because it only matters if moderators choose such a channel."""


def wanted() -> discord.Permissions:
    """All requested permissions, for the invite link."""
    return discord.Permissions(**{need.flag: True for need in NEEDS})


def missing(have: discord.Permissions, *, outages: bool = False) -> list[PermissionNeed]:
    """The permissions that are not granted, in the order of the list.

    With `outages`, including those of an outage channel.
    """
    return [need for need in NEEDS if (outages or not need.for_outages) and not getattr(have, need.flag)]


def missing_in(channel: Any, *, outages: bool = False) -> list[PermissionNeed]:
    """The permissions that the bot lacks in this channel or thread.

    The chat of a voice channel also requires Connect.
    """
    have: discord.Permissions = channel.permissions_for(channel.guild.me)
    lacking = missing(have, outages=outages)
    vocal = isinstance(channel, discord.VoiceChannel | discord.StageChannel)
    return [*lacking, VOICE_NEED] if vocal and not have.connect else lacking


def without_connect(category: discord.CategoryChannel) -> list[Any]:
    """The voice channels and stages of a category that the bot sees but in whose chat it cannot write."""
    me = category.guild.me
    vocal = [*category.voice_channels, *category.stage_channels]
    return [one for one in vocal if (have := one.permissions_for(me)).view_channel and not have.connect]


def may_write(guild: discord.Guild, channel_id: int) -> bool:
    """Whether we may see and write in a channel, by the permissions that Discord sent us."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None or guild.me.is_timed_out():
        return False
    lacking = {need.flag for need in missing_in(channel)}
    writing = "send_messages"
    if isinstance(channel, discord.Thread):
        if channel.locked and not channel.permissions_for(guild.me).manage_threads:
            return False
        writing = "send_messages_in_threads"
    return not lacking & {"view_channel", "connect", writing}


def is_open_to_all(channel: discord.abc.GuildChannel) -> bool:
    """Whether every member can read in this channel, by the permissions that Discord sent us."""
    return channel.permissions_for(channel.guild.default_role).view_channel


def closing_code(error: BaseException) -> int | None:
    """Discord's code if the error means that the channel is closed to us; None otherwise."""
    return error.code if isinstance(error, discord.HTTPException) and error.code in CLOSING else None


def is_passing(error: discord.HTTPException) -> bool:
    """Whether the same request may succeed later.

    An error without a code is not from Discord's API but from something in between, such as Cloudflare.
    """
    return not error.code or error.code in _PASSING or error.status == _TOO_MANY or error.status >= _SERVER_ERROR


def has_nothing_to_reply_to(error: discord.HTTPException) -> bool:
    """Whether a reply was rejected because its message was deleted, or is a system message."""
    return error.code == _UNKNOWN_MESSAGE or (error.code == _INVALID_FORM and "message_reference" in error.text)


def invite_link(application_id: int) -> str:
    """The link with which a server's admin invites the bot."""
    return discord.utils.oauth_url(application_id, permissions=wanted(), scopes=("bot", "applications.commands"))
