"""Humans first: no auto-reply where a helper wrote recently, and none after a person has answered."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.core.reports import MINUTE
from bot.usecases.ports import Clock, Sleep
from bot.usecases.servers.configure_guild import GuildCache

HELPED_FOR = 5 * MINUTE
"""Seconds without auto-replies in a channel after a helper wrote there."""
MOST_WAITING = 1000
"""The most replies that may wait at once; further ones are sent without a wait."""
_MOST_HELPED = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """A person's message, without its text. `channel_id` is its channel, thread or post itself."""

    guild_id: int
    channel_id: int
    author_id: int
    replies_to: int | None = None


@dataclass(slots=True)
class Waiting:
    """A reply that waits. `message_id` is None if Discord blocked the message."""

    channel_id: int
    author_id: int
    message_id: int | None
    dropped: bool = False


class HumansFirst:
    """Tracks where helpers wrote last and which replies wait, by ids only and in memory."""

    def __init__(self, guilds: GuildCache, clock: Clock, sleep: Sleep) -> None:
        self._guilds = guilds
        self._clock = clock
        self._sleep = sleep
        self._helped: OrderedDict[int, float] = OrderedDict()
        self._waiting: dict[int, list[Waiting]] = {}
        self._count = 0

    def matters(self, guild_id: int, channel_id: int) -> bool:
        """Whether a message in this channel can have an effect. Most cannot, and need not be read."""
        return channel_id in self._waiting or bool(self._guilds.get(guild_id).helpers)

    def wrote(self, written: Written, roles: Callable[[], Iterable[int]]) -> None:
        """Handle a new message. An answer is a reply to the message, or any message of a helper in that channel."""
        helpers = self._guilds.get(written.guild_id).helpers
        helper = bool(helpers) and not helpers.isdisjoint(roles())
        if helper:
            self._helped[written.channel_id] = self._clock()
            self._helped.move_to_end(written.channel_id)
            if len(self._helped) > _MOST_HELPED:
                self._helped.popitem(last=False)
        for waiting in self._waiting.get(written.channel_id, ()):
            answered = written.replies_to is not None and written.replies_to == waiting.message_id
            if written.author_id != waiting.author_id and (helper or answered):
                waiting.dropped = True

    def helped(self, channel_id: int) -> bool:
        """Whether a helper wrote in this channel in the last minutes."""
        at = self._helped.get(channel_id)
        return at is not None and 0 <= self._clock() - at < HELPED_FOR

    def waits_for(self, channel_id: int, author_id: int) -> bool:
        """Whether a reply to this person waits in this channel."""
        return any(waiting.author_id == author_id for waiting in self._waiting.get(channel_id, ()))

    def drop(self, channel_id: int, author_id: int) -> None:
        """Cancel the reply to this person that waits in this channel."""
        for waiting in self._waiting.get(channel_id, ()):
            waiting.dropped = waiting.dropped or waiting.author_id == author_id

    def begin(self, channel_id: int, author_id: int, message_id: int | None) -> Waiting:
        """Begin the wait of a reply to this message; messages from now on count as answers."""
        waiting = Waiting(channel_id, author_id, message_id)
        self._waiting.setdefault(channel_id, []).append(waiting)
        self._count += 1
        return waiting

    async def leave_time(self, waiting: Waiting, seconds: float) -> bool:
        """Wait before a reply. Returns whether it should still be sent.

        It waits to the end even if a person has answered, so nothing has to be woken; a shutdown cancels it.
        """
        try:
            if seconds > 0 and self._count <= MOST_WAITING:
                await self._sleep(seconds)
        finally:
            self._count -= 1
            self._waiting[waiting.channel_id].remove(waiting)
            if not self._waiting[waiting.channel_id]:
                del self._waiting[waiting.channel_id]
        return not waiting.dropped
