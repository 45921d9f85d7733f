"""The house-keeping: fold closed hours into counts without people, then drop what is old enough."""

from collections.abc import Awaitable, Callable

from bot.core.reports import DAY, HOUR
from bot.usecases.lead import Lead
from bot.usecases.outages.cache import KEPT_FOR as OUTAGES_KEPT_FOR
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import HourCounts, OutageStore
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import KEPT_FOR
from bot.usecases.replies.ports import ReplyStore
from bot.usecases.reports.ports import ReportLog
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.services import Services
from bot.usecases.upkeep.forget_servers import ForgetServers

REPORTS_KEPT_FOR = 7 * DAY
HOURS_KEPT_FOR = 31 * DAY


class Retention:
    """Runs at start and every hour. `checkpoint` takes what was deleted out of the database's files, too.

    The database is the business of the process that decides, what is in memory of each.
    """

    def __init__(
        self,
        *,
        log: ReportLog,
        hours: HourCounts,
        replies: ReplyStore,
        outages: OutageStore,
        cache: OutageCache,
        posts: PostCache,
        states: WatchStates,
        waiting: WaitForRecovery,
        servers: ForgetServers,
        closed: ClosedChannels,
        checkpoint: Callable[[], Awaitable[None]],
        services: Services,
        clock: Clock,
        lead: Lead,
    ) -> None:
        self._log = log
        self._hours = hours
        self._replies = replies
        self._outages = outages
        self._cache = cache
        self._posts = posts
        self._states = states
        self._waiting = waiting
        self._servers = servers
        self._closed = closed
        self._scrub = checkpoint
        self._services = services
        self._clock = clock
        self._lead = lead
        self._next_hour = int(clock() // HOUR) + 1

    async def tidy(self) -> None:
        """Fold and purge. Raises StoreError; doing it again does no harm."""
        now = self._clock()
        if self._lead.held:
            await self._tidy_database(now)
        self._cache.forget_old(now - OUTAGES_KEPT_FOR, in_use=self._posts.outages())
        await self._servers.purge()
        await self._closed.tidy()
        if self._lead.held:
            await self._scrub()

    async def _tidy_database(self, now: float) -> None:
        """Only hours that were watched are folded, at least half of each: one nobody watched is unknown, not quiet."""
        this_hour = int(now // HOUR)
        if self._next_hour < this_hour:
            for hour in range(max(self._next_hour, this_hour - DAY // HOUR), this_hour):
                seen = [service.id for service in self._services if self._saw(service.id, hour)]
                if seen:
                    await self._hours.fold(hour, hour, seen)
            self._next_hour = this_hour
        await self._hours.purge(this_hour - HOURS_KEPT_FOR // HOUR)
        await self._log.purge(int(now) - REPORTS_KEPT_FOR)
        await self._replies.purge(int(now) - KEPT_FOR)
        await self._waiting.tidy()
        await self._outages.purge(int(now) - OUTAGES_KEPT_FOR)

    def _saw(self, service_id: str, hour: int) -> bool:
        begin, end = hour * HOUR, (hour + 1) * HOUR
        blind = [min(span.end or end, end) - max(span.start, begin) for span in self._states.unobserved(service_id)]
        return sum(max(0.0, seconds) for seconds in blind) <= HOUR / 2
