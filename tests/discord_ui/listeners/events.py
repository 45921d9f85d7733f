"""A message as the gateway sends it."""

from collections.abc import Iterable
from typing import Any


def message_event(guild: int, channel: int, author: int, content: str, roles: Iterable[int] = ()) -> dict[str, Any]:
    """The event of a message that Ann writes in a server, as she joined it on the first day of 2025."""
    return {
        "id": "1400000000000000000",
        "channel_id": str(channel),
        "guild_id": str(guild),
        "author": {"id": str(author), "username": "ann", "discriminator": "0", "avatar": None, "global_name": "Ann"},
        "member": {
            "roles": [str(role) for role in roles],
            "joined_at": "2025-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
        },
        "content": content,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
    }
