"""Auto-replies of the last days, so that a reaction on one is understood, also after a restart."""

from collections import OrderedDict

from bot.core.reports import DAY
from bot.usecases.ports import Clock
from bot.usecases.replies.ports import PostedReply, ReplyStore

KEPT_FOR = 2 * DAY
MOST_KEPT = 20_000


class ReplyCache:
    """Our recent auto-replies by message id: in memory, written through to the store."""

    def __init__(self, store: ReplyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._replies: OrderedDict[int, PostedReply] = OrderedDict()

    async def load(self) -> None:
        """Read the recent replies at start."""
        for reply in await self._store.since(int(self._clock()) - KEPT_FOR, MOST_KEPT):
            self._keep(reply)

    def get(self, message_id: int) -> PostedReply | None:
        """The auto-reply of that message id, if it is one."""
        return self._replies.get(message_id)

    async def add(self, message_id: int, channel_id: int, guild_id: int, service: str, rule: str) -> None:
        """Remember a reply we just sent. Raises StoreError; it is remembered in memory all the same."""
        reply = PostedReply(message_id, channel_id, guild_id, service, int(self._clock()), rule)
        self._keep(reply)
        await self._store.add(reply)

    def drop(self, message_id: int) -> PostedReply | None:
        """Forget a reply that was taken back; gives it, or None if that was done before."""
        return self._replies.pop(message_id, None)

    def forget(self, guild_id: int) -> None:
        """Let go of a server's replies."""
        self._replies = OrderedDict((key, one) for key, one in self._replies.items() if one.guild_id != guild_id)

    def _keep(self, reply: PostedReply) -> None:
        self._replies[reply.message_id] = reply
        while len(self._replies) > MOST_KEPT:
            self._replies.popitem(last=False)
