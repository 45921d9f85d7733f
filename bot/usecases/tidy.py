"""The house-keeping: fold closed hours into counts without people, then drop what is old enough."""

from bot.core.reports import DAY, HOUR
from bot.core.tally import Board, usual_by_hour
from bot.usecases.follow_replies import KEPT_FOR
from bot.usecases.ports import Clock, HourCounts, ReplyStore, ReportLog
from bot.usecases.services import Services

REPORTS_KEPT_FOR = 7 * DAY
HISTORY_FOR_USUAL = 28 * DAY


class Tidy:
    """Runs at start and every hour. `watched_from` is when this process began to count."""

    def __init__(
        self,
        *,
        log: ReportLog,
        hours: HourCounts,
        replies: ReplyStore,
        board: Board,
        services: Services,
        clock: Clock,
    ) -> None:
        self._log = log
        self._hours = hours
        self._replies = replies
        self._board = board
        self._services = services
        self._clock = clock
        self._next_hour = int(clock() // HOUR) + 1

    async def tidy(self) -> None:
        """Fold, purge, and learn what is usual. Raises StoreError; doing it again does no harm.

        Only hours through which this process ran are folded: an hour that nobody watched is unknown,
        not quiet.
        """
        now = self._clock()
        this_hour = int(now // HOUR)
        if self._next_hour < this_hour:
            ids = [service.id for service in self._services]
            await self._hours.fold(self._next_hour, this_hour - 1, ids)
            self._next_hour = this_hour
        history = this_hour - HISTORY_FOR_USUAL // HOUR
        counts = await self._hours.since(history)
        self._board.set_usual({s: usual_by_hour(hours) for s, hours in counts.items()})
        await self._hours.purge(history)
        await self._log.purge(int(now) - REPORTS_KEPT_FOR)
        await self._replies.purge(int(now) - KEPT_FOR)
