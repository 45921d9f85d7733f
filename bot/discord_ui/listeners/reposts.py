"""Reposts: bots such as PluralKit delete a person's message and post it again through a webhook.

The answer to a deleted message goes to its repost, if there is one; otherwise it is not sent.
"""

from collections import OrderedDict

_MOST = 1000


class Reposts:
    """The newest webhook message in each channel, by id only. Ids grow with time."""

    def __init__(self) -> None:
        self._newest: OrderedDict[int, int] = OrderedDict()

    def posted(self, channel_id: int, message_id: int) -> None:
        """Record a webhook's message."""
        self._newest[channel_id] = message_id
        self._newest.move_to_end(channel_id)
        if len(self._newest) > _MOST:
            self._newest.popitem(last=False)

    def after(self, channel_id: int, message_id: int) -> int | None:
        """The webhook message after this message, or None."""
        newest = self._newest.get(channel_id)
        return newest if newest is not None and newest > message_id else None
