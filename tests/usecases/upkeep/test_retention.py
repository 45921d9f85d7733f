"""House-keeping: hours nobody watched are unknown, not quiet; what is old enough goes."""

from pathlib import Path

from bot.core.chart import Span
from bot.core.reports import DAY, HOUR, Report
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.lead import Alone
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import Subscriber
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import RuleCache
from bot.usecases.replies.ports import RuleVote
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
        tidy = Retention(
            log=stores.reports,
            hours=stores.hours,
            replies=stores.replies,
            votes=stores.votes,
            outages=stores.outages,
            webhooks=stores.webhooks,
            cache=OutageCache(),
            posts=PostCache(OutageCache()),
            states=Watched(),
            waiting=WaitForRecovery(stores.subscribers, PostCache(OutageCache()), clock),
            servers=ForgetServers(stores.servers, no_books(stores, clock), clock),
            closed=ClosedChannels(stores.closed, clock),
            checkpoint=stores.checkpoint,
            services=Services([SERVICE]),
            lead=Alone(),
            clock=clock,
        )
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


def no_books(stores: Stores, clock: "Clock") -> Caches:
    guilds, rules = GuildCache(stores.settings), RuleCache(stores.rules)
    closed = ClosedChannels(stores.closed, clock)
    outages = OutageCache()
    return Caches(guilds, rules, ReplyCache(stores.replies, clock), outages, PostCache(outages), closed)


class Watched(WatchStates):
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
