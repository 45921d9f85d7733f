"""The auto-replies of the last days, so that reactions on them are recognised, even after a restart."""

from collections import Counter, OrderedDict
from heapq import nlargest

from bot.core.reports import DAY
from bot.usecases.ports import Clock
from bot.usecases.replies.ports import PostedReply, ReplyStore

REPLIES_KEPT_FOR = 2 * DAY
MOST_KEPT = 20_000


class ReplyCache:
    """Our recent auto-replies by message id: in memory, and written to the store."""

    def __init__(self, store: ReplyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._replies: OrderedDict[int, PostedReply] = OrderedDict()
        self.sent = Counter[str]()
        """Replies that this process has sent since its start, by service."""

    async def load(self) -> None:
        """Read the recent replies at start."""
        for reply in await self._store.since(int(self._clock()) - REPLIES_KEPT_FOR, MOST_KEPT):
            self._keep(reply)

    def get(self, message_id: int) -> PostedReply | None:
        """The auto-reply with this message id, or None."""
        return self._replies.get(message_id)

    def newest(self, most: int) -> list[PostedReply]:
        """The newest replies, newest first; message ids grow with time."""
        return nlargest(most, self._replies.values(), key=lambda reply: reply.message_id)

    async def add(self, reply: PostedReply) -> None:
        """Remember a reply that was just sent. It stays in memory even if this raises StoreError."""
        self.sent[reply.service] += 1
        self._keep(reply)
        await self._store.add(reply)

    def pop(self, message_id: int) -> PostedReply | None:
        """Remove a deleted reply. Returns it, or None if it was already removed."""
        return self._replies.pop(message_id, None)

    def forget(self, message_id: int) -> None:
        """Evict a reply that was deleted from the store."""
        self._replies.pop(message_id, None)

    def forget_server(self, guild_id: int) -> None:
        """Remove a server's replies from memory."""
        self._replies = OrderedDict((key, r) for key, r in self._replies.items() if r.guild_id != guild_id)

    def _keep(self, reply: PostedReply) -> None:
        self._replies[reply.message_id] = reply
        while len(self._replies) > MOST_KEPT:
            self._replies.popitem(last=False)
