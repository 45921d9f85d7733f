"""Concurrent reports: once per person, acknowledged only after the log, nothing half done."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.board import Board
from bot.core.errors import StoreError
from bot.core.privacy import ReporterKey
from bot.core.reports import Report, ReportIds
from bot.core.service import Counted, Nature, Symptom
from bot.usecases.reports.record_report import Outcome, RecordReport
from tests.usecases.fakes import a_service

SERVICE = a_service()


class SlowLog:
    """A log that keeps reports after a moment, or fails when told to."""

    def __init__(self) -> None:
        self.kept: dict[int, Report] = {}
        self.fail = False

    async def append(self, report: Report, within: float = 0.0) -> None:
        await asyncio.sleep(0.01)
        if self.fail:
            raise StoreError("no")
        self.kept[report.id] = report

    async def delete(self, report: Report) -> None:
        await asyncio.sleep(0.01)
        if self.fail:
            raise StoreError("no")
        del self.kept[report.id]

    async def set_symptom(self, report: Report) -> None:
        self.kept[report.id] = report


@pytest.fixture
def log() -> SlowLog:
    return SlowLog()


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def record(log: SlowLog, board: Board) -> RecordReport:
    return RecordReport(log, board, ReporterKey(b"k" * 32), lambda: 1000.0, ReportIds())


async def test_mashing_the_button_counts_once(record: RecordReport, log: SlowLog) -> None:
    outcomes = await asyncio.gather(*(record.report(SERVICE, 1, 5) for _ in range(50)))
    assert outcomes.count(Outcome.COUNTED) == 1 and outcomes.count(Outcome.ALREADY) == 49
    assert len(log.kept) == 1


async def test_many_people_at_once_all_count_and_locks_are_given_back(
    record: RecordReport, log: SlowLog, board: Board
) -> None:
    outcomes = await asyncio.gather(*(record.report(SERVICE, who, 5) for who in range(500)))
    assert set(outcomes) == {Outcome.COUNTED}
    assert len(log.kept) == board.tally(SERVICE.id, 1000, None).everywhere.quarter == 500
    assert not record._turns


async def test_reports_and_withdrawals_in_a_storm_leave_log_and_count_agreeing(
    record: RecordReport, log: SlowLog, board: Board
) -> None:
    acts = [record.report(SERVICE, n % 7, 5) if n % 3 else record.withdraw(SERVICE, n % 7) for n in range(200)]
    await asyncio.gather(*acts)
    assert len(log.kept) == board.tally(SERVICE.id, 1000, None).everywhere.quarter


async def test_a_failed_write_is_told_and_counts_nothing(record: RecordReport, log: SlowLog, board: Board) -> None:
    log.fail = True
    with pytest.raises(StoreError):
        await record.report(SERVICE, 1, 5)
    assert board.tally(SERVICE.id, 1000, None).everywhere.quarter == 0
    log.fail = False
    assert await record.report(SERVICE, 1, 5) is Outcome.COUNTED
    log.fail = True
    with pytest.raises(StoreError):
        await record.withdraw(SERVICE, 1)
    assert board.tally(SERVICE.id, 1000, None).everywhere.quarter == 1


async def test_what_is_no_outage_counts_nothing_and_takes_the_place_of_a_report(
    record: RecordReport, log: SlowLog, board: Board
) -> None:
    limit = Symptom("limit", {"en": "Slow mode"}, Nature.LIMIT, Counted.NEVER)
    service = replace(SERVICE, symptoms=(*SERVICE.symptoms, limit))
    assert await record.report(service, 1, 5, "limit") is Outcome.NO_OUTAGE
    assert await record.report(service, 1, 5, "login") is Outcome.COUNTED
    assert await record.report(service, 1, 5, "limit") is Outcome.NO_OUTAGE
    assert log.kept == {} and board.tally(SERVICE.id, 1000, None).everywhere.quarter == 0
