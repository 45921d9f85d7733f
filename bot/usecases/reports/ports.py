"""Ports of the reports: their log, and the source of a service's status."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from bot.core.reports import Report
from bot.core.service import Source
from bot.core.signals import Reading


class ReportLog(Protocol):
    """The durable log of reports. Every call raises StoreError if it fails."""

    async def append(self, report: Report, within: float = 0.0) -> None:
        """Store a report; returns when it is durable.

        It may wait `within` seconds to share a commit with others.
        """
        ...

    async def delete(self, report: Report) -> None:
        """Delete a withdrawn report; returns when that is durable."""
        ...

    async def set_symptom(self, report: Report) -> None:
        """Change the symptom of a stored report; returns when that is durable."""
        ...

    def back_to(self, at: int, before: Report | None = None) -> AsyncIterator[Sequence[Report]]:
        """All reports after `at` (epoch seconds) and older than `before`, newest first, in chunks."""
        ...

    async def of(self, reporter: int) -> Sequence[Report]:
        """All stored reports of one reporter, oldest first."""
        ...

    async def people_by_server(self, since: int, until: int, service: str | None = None) -> Mapping[int, int]:
        """Server -> how many people reported there between these times, of one service or of any."""
        ...

    async def delete_person(self, reporter: int) -> int:
        """Delete all reports of one reporter. Returns how many there were."""
        ...

    async def purge(self, before: int) -> int:
        """Delete reports older than `before` (epoch seconds), in small batches. Returns how many."""
        ...


class StepCounts(Protocol):
    """Counts of the steps that helped. Every call raises StoreError if it fails."""

    async def helped(self) -> Mapping[tuple[str, str], Mapping[int, int]]:
        """Service and symptom -> step -> how often it helped."""
        ...

    async def put(self, service: str, symptom: str, helped: Mapping[int, int]) -> None:
        """Replace the counts of a guide."""
        ...


class StatusSource(Protocol):
    """Reads a source. Never raises for an error of the source: every result is a Reading."""

    async def look(self, source: Source) -> Reading:
        """Read the source once, now."""
        ...
