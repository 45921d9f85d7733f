"""Our auto-replies of the last days: known after a restart, up to a limit."""

from bot.core.reports import DAY
from bot.usecases.replies.follow_replies import MOST_KEPT, REPLIES_KEPT_FOR, ReplyCache
from bot.usecases.replies.ports import PostedReply

NOW = 1000 * DAY


class Store:
    def __init__(self) -> None:
        self.kept: list[PostedReply] = []
        self.asked: list[tuple[int, int]] = []

    async def since(self, at: int, most: int) -> list[PostedReply]:
        self.asked.append((at, most))
        return [reply for reply in self.kept if reply.at > at]

    async def add(self, reply: PostedReply) -> None:
        self.kept.append(reply)


async def test_a_reply_is_known_again_after_a_restart_for_two_days() -> None:
    store, clock = Store(), [float(NOW)]
    cache = ReplyCache(store, lambda: clock[0])
    await cache.add(PostedReply(1, 10, 100, "s", NOW, "question"))
    assert cache.get(1) == PostedReply(1, 10, 100, "s", NOW, "question") == store.kept[0]
    clock[0] += 2 * DAY - 1
    again = ReplyCache(store, lambda: clock[0])
    await again.load()
    assert again.get(1) is not None and store.asked == [(NOW - 1, MOST_KEPT)]
    clock[0] += 2
    late = ReplyCache(store, lambda: clock[0])
    await late.load()
    assert late.get(1) is None and REPLIES_KEPT_FOR == 2 * DAY


async def test_a_reply_is_taken_back_once() -> None:
    cache = ReplyCache(Store(), lambda: NOW)
    await cache.add(PostedReply(1, 10, 100, "s", NOW, "question"))
    dropped = cache.pop(1)
    assert dropped is not None and dropped.message_id == 1
    assert cache.pop(1) is None and cache.get(1) is None


async def test_a_server_takes_its_replies_with_it() -> None:
    cache = ReplyCache(Store(), lambda: NOW)
    await cache.add(PostedReply(1, 10, 100, "s", NOW, "question"))
    await cache.add(PostedReply(2, 20, 200, "s", NOW, "question"))
    cache.forget_server(100)
    assert cache.get(1) is None and cache.get(2) is not None


async def test_of_more_than_there_is_room_for_the_oldest_go() -> None:
    cache = ReplyCache(Store(), lambda: NOW)
    for number in range(MOST_KEPT + 2):
        await cache.add(PostedReply(number, 10, 100, "s", NOW, "question"))
    assert cache.get(0) is None and cache.get(1) is None
    assert cache.get(2) is not None and cache.get(MOST_KEPT + 1) is not None


async def test_the_newest_replies_come_first() -> None:
    cache = ReplyCache(Store(), lambda: NOW)
    for message_id in (3, 1, 2):
        await cache.add(PostedReply(message_id, 10, 100, "s", NOW, "question"))
    assert [reply.message_id for reply in cache.newest(2)] == [3, 2]
