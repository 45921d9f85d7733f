"""Servers that remove the bot: marked, purged after the grace period, and restored if they return before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings, changes
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import Subscriber, WatchStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import RuleCache
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.upkeep.forget_servers import GRACE, Caches, ForgetServers
from bot.usecases.upkeep.retention import REPORTS_KEPT_FOR

LEFT, STAYED = 11 << 22, 12 << 22
WANTED = GuildSettings(outage_channel=77)


@dataclass
class Clock:
    now: float = 1000.0 * DAY

    def __call__(self) -> float:
        return self.now


@dataclass
class Process:
    """A run of the bot, on the database that all runs share."""

    stores: Stores
    clock: Clock
    caches: Caches
    servers: ForgetServers

    @classmethod
    async def start(cls, stores: Stores, clock: Clock) -> "Process":
        outages = OutageCache()
        caches = Caches(
            GuildCache(stores.settings),
            RuleCache(stores.rules),
            ReplyCache(stores.replies, clock),
            outages,
            PostCache(outages),
            ClosedChannels(stores.closed, clock),
        )
        for cache in (caches.guilds, caches.rules, caches.replies):
            await cache.load()
        await caches.outages.load(stores.outages, clock)
        await caches.posts.load(stores.posts)
        servers = ForgetServers(stores.servers, caches, clock)
        await servers.load()
        return cls(stores, clock, caches, servers)

    async def compare(self, *present: int, shards: int = 1, shard: int = 0) -> None:
        await self.servers.compare(lambda: present, lambda guild_id: (guild_id >> 22) % shards == shard)

    async def later(self, seconds: float) -> None:
        """Time passes, and the house is tidied."""
        self.clock.now += seconds
        await self.servers.purge()

    async def known(self) -> frozenset[int]:
        """Servers with anything in the database; memory must say the same."""
        kept = await self.stores.servers.kept()
        assert {guild for guild in (LEFT, STAYED) if self.caches.guilds.get(guild) == WANTED} == kept
        return kept


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    async with open_stores(settings, ["one"]) as opened:
        for guild in (LEFT, STAYED):
            await opened.settings.save(guild, WANTED, 99, 1, changes(GuildSettings(), WANTED))
        yield opened


def test_reports_of_a_server_are_gone_before_the_server_is() -> None:
    assert GRACE >= REPORTS_KEPT_FOR


async def test_a_server_that_removed_us_is_purged_after_the_grace_time_and_not_before(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    await process.servers.removed(LEFT)
    await process.later(GRACE - 1)
    assert await process.known() == {LEFT, STAYED}
    await process.later(1)
    assert await process.known() == {STAYED}
    assert await stores.servers.removed() == {}


async def test_nothing_is_announced_to_a_server_that_removed_us_until_it_is_back(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    await process.servers.removed(LEFT)
    assert set(process.caches.guilds.announced_to()) == {STAYED}
    restarted = await Process.start(stores, process.clock)
    assert set(restarted.caches.guilds.announced_to()) == {STAYED}
    await restarted.servers.present([LEFT])
    assert set(restarted.caches.guilds.announced_to()) == {LEFT, STAYED}
    assert await stores.servers.removed() == {}
    await restarted.later(2 * GRACE)
    assert await restarted.known() == {LEFT, STAYED}


async def test_a_server_that_left_while_the_bot_was_off_is_found_when_discord_names_ours(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    await process.compare(STAYED)
    await process.later(GRACE)
    assert await process.known() == {STAYED}


async def test_a_server_that_came_back_while_the_bot_was_off_is_not_purged_by_its_old_mark(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    await process.servers.removed(LEFT)
    process.clock.now += 2 * GRACE
    restarted = await Process.start(stores, process.clock)
    await restarted.servers.purge()  # house-keeping comes before Discord does
    assert await restarted.known() == {LEFT, STAYED}
    await restarted.compare(LEFT, STAYED)
    await restarted.later(2 * GRACE)
    assert await restarted.known() == {LEFT, STAYED} and await stores.servers.removed() == {}


async def test_a_server_that_stayed_away_while_the_bot_was_off_is_purged_once_that_is_seen(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    await process.servers.removed(LEFT)
    restarted = await Process.start(stores, process.clock)
    await restarted.later(GRACE)
    assert await restarted.known() == {LEFT, STAYED}
    await restarted.compare(STAYED)
    await restarted.later(0)
    assert await restarted.known() == {STAYED}


async def test_servers_of_other_shards_are_not_judged(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    assert ((LEFT >> 22) % 2, (STAYED >> 22) % 2) == (1, 0)
    await process.compare(STAYED, shards=2, shard=0)
    assert await stores.servers.removed() == {}
    await process.compare(shards=2, shard=1)
    assert set(await stores.servers.removed()) == {LEFT}


async def test_an_invitation_while_the_servers_are_compared_wins(stores: Stores) -> None:
    process = await Process.start(stores, Clock())
    here = {STAYED}

    async def slow() -> frozenset[int]:
        here.add(LEFT)
        await process.servers.present([LEFT])
        return frozenset({LEFT, STAYED})

    process.servers._store.kept = slow  # type: ignore[method-assign]
    await process.servers.compare(lambda: here, lambda _: True)
    assert await stores.servers.removed() == {}


async def test_a_return_that_could_not_be_written_down_still_saves_the_server(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = await Process.start(stores, Clock())
    await process.servers.removed(LEFT)

    async def fails(_self: object, _guilds: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(type(stores.servers), "unmark", fails)
    with pytest.raises(StoreError):
        await process.servers.present([LEFT])
    monkeypatch.undo()
    await process.later(2 * GRACE)
    assert await process.known() == {LEFT, STAYED}
    restarted = await Process.start(stores, process.clock)
    await restarted.compare(LEFT, STAYED)
    assert await stores.servers.removed() == {}


async def test_a_simulation_goes_with_its_server_and_so_do_the_calls_it_made(stores: Stores) -> None:
    played = Outage("one", Phase.ON, 1, guild_id=LEFT)
    real = Outage("one", Phase.ON, 1)
    write = stores.outages.write
    step = await write(WatchStep("one", outage=played, new=(Post(0, PostKind.ANNOUNCEMENT, LEFT, 5),)))
    assert step.outage is not None
    by_message = Subscriber("one", 7, 0, 0, 1, scope=step.outage.id)
    await stores.subscribers.add(by_message)
    await stores.subscribers.add(Subscriber("one", 8, LEFT, 5, 1))
    await stores.subscribers.add(Subscriber("one", 9, STAYED, 5, 1))
    posts = (Post(0, PostKind.ANNOUNCEMENT, LEFT, 5), Post(0, PostKind.ANNOUNCEMENT, STAYED, 5))
    await write(WatchStep("one", outage=real, new=posts))
    process = await Process.start(stores, Clock())
    await process.servers.forget(LEFT)
    [left] = await stores.posts.all()
    assert left.guild_id == STAYED and [post.id for post in process.caches.posts.all()] == [left.id]
    assert [one.guild_id for one in await stores.outages.outages(0)] == [0]
    assert [len(await stores.subscribers.of(user)) for user in (7, 8, 9)] == [0, 0, 1]
