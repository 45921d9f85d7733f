"""The place of a message, and whether it mentions the bot.

Settings of a channel apply to its threads, and those of a category to its channels.
"""

from typing import Any

import discord

from bot.core.solved import says_solved


def places_of(channel: Any) -> frozenset[int]:
    """The ids of a channel or thread, of its parent and of its category, as far as known."""
    # A thread asks its parent for the category, and raises if the parent is not known (yet).
    parent: Any = channel.parent if isinstance(channel, discord.Thread) else channel
    ids = (getattr(channel, "id", None), getattr(channel, "parent_id", None), getattr(parent, "category_id", None))
    return frozenset([one for one in ids if one is not None])


def calls(text: str, user_id: int, guild: discord.Guild | None = None) -> bool:
    """Whether the text itself mentions the bot (this user), or the role that Discord made for it.

    The ping of a reply or @everyone does not count.
    """
    if f"<@{user_id}>" in text or f"<@!{user_id}>" in text:
        return True
    role = guild.self_role if guild is not None and "<@&" in text else None
    return role is not None and f"<@&{role.id}>" in text


def covering(channel: Any) -> int:
    """The id of the place whose cooldowns apply: a thread shares those of its channel, but a forum post has its own."""
    return channel.id if _is_post(channel) else getattr(channel, "parent_id", None) or channel.id


def title_of(channel: Any, message_id: int) -> str:
    """The title of a forum post, if this is its first message; empty for any other message."""
    return channel.name if message_id == channel.id and _is_post(channel) else ""


def is_solved(channel: Any) -> bool:
    """Whether this is a forum post with a tag that marks it as solved."""
    return isinstance(channel, discord.Thread) and any(says_solved(tag.name) for tag in channel.applied_tags)


def _is_post(channel: Any) -> bool:
    return isinstance(channel, discord.Thread) and isinstance(channel.parent, discord.ForumChannel)
