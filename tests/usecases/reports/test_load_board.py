"""A start with many reports: the last hour first, the rest in the background, and no counts from part of a day."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Self

import pytest

from bot.core.board import Board
from bot.core.errors import StoreError
from bot.core.reports import DAY, HOUR, Report
from bot.core.tally import Tally
from bot.core.verdict import Confidence, Verdict, Word
from bot.discord_ui.render.signals import signal_lines
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.reports import load_board
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.load_board import LoadBoard
from tests.patience import PATIENCE
from tests.resources import resources
from tests.usecases.fakes import a_service

NOW = 20_000 * DAY
PEOPLE = 48
"""One every half an hour of the day before NOW; everybody says the same once more a minute later."""


@pytest.fixture
async def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Stores]:
    monkeypatch.setattr("bot.storage.report_log._CHUNK", 5)
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    async with open_stores(settings, ["examplia", "no longer watched"]) as opened:
        for who in range(PEOPLE):
            at = NOW - 60 - who * HOUR // 2
            for number, later in ((2 * (PEOPLE - who), 0), (2 * (PEOPLE - who) + 1, 50)):
                await opened.reports.append(Report(number, "examplia", 5, who, None, at + later))
        await opened.reports.append(Report(1000, "no longer watched", 5, 1, None, NOW - 5))
        await opened.reports.append(Report(1, "examplia", 5, 99, None, NOW - DAY))
        yield opened


class Gated:
    """The log, which gives the older chunks only when a test says so, and fails when told to."""

    def __init__(self, stores: Stores) -> None:
        self._log = stores.reports
        self.open = asyncio.Event()
        self.failures = 0
        self.waits = asyncio.Event()

    async def back_to(self, at: int, before: Report | None = None) -> AsyncIterator[Sequence[Report]]:
        async for reports in self._log.back_to(at, before):
            if reports[0].at < NOW - 3 * HOUR:
                self.waits.set()
                await self.open.wait()
            if self.failures:
                self.failures -= 1
                raise StoreError("no")
            yield reports


class Start:
    """A start up to where the last hour is there."""

    def __init__(self, log: Gated, at_once: int = 0) -> None:
        self.board = Board()
        self.loading = LoadBoard(log, self.board, lambda: NOW, at_once=at_once)

    async def begun(self) -> Self:
        await self.loading.begin()
        return self

    async def whole(self) -> int:
        """People of the whole day, once it is read."""
        async with asyncio.timeout(PATIENCE):
            while self.board.loaded_back_to is not None:  # noqa: ASYNC110 - nothing else waits for it
                await asyncio.sleep(0.01)
        return self.board.tally("examplia", NOW, None).everywhere.day


async def test_the_last_hour_is_there_first_and_half_a_day_is_shown_to_nobody(stores: Stores) -> None:
    log = Gated(stores)
    start = await Start(log).begun()
    async with start.loading:
        await log.waits.wait()
        early = start.board.tally("examplia", NOW, None)
        assert (early.everywhere.quarter, early.everywhere.hour) == (1, 2)
        assert "2 in the last hour" in words_of(early) and "24 hours" not in words_of(early)
        start.board.mirror("examplia").add(Report(2000, "examplia", 5, 500, None, NOW))
        log.open.set()
        assert await start.whole() == PEOPLE + 1
    assert "49 in the last 24 hours" in words_of(start.board.tally("examplia", NOW, None))


async def test_a_small_day_is_whole_at_once(stores: Stores) -> None:
    log = Gated(stores)
    log.open.set()
    start = Start(log, at_once=10_000)
    assert await start.loading.begin() == 1000, "ids go on after the newest, whichever service it was"
    assert start.board.loaded_back_to is None
    assert start.board.tally("examplia", NOW, None).everywhere.day == PEOPLE


async def test_whom_the_log_forgot_while_the_day_is_read_does_not_come_back(stores: Stores) -> None:
    log = Gated(stores)
    start = await Start(log).begun()
    async with start.loading:
        await log.waits.wait()  # with a chunk in hand that still has them
        for who in range(PEOPLE // 2):
            start.board.forget(who)
        log.open.set()
        assert await start.whole() == PEOPLE // 2


async def test_a_read_that_fails_goes_on_where_it_was(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_board, "_TRY_AGAIN_AFTER", 0.01)
    log = Gated(stores)
    start = await Start(log).begun()
    async with start.loading:
        await log.waits.wait()
        log.failures = 2
        log.open.set()
        assert await start.whole() == PEOPLE
        minutes = range((NOW - DAY) // 60, NOW // 60)
        assert sum(map(start.board.mirror("examplia").counted, minutes)) == 2 * PEOPLE, "each once"


async def test_the_log_says_now_and_then_how_far_the_reading_is(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    log, seconds = Gated(stores), iter(range(0, 10_000, 3))
    log.open.set()
    board = Board()
    loading = LoadBoard(log, board, lambda: NOW, at_once=0, elapsed=lambda: next(seconds))
    await loading.begin()
    async with loading:
        async with asyncio.timeout(PATIENCE):
            while board.loaded_back_to is not None:  # noqa: ASYNC110 - nothing else waits for it
                await asyncio.sleep(0.01)
    far: list[Any] = [one for one in caplog.records if one.message == "loading the last 24 hours of reports"]
    assert len(far) > 3
    assert [one.percent for one in far] == sorted(one.percent for one in far) and 0 < far[0].percent < far[-1].percent
    [end] = [one for one in caplog.records if one.message == "finished loading the last 24 hours of reports"]
    assert vars(end)["reports"] == 2 * PEOPLE + 1


async def test_the_bot_may_end_before_the_day_is_read(stores: Stores) -> None:
    start = await Start(Gated(stores)).begun()
    async with asyncio.timeout(PATIENCE), start.loading:
        pass
    assert not start.board.tally("examplia", NOW, None).whole_day


def words_of(tally: Tally) -> str:
    answer = HelpAnswer(a_service(), Verdict(Word.SOME_OTHERS, Confidence.LOW), tally, {}, NOW)
    return signal_lines(resources().languages.texts("en"), answer)
