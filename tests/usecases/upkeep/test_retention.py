"""Retention: unobserved hours are unknown, not quiet; expired data are deleted."""

from pathlib import Path

from bot.core.chart import Span
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR, Report
from bot.core.webhooks import WebhookMessage
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.leadership import OnlyProcess
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import Subscriber, WatchStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import RuleCache
from bot.usecases.replies.ports import PostedReply, RuleVote
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services
from bot.usecases.upkeep.forget_servers import Caches, ForgetServers
from bot.usecases.upkeep.retention import Retention
from tests.usecases.fakes import a_service

SERVICE = a_service("one")


async def test_folds_watched_hours_and_drops_the_old(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    clock = Clock(1000 * HOUR + 600)
    async with open_stores(settings, ["one"]) as stores:
        tidy = retention(stores, clock)
        for day in range(5):
            for number in range(8):
                at = 1000 * HOUR + day * DAY + 3 * HOUR
                await stores.reports.append(Report(day * 10 + number, "one", 1, number, None, at))
        await tidy.tidy()
        assert await stores.hours.since(0) == {}
        for _ in range(5 * 24):
            clock.now += HOUR
            await tidy.tidy()
        counts = (await stores.hours.since(0))["one"]
        assert 1000 not in counts  # this process began in the middle of it
        assert counts[1001] == 0 and counts[1003] == 8
        assert 1050 not in counts  # Discord was away for most of it
        await stores.subscribers.add(Subscriber("one", 7, 1, 2, int(clock.now)))
        await stores.votes.add(RuleVote(1, "question", 5, int(clock.now)))
        clock.now += 8 * DAY
        await tidy.tidy()
        assert list(await stores.subscribers.of(7)) == []
        assert [r async for chunk in stores.reports.back_to(0) for r in chunk] == []
        assert len(await stores.votes.of(5)) == 1
        clock.now += 23 * DAY
        await tidy.tidy()
        assert await stores.votes.of(5) == []


async def left(stores: Stores) -> set[str]:
    """The kinds of data of which something is still in the database."""
    kept = {
        "reports": [one async for chunk in stores.reports.back_to(0) for one in chunk],
        "counts per hour": (await stores.hours.since(0)).get("one"),
        "replies": await stores.replies.since(0, 9),
        "votes": await stores.votes.of(5),
        "webhooks": await stores.webhooks.waiting("first"),
        "outages": await stores.outages.outages(0),
    }
    return {kind for kind, found in kept.items() if found}


async def test_each_kind_of_data_stays_for_its_time_and_then_goes(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    start = 1000 * HOUR
    clock = Clock(start)
    async with open_stores(settings, ["one"]) as stores:
        await stores.reports.append(Report(1, "one", 1, 7, None, start))
        await stores.hours.fold(1000, 1000, ["one"])
        await stores.replies.add(PostedReply(1, 2, 3, "one", start))
        await stores.votes.add(RuleVote(1, "question", 5, start))
        over = Outage("one", Phase.OVER, start - 60, ended=start, seen=start, final=True)
        sent = WebhookMessage("first", "msg_1", "{}", start)
        await stores.outages.write(WatchStep("one", outage=over, deliveries=(sent,)))
        gone_after = dict[str, int]()
        everything = before = await left(stores)
        for day in range(33):
            clock.now = start + day * DAY + 60
            await retention(stores, clock).tidy()
            now = await left(stores)
            gone_after |= dict.fromkeys(before - now, day)
            before = now
    assert gone_after == {
        "replies": 2,
        "webhooks": 2,
        "reports": 7,
        "votes": 30,
        "outages": 30,
        "counts per hour": 32,
    }
    assert gone_after.keys() == everything


def retention(stores: Stores, clock: "Clock") -> Retention:
    return Retention(
        log=stores.reports,
        hours=stores.hours,
        replies=stores.replies,
        votes=stores.votes,
        outages=stores.outages,
        webhooks=stores.webhooks,
        cache=OutageCache(),
        posts=PostCache(OutageCache()),
        states=BlindWatch(),
        waiting=WaitForRecovery(stores.subscribers, PostCache(OutageCache()), clock),
        servers=ForgetServers(stores.servers, no_books(stores, clock), clock),
        closed=ClosedChannels(stores.closed, clock),
        checkpoint=stores.checkpoint,
        services=Services([SERVICE]),
        leadership=OnlyProcess(),
        clock=clock,
    )


def no_books(stores: Stores, clock: "Clock") -> Caches:
    guilds, rules = GuildCache(stores.settings), RuleCache(stores.rules)
    closed = ClosedChannels(stores.closed, clock)
    outages = OutageCache()
    return Caches(guilds, rules, ReplyCache(stores.replies, clock), outages, PostCache(outages), closed)


class BlindWatch(WatchStates):
    """A watch that was blind for 40 minutes."""

    def __init__(self) -> None:
        pass

    def unobserved(self, service_id: str) -> list[Span]:
        return [Span(1050 * HOUR, 1050 * HOUR + 2400), Span(1052 * HOUR, 1052 * HOUR + 600)]


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
