"""Reposts: bots such as PluralKit delete a person's message and post it again through a webhook.

The answer to a deleted message goes to its repost, if there is one; otherwise it is not sent. Webhooks also post news
and other people's messages, so the repost is recognised by its words. They are held only until the answer is sent.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class WatchedMessage:
    """A person's message that is being answered, and its repost, if there is one."""

    channel_id: int
    text: str
    repost: int | None = None

    def is_again(self, text: str) -> bool:
        """Whether this text is the same message. Mostly the bot removes the marks that made it repost the message."""
        said = text.strip()
        return said in self.text and 2 * len(said) >= len(self.text.strip()) > 0


class Reposts:
    """The messages that are being answered."""

    def __init__(self) -> None:
        self._watched: dict[int, list[WatchedMessage]] = {}

    def watch(self, channel_id: int, text: str) -> WatchedMessage:
        """Look for the repost of this message until `leave`."""
        watched = WatchedMessage(channel_id, text)
        self._watched.setdefault(channel_id, []).append(watched)
        return watched

    def leave(self, watched: WatchedMessage) -> None:
        """Stop looking."""
        here = self._watched[watched.channel_id]
        here[:] = [one for one in here if one is not watched]
        if not here:
            del self._watched[watched.channel_id]

    def posted(self, channel_id: int, message_id: int, text: str) -> None:
        """Record a webhook's message."""
        for watched in self._watched.get(channel_id, ()):
            if watched.repost is None and watched.is_again(text):
                watched.repost = message_id
