"""Humans first: no auto-reply where a helper wrote of late, and none that a person's answer came before."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.core.reports import MINUTE
from bot.usecases.ports import Clock, Sleep
from bot.usecases.servers.configure_guild import GuildCache

HELPED_FOR = 5 * MINUTE
"""Seconds for which a channel is left to the helper who wrote there."""
MOST_WAITING = 1000
"""Replies that may wait at once; more are sent without a wait."""
_MOST_HELPED = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """A person's message, of which the text does not matter. `channel_id` is its channel, thread or post itself."""

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
    """Knows where helpers wrote last, and which replies wait; by ids alone, in memory."""

    def __init__(self, guilds: GuildCache, clock: Clock, sleep: Sleep) -> None:
        self._guilds = guilds
        self._clock = clock
        self._sleep = sleep
        self._helped: OrderedDict[int, float] = OrderedDict()
        self._waiting: dict[int, list[Waiting]] = {}
        self._count = 0

    def matters(self, guild_id: int, channel_id: int) -> bool:
        """Whether a message in this channel can make a difference; most cannot, and need not be read for it."""
        return channel_id in self._waiting or bool(self._guilds.get(guild_id).helpers)

    def wrote(self, written: Written, roles: Callable[[], Iterable[int]]) -> None:
        """Somebody wrote. An answer is a reply to the message, or anything that a helper writes in that channel."""
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
        """Do not send the reply to this person that waits in this channel."""
        for waiting in self._waiting.get(channel_id, ()):
            waiting.dropped = waiting.dropped or waiting.author_id == author_id

    def begin(self, channel_id: int, author_id: int, message_id: int | None) -> Waiting:
        """A reply to this message is to wait; what people write from now on counts as an answer."""
        waiting = Waiting(channel_id, author_id, message_id)
        self._waiting.setdefault(channel_id, []).append(waiting)
        self._count += 1
        return waiting

    async def leave_time(self, waiting: Waiting, seconds: float) -> bool:
        """Wait with a reply that has begun to. Returns whether it is still to be sent.

        It waits to the end also if somebody answered, so nothing needs to be woken; a shutdown cancels it.
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
