"""Where something is written, and to whom.

Settings for a channel hold in its threads, those for a category in its channels.
"""

from typing import Any

import discord


def places_of(channel: Any) -> frozenset[int]:
    """The ids of a channel or thread, of what it belongs to, and of the category; what is not known is left out."""
    # A thread asks its parent for the category, and raises if that is not known (yet).
    parent: Any = channel.parent if isinstance(channel, discord.Thread) else channel
    ids = (getattr(channel, "id", None), getattr(channel, "parent_id", None), getattr(parent, "category_id", None))
    return frozenset([one for one in ids if one is not None])


def calls(text: str, user_id: int) -> bool:
    """Whether a message mentions this user in so many words; a reply's ping or @everyone does not."""
    return f"<@{user_id}>" in text or f"<@!{user_id}>" in text


def covering(channel: Any) -> int:
    """The id of the channel itself, or of the one that a thread hangs on: pauses are counted there."""
    return getattr(channel, "parent_id", None) or channel.id
