"""What the pictures show: people by time, outages, the official page, and the times nobody observed."""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.chart import Chart, Span, Theme
from bot.core.outage_life import Outage, Phase
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, HOUR, MINUTE, Report
from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.core.tally import Board
from bot.core.watch import WatchState
from bot.usecases.lead import Alone
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.history import DAY_STEP, MONTH_STEP, ShowHistory
from bot.usecases.outages.watch_states import WatchStates, to_document
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services
from tests.usecases.fakes import a_service
from tests.usecases.outages.outage_world import SERVICE, START, Disk

PAST = Outage(SERVICE, Phase.OVER, START - 3 * HOUR, id=1, seen=START - HOUR, ended=START - 2 * HOUR)


class Hours:
    def __init__(self, counts: Mapping[int, int]) -> None:
        self.counts = counts

    async def since(self, hour: int) -> Mapping[str, Mapping[int, int]]:
        return {SERVICE: {one: people for one, people in self.counts.items() if one >= hour}}


class Drawing:
    async def picture(self, key: str, chart: Chart, theme: Theme) -> bytes:
        del chart, theme
        return key.encode()


class Past:
    """A process that has run since `since`; nobody observed the ten minutes before the last hour."""

    def __init__(self, *outages: Outage, hours: Mapping[int, int] | None = None, since: float = START - DAY) -> None:
        self.service = a_service(SERVICE)
        self.board, self.signals, self.outages = Board([SERVICE]), SignalBoard(), OutageCache()
        for outage in outages:
            self.outages.put(outage)
        now, self.now = START // MINUTE, since
        document = to_document(WatchState(SERVICE, OutageDetector(), now, ((now - 70, now - 60),)))
        self.states = WatchStates(
            Services([self.service]), Disk(watch={SERVICE: document}), self.outages, Alone(), lambda: START - MINUTE
        )
        self.history = ShowHistory(
            self.board,
            self.signals,
            self.outages,
            self.states,
            Hours(hours or {}),  # type: ignore[arg-type]
            GuildCache(None),  # type: ignore[arg-type]
            Drawing(),
            lambda: self.now,
        )
        self.now = START

    async def day(self) -> Chart:
        await self.states.load()
        return (await self.history.day(self.service, None)).chart

    async def month(self) -> Chart:
        await self.states.load()
        return (await self.history.month(self.service, None)).chart


async def test_the_day_is_in_quarters_of_an_hour_and_the_running_one_is_last() -> None:
    past = Past()
    for number, ago in enumerate((0, 0, 20 * MINUTE)):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START - ago))
    chart = await past.day()
    assert chart.step == DAY_STEP and chart.start == START + DAY_STEP - DAY
    assert len(chart.people) == 96 and chart.people[-3:] == (1, 0, 2)
    assert set(chart.usual) == {None}, "not known before a whole day was observed"


async def test_what_nobody_observed_is_a_gap_and_no_quiet_time() -> None:
    chart = await Past().day()
    assert Span(START - 70 * MINUTE, START - 60 * MINUTE) in chart.gaps


async def test_the_day_shows_outages_and_how_long_the_official_page_reported_them() -> None:
    known = replace(PAST, official_at=START - 150 * MINUTE)
    on = Outage(SERVICE, Phase.ON, START - HOUR, id=2, seen=START, official_at=START - 30 * MINUTE)
    old = replace(PAST, id=3, began=START - 30 * HOUR, ended=START - 29 * HOUR)
    past = Past(known, on, old)
    past.signals.put(SERVICE, Reading(Signal.OFFICIAL, State.DOWN, Cause.ANSWERED, START))
    chart = await past.day()
    assert chart.outages == (Span(known.began, known.ended), Span(on.began, None))
    assert chart.incidents == (Span(START - 150 * MINUTE, known.ended), Span(START - 30 * MINUTE, None))


async def test_the_month_adds_up_counted_hours_and_what_is_still_in_memory() -> None:
    hour = START // HOUR
    past = Past(hours={hour - 2: 5, hour - 3: 2, hour - 500: 7}, since=START - 2 * HOUR)
    past.board.mirror(SERVICE).add(Report(1, SERVICE, 5, 1, None, START - 30 * MINUTE))
    chart = await past.month()
    assert chart.step == MONTH_STEP and len(chart.people) == 30 * DAY // MONTH_STEP
    assert sum(chart.people) == 5 + 2 + 7 + 1
    assert all((gap.end or 0) <= START - 2 * HOUR for gap in chart.gaps), "hours before this process are unknown"
    assert Span(START - 3 * HOUR, START - 2 * HOUR) not in chart.gaps, "unless they were counted"


async def test_an_old_outage_is_shown_in_the_month_and_a_new_one_in_the_day() -> None:
    past = Past(PAST)
    await past.states.load()
    new = await past.history.around(past.service, PAST, None)
    old = await past.history.around(past.service, replace(PAST, began=START - 2 * DAY), None)
    assert (new.chart.step, new.png, old.chart.step) == (DAY_STEP, b"examplia day", MONTH_STEP)
    assert past.history.outages(past.service) == [PAST]


async def test_each_stretch_of_the_month_that_nobody_observed_is_one_gap() -> None:
    hour, day = START // HOUR, DAY // HOUR
    start = (START // MONTH_STEP + 1) * MONTH_STEP - 30 * DAY
    counted = dict.fromkeys(range(start // HOUR, hour + 1), 0)
    blind = [(start // HOUR + 2 * day, 3), (start // HOUR + 9 * day, 1), (start // HOUR + 20 * day, 30)]
    for first, hours in blind:
        for one in range(first, first + hours):
            del counted[one]
    chart = await Past(hours=counted, since=START).month()
    assert chart.gaps == tuple(Span(first * HOUR, (first + hours) * HOUR) for first, hours in blind)
