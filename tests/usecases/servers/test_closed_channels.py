"""Closed channels: not used, moderators notified once, tried again after a change, and forgotten in the end."""

from collections.abc import Iterable

import pytest

from bot.core.errors import StoreError
from bot.core.reports import DAY
from bot.usecases.servers.closed_channels import RETRY_AFTER, ClosedChannels
from bot.usecases.servers.ports import ClosedChannel

GUILD, OTHER, CHANNEL, FORBIDDEN, UNKNOWN = 1, 2, 10, 50013, 10003


class Store:
    def __init__(self) -> None:
        self.kept: dict[int, ClosedChannel] = {}
        self.full = False

    async def all(self) -> list[ClosedChannel]:
        return list(self.kept.values())

    async def put(self, closed: ClosedChannel) -> None:
        self._check()
        self.kept[closed.channel_id] = closed

    async def delete(self, channel_id: int) -> None:
        self._check()
        self.kept.pop(channel_id, None)

    def _check(self) -> None:
        if self.full:
            raise StoreError("no")


class Place:
    """Closed channels, and which of them moderators are notified of."""

    def __init__(self) -> None:
        self.store, self.now = Store(), 1000.0 * DAY
        self.notified: list[ClosedChannel] = []
        self.open: set[int] = set()
        self.opened: list[set[int]] = []
        self.closed = self.start()

    def start(self) -> ClosedChannels:
        made = ClosedChannels(self.store, lambda: self.now, self)
        made.on_opened(self.opened.append)
        return made

    async def notify_closed(self, closed: ClosedChannel) -> bool:
        self.notified.append(closed)
        return True

    def writable(self, held: Iterable[ClosedChannel]) -> list[int]:
        return [one.channel_id for one in held if one.channel_id in self.open]


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_refused_channel_is_left_alone_and_told_once(place: Place) -> None:
    for _ in range(2):
        await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    assert place.closed.is_closed(CHANNEL) and not place.closed.is_closed(11)
    assert [one.channel_id for one in place.notified] == [CHANNEL]
    assert place.store.kept[CHANNEL] == ClosedChannel(CHANNEL, GUILD, 1000 * DAY, FORBIDDEN, notified=True)
    assert not place.store.kept[CHANNEL].gone


async def test_it_is_known_after_a_restart(place: Place) -> None:
    await place.closed.close(GUILD, CHANNEL, UNKNOWN)
    again = place.start()
    await again.load()
    assert again.is_closed(CHANNEL) and again.of(GUILD)[0].gone and again.of(OTHER) == []


async def test_direct_messages_are_no_channel_of_a_server(place: Place) -> None:
    await place.closed.close(0, CHANNEL, FORBIDDEN)
    assert not place.closed.is_closed(CHANNEL) and place.notified == []


async def test_it_is_tried_again_where_we_may_write_and_closed_again_without_a_word(place: Place) -> None:
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    await place.closed.look_again(GUILD)
    assert place.closed.is_closed(CHANNEL) and place.opened == []
    place.open = {CHANNEL}
    await place.closed.look_again(OTHER)
    assert place.closed.is_closed(CHANNEL), "something changed elsewhere"
    await place.closed.look_again()
    await place.closed.look_again(GUILD)
    assert not place.closed.is_closed(CHANNEL) and place.closed.is_known(CHANNEL)
    assert place.opened == [{CHANNEL}], "who waits for it hears of it once"
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    assert place.closed.is_closed(CHANNEL) and len(place.notified) == 1


async def test_what_worked_is_open_again_and_the_next_refusal_is_told(place: Place) -> None:
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    await place.closed.worked(CHANNEL)
    assert not place.closed.is_known(CHANNEL) and place.store.kept == {}
    await place.closed.worked(CHANNEL)
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    assert len(place.notified) == 2 and place.closed.is_closed(CHANNEL)


async def test_a_full_disk_does_no_harm(place: Place) -> None:
    place.store.full = True
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    assert place.closed.is_closed(CHANNEL)
    await place.closed.worked(CHANNEL)
    assert not place.closed.is_closed(CHANNEL)


async def test_after_thirty_days_it_is_tried_once_more(place: Place) -> None:
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    place.now += 30 * DAY
    await place.closed.tidy()
    assert place.closed.is_closed(CHANNEL) and RETRY_AFTER == 30 * DAY
    place.now += 1
    await place.closed.tidy()
    assert not place.closed.is_closed(CHANNEL) and place.store.kept == {}


async def test_a_server_takes_its_channels_with_it(place: Place) -> None:
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    await place.closed.close(OTHER, 20, FORBIDDEN)
    place.open = {CHANNEL}
    await place.closed.look_again()
    place.closed.forget_server(GUILD)
    assert not place.closed.is_known(CHANNEL) and place.closed.is_closed(20)
    await place.closed.close(GUILD, CHANNEL, FORBIDDEN)
    assert place.closed.is_closed(CHANNEL)
