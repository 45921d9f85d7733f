"""Retention: aggregates past hours into counts without people, then deletes expired data."""

from collections.abc import Awaitable, Callable

from bot.core.reports import DAY, HOUR
from bot.usecases.leadership import Leadership
from bot.usecases.outages.cache import OUTAGES_KEPT_FOR, OutageCache
from bot.usecases.outages.ports import HourCounts, OutageStore, WebhookStore
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.send_webhooks import TRIED_FOR
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import REPLIES_KEPT_FOR
from bot.usecases.replies.judge_replies import VOTES_KEPT_FOR
from bot.usecases.replies.ports import ReplyStore, RuleVotes
from bot.usecases.reports.ports import ReportLog
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.services import Services
from bot.usecases.upkeep.forget_servers import ForgetServers

REPORTS_KEPT_FOR = 7 * DAY
HOURS_KEPT_FOR = 31 * DAY


class Retention:
    """Runs at start and every hour. `checkpoint` removes deleted rows from the database's files as well.

    Only the leader cleans the database; each process cleans its own memory.
    """

    def __init__(
        self,
        *,
        log: ReportLog,
        hours: HourCounts,
        replies: ReplyStore,
        votes: RuleVotes,
        outages: OutageStore,
        webhooks: WebhookStore,
        cache: OutageCache,
        posts: PostCache,
        states: WatchStates,
        waiting: WaitForRecovery,
        servers: ForgetServers,
        closed: ClosedChannels,
        checkpoint: Callable[[], Awaitable[None]],
        services: Services,
        clock: Clock,
        leadership: Leadership,
    ) -> None:
        self._log = log
        self._hours = hours
        self._replies = replies
        self._votes = votes
        self._outages = outages
        self._webhooks = webhooks
        self._cache = cache
        self._posts = posts
        self._states = states
        self._waiting = waiting
        self._servers = servers
        self._closed = closed
        self._checkpoint = checkpoint
        self._services = services
        self._clock = clock
        self._leadership = leadership
        self._next_hour = int(clock() // HOUR) + 1

    async def tidy(self) -> None:
        """Aggregate and delete. Raises StoreError; it can be repeated safely."""
        now = self._clock()
        if self._leadership.is_leader:
            await self._tidy_database(now)
        self._cache.forget_old(now - OUTAGES_KEPT_FOR, in_use=self._posts.outages())
        await self._servers.purge()
        await self._closed.tidy()
        if self._leadership.is_leader:
            await self._checkpoint()

    async def _tidy_database(self, now: float) -> None:
        """Clean the database.

        Only hours that were at least half observed are aggregated: others are unknown, not zero.
        """
        this_hour = int(now // HOUR)
        if self._next_hour < this_hour:
            for hour in range(max(self._next_hour, this_hour - DAY // HOUR), this_hour):
                observed = [service.id for service in self._services if self._observed(service.id, hour)]
                if observed:
                    await self._hours.fold(hour, hour, observed)
            self._next_hour = this_hour
        await self._hours.purge(this_hour - HOURS_KEPT_FOR // HOUR)
        await self._log.purge(int(now) - REPORTS_KEPT_FOR)
        await self._replies.purge(int(now) - REPLIES_KEPT_FOR)
        await self._votes.purge(int(now) - VOTES_KEPT_FOR)
        await self._webhooks.purge(int(now) - 2 * TRIED_FOR)
        await self._waiting.tidy()
        await self._outages.purge(int(now) - OUTAGES_KEPT_FOR)

    def _observed(self, service_id: str, hour: int) -> bool:
        begin, end = hour * HOUR, (hour + 1) * HOUR
        blind = [min(span.end or end, end) - max(span.start, begin) for span in self._states.unobserved(service_id)]
        return sum(max(0.0, seconds) for seconds in blind) <= HOUR / 2
