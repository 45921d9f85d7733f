"""Where a message was written, and whether it mentions the bot.

Settings for a channel hold in its threads, those for a category in its channels.
"""

from typing import Any

import discord


def places_of(channel: Any) -> frozenset[int]:
    """The ids of a channel or thread, of its parent and of its category, as far as they are known."""
    # A thread asks its parent for the category, and raises if that is not known (yet).
    parent: Any = channel.parent if isinstance(channel, discord.Thread) else channel
    ids = (getattr(channel, "id", None), getattr(channel, "parent_id", None), getattr(parent, "category_id", None))
    return frozenset([one for one in ids if one is not None])


def calls(text: str, user_id: int) -> bool:
    """Whether the text itself mentions this user. The ping of a reply or @everyone does not count."""
    return f"<@{user_id}>" in text or f"<@!{user_id}>" in text


def covering(channel: Any) -> int:
    """The id of the channel, or of a thread's parent: cooldowns are counted there."""
    return getattr(channel, "parent_id", None) or channel.id
