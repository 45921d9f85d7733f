"""Ports of the reports: what is kept of them, and where the status is read."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.core.reports import Report
from bot.core.service import Source
from bot.core.signals import Reading


class ReportLog(Protocol):
    """The reports, durable. Every call raises StoreError when it could not be done."""

    async def append(self, report: Report) -> None:
        """Keep a report; returns once it would survive a crash."""
        ...

    async def remove(self, report: Report) -> None:
        """Drop a withdrawn report; returns once durable."""
        ...

    async def set_symptom(self, report: Report) -> None:
        """Change what a kept report says is wrong; returns once durable."""
        ...

    def back_to(self, at: int, before: Report | None = None) -> AsyncIterator[Sequence[Report]]:
        """All reports after `at` (epoch seconds), newest first, in chunks; `before` leaves out all but older ones."""
        ...

    async def of(self, reporter: int) -> Sequence[Report]:
        """Everything kept about one reporter, oldest first."""
        ...

    async def forget(self, reporter: int) -> int:
        """Delete everything of one reporter; gives how many reports that were."""
        ...

    async def purge(self, before: int) -> int:
        """Delete reports older than `before` (epoch seconds), in small bites; gives how many."""
        ...


class StatusSource(Protocol):
    """Looks at a source. Never raises for what the source does: every outcome is a Reading."""

    async def look(self, source: Source) -> Reading:
        """One look, now."""
        ...
