"""At start: loads the last day's reports from the log into memory, newest first, so that the bot can answer soon.

The last hour is loaded before the first answer, so the counts of 15 minutes and of the hour are complete. The rest of a
large day is loaded in the background; until then no count of the day is shown.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Self

from bot.core.board import Board
from bot.core.errors import StoreError
from bot.core.reports import DAY, HOUR, Report
from bot.usecases.ports import Clock
from bot.usecases.reports.ports import ReportLog
from bot.usecases.tasks import cancel

READ_AT_START = 20_000
"""Reports that are always loaded at start; a day with fewer is loaded completely."""
_TRY_AGAIN_AFTER = 5.0
LOG_EVERY = 5.0
"""Seconds between two progress lines in the log."""
_logger = logging.getLogger(__name__)


class LoadBoard:
    """`begin` reads the last hour; the rest is read while the context is open. Closing it cancels the reading."""

    def __init__(
        self,
        log: ReportLog,
        board: Board,
        clock: Clock,
        *,
        at_once: int = READ_AT_START,
        elapsed: Clock = time.perf_counter,
    ) -> None:
        self._log = log
        self._board = board
        self._clock = clock
        self._at_once = at_once
        self._elapsed = elapsed
        self._began = self._logged_at = elapsed()
        self._read = 0
        self._oldest: Report | None = None
        self._rest: asyncio.Task[None] | None = None

    async def begin(self) -> int:
        """Read the last hour. Returns the newest report's id, or 0. Raises StoreError."""
        last = rows = 0
        async for reports in self._log.back_to(int(self._clock()) - DAY):
            last = max(last, *(report.id for report in reports))
            rows += len(reports)
            self._take(reports)
            if rows >= self._at_once and reports[-1].at < self._clock() - HOUR:
                return last
        self._board.loaded()
        return last

    async def __aenter__(self) -> Self:
        if self._board.loaded_back_to is not None:
            self._rest = asyncio.create_task(self._load_rest(), name="load the day")
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel(self._rest)

    async def _load_rest(self) -> None:
        while self._board.loaded_back_to is not None:
            try:
                async for reports in self._log.back_to(int(self._clock()) - DAY, self._oldest):
                    await asyncio.sleep(0)  # converting the rows takes long, so let other tasks run
                    self._take(reports)
                self._board.loaded()
            except StoreError as error:
                _logger.warning("rest of the day's reports not loaded; retrying", extra={"error": str(error)})
                await asyncio.sleep(_TRY_AGAIN_AFTER)
        seconds = round(self._elapsed() - self._began, 1)
        _logger.info("finished loading the last 24 hours of reports", extra={"reports": self._read, "seconds": seconds})

    def _take(self, reports: Sequence[Report]) -> None:
        self._oldest = reports[-1]
        self._board.load(reports, self._clock())
        self._read += len(reports)
        self._log_progress()

    def _log_progress(self) -> None:
        """Log the progress now and then, because millions of reports take a while."""
        if self._oldest is None or self._elapsed() - self._logged_at < LOG_EVERY:
            return
        self._logged_at = self._elapsed()
        day_read = min(1.0, (self._clock() - self._oldest.at) / DAY)
        _logger.info(
            "loading the last 24 hours of reports", extra={"reports": self._read, "percent": round(100 * day_read)}
        )
