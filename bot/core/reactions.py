"""Several reactions of one person on one reply are one report: only removing the last one withdraws it."""

from collections import OrderedDict

MOST_REMEMBERED = 20_000


class StandingReactions:
    """The reactions that people have on replies, by emoji key, as far as this process has seen them."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._standing: OrderedDict[tuple[int, int], set[str]] = OrderedDict()

    def add(self, message_id: int, user_id: int, emoji: str) -> None:
        """Add a person's reaction."""
        self._standing.setdefault((message_id, user_id), set()).add(emoji)
        while len(self._standing) > self._most:
            self._standing.popitem(last=False)

    def knows(self, message_id: int, user_id: int) -> bool:
        """Whether a reaction of this person on this message is known and still there."""
        return (message_id, user_id) in self._standing

    def remove(self, message_id: int, user_id: int, emoji: str) -> bool:
        """Remove a person's reaction. Return True if none of theirs is left on this message."""
        person = message_id, user_id
        standing = self._standing.get(person, set())
        standing.discard(emoji)
        if not standing:
            self._standing.pop(person, None)
        return not standing

    def on_message(self, message_id: int, emoji: str | None = None) -> list[tuple[int, str]]:
        """The people with reactions on a message, each with the emoji: all, or those of one emoji."""
        return [
            (user_id, one)
            for (message, user_id), standing in self._standing.items()
            if message == message_id
            for one in standing
            if emoji is None or one == emoji
        ]
