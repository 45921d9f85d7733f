"""Reposts: bots such as PluralKit delete a person's message and post it again through a webhook.

The answer to a message that was deleted meanwhile goes to its repost, if there is one, and else nowhere.
"""

from collections import OrderedDict

_MOST = 1000


class Reposts:
    """The newest message of a webhook in each channel, by ids alone. They grow with time."""

    def __init__(self) -> None:
        self._newest: OrderedDict[int, int] = OrderedDict()

    def posted(self, channel_id: int, message_id: int) -> None:
        """A webhook posted a message."""
        self._newest[channel_id] = message_id
        self._newest.move_to_end(channel_id)
        if len(self._newest) > _MOST:
            self._newest.popitem(last=False)

    def after(self, channel_id: int, message_id: int) -> int | None:
        """The webhook's message that came after this one, or None."""
        newest = self._newest.get(channel_id)
        return newest if newest is not None and newest > message_id else None
