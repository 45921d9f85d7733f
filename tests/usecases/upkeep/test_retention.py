"""House-keeping: hours nobody watched are unknown, not quiet; what is old enough goes."""

from pathlib import Path

from bot.core.chart import Span
from bot.core.reports import DAY, HOUR, Report
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.lead import Alone
from bot.usecases.outages.cache import OutageBook
from bot.usecases.outages.ports import Subscriber
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch import WatchServices
from bot.usecases.replies.follow_replies import ReplyBook
from bot.usecases.replies.judge_replies import RuleBook
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import GuildBook
from bot.usecases.services import Services
from bot.usecases.upkeep.forget_servers import Books, ForgetServers
from bot.usecases.upkeep.retention import Tidy
from tests.usecases.fakes import a_service

SERVICE = a_service("one")


async def test_folds_watched_hours_and_drops_the_old(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, discord_token=None, database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    clock = Clock(1000 * HOUR + 600)
    async with open_stores(settings, ["one"]) as stores:
        tidy = Tidy(
            log=stores.reports,
            hours=stores.hours,
            replies=stores.replies,
            outages=stores.outages,
            book=OutageBook(),
            watch=Watched(),
            waiting=WaitForRecovery(stores.subscribers, OutageBook(), clock),
            servers=ForgetServers(stores.servers, no_books(stores, clock), clock),
            closed=ClosedChannels(stores.closed, clock),
            scrub=stores.scrub,
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
        clock.now += 8 * DAY
        await tidy.tidy()
        assert list(await stores.subscribers.of(7)) == []
        assert [r async for chunk in stores.reports.back_to(0) for r in chunk] == []


def no_books(stores: Stores, clock: "Clock") -> Books:
    guilds, rules = GuildBook(stores.settings), RuleBook(stores.rules)
    closed = ClosedChannels(stores.closed, clock)
    return Books(guilds, rules, ReplyBook(stores.replies, clock), OutageBook(), closed)


class Watched(WatchServices):
    """A watch that was blind for 40 minutes."""

    def __init__(self) -> None:
        pass

    def unseen(self, service_id: str) -> list[Span]:
        return [Span(1050 * HOUR, 1050 * HOUR + 2400), Span(1052 * HOUR, 1052 * HOUR + 600)]


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
