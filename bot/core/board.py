"""The board: the counts of all services in memory."""

from collections.abc import Sequence

from bot.core.reports import Report
from bot.core.tally import Mirror, Tally


class Board:
    """The mirrors of all services, and the usual number of people for each.

    While the last day is being loaded after a start, everything since the epoch second `loaded_back_to` is loaded. It
    is None when the whole day is loaded.
    """

    def __init__(self) -> None:
        self._mirrors: dict[str, Mirror] = {}
        self._usual: dict[str, float | None] = {}
        self._few_servers: set[str] = set()
        self._forgotten: set[int] = set()
        self.loaded_back_to: int | None = None

    def mirror(self, service_id: str) -> Mirror:
        """The mirror of one service, made when it is first needed."""
        mirror = self._mirrors.get(service_id)
        if mirror is None:
            mirror = self._mirrors[service_id] = Mirror()
        return mirror

    def is_reported(self, service_id: str, now: float) -> bool:
        """Whether a report of this service from the last day still stands."""
        mirror = self._mirrors.get(service_id)
        return mirror is not None and mirror.tally(now, None).everywhere.day > 0

    def load(self, reports: Sequence[Report], now: float) -> None:
        """Add reports from the log, newest first, all older than those added so far."""
        self.loaded_back_to = reports[-1].at + 1  # the log may hold more reports of that second
        if self._forgotten:
            reports = [report for report in reports if report.reporter not in self._forgotten]
        by_service: dict[str, list[Report]] = {}
        for report in reports:
            by_service.setdefault(report.service, []).append(report)
        for service, of_service in by_service.items():
            self.mirror(service).load(of_service, now)

    def loaded(self) -> None:
        """Mark the whole day as loaded."""
        self.loaded_back_to = None
        self._forgotten.clear()

    def forget(self, reporter: int) -> None:
        """Remove all reports of a reporter whose reports are deleted from the log."""
        if self.loaded_back_to is not None:
            self._forgotten.add(reporter)  # reports that were read before the deletion may still arrive
        for mirror in self._mirrors.values():
            while mirror.withdraw(reporter):
                pass

    def set_usual(self, service_id: str, usual: float | None, *, few_servers: bool = False) -> None:
        """Set the usual number of people in 15 minutes (None if not known), and whether they come from few servers."""
        self._usual[service_id] = usual
        if few_servers:
            self._few_servers.add(service_id)
        else:
            self._few_servers.discard(service_id)

    def tally(self, service_id: str, now: float, guild_id: int | None, reporter: int | None = None) -> Tally:
        """The tally for `reporter` in a server; both may be None."""
        tally = self.mirror(service_id).tally(now, guild_id, self._usual.get(service_id), reporter)
        whole_day, few_servers = self.loaded_back_to is None, service_id in self._few_servers
        return tally._replace(whole_day=whole_day, few_servers=few_servers) if few_servers or not whole_day else tally
