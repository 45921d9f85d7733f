"""The content of pictures: people over time, outages, the official page, and unobserved times."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.board import Board
from bot.core.chart import Chart, Moment, Span, Theme
from bot.core.outage_life import Outage, Phase
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, HOUR, MINUTE, Report
from bot.core.signal_history import SignalHistory
from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.core.watch import WatchState
from bot.usecases.leadership import OnlyProcess
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.history import DAY_STEP, HOURS, HOURS_STEP, MONTH_STEP, ShowHistory
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
    async def picture(self, chart: Chart, theme: Theme) -> bytes:
        return f"{chart.people[-1]} {theme}".encode()


class Past:
    """A process that has run since `since`; nobody observed the ten minutes before the last hour."""

    def __init__(
        self,
        *outages: Outage,
        hours: Mapping[int, int] | None = None,
        since: float = START - DAY,
        detector: OutageDetector | None = None,
    ) -> None:
        self.service = a_service(SERVICE)
        self.board, self.signals, self.outages = Board(), SignalBoard(), OutageCache()
        for outage in outages:
            self.outages.put(outage)
        now, self.now = START // MINUTE, since
        document = to_document(WatchState(SERVICE, detector or OutageDetector(), now, ((now - 70, now - 60),)))
        self.states = WatchStates(
            Services([self.service]),
            Disk(watch={SERVICE: document}),
            self.outages,
            OnlyProcess(),
            lambda: START - MINUTE,
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

    async def hours(self) -> Chart:
        await self.states.load()
        tally = self.board.tally(SERVICE, START, None)
        return (
            await self.history.hours(self.service, Moment.at(START, tally.everywhere.quarter, tally.usual), None)
        ).chart

    async def day(self) -> Chart:
        await self.states.load()
        tally = self.board.tally(SERVICE, START, None)
        moment = Moment.at(START, tally.everywhere.quarter, tally.usual)
        return (await self.history.day(self.service, moment, None)).chart

    async def month(self) -> Chart:
        await self.states.load()
        return (await self.history.month(self.service, None)).chart


async def test_the_day_is_in_quarters_of_an_hour_and_the_last_15_minutes_are_last() -> None:
    past = Past()
    for number, ago in enumerate((20 * MINUTE, 0, 0)):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START - ago))
    chart = await past.day()
    assert chart.step == DAY_STEP and chart.end == START + MINUTE
    assert len(chart.people) == 96 and chart.people[-3:] == (0, 1, 2) and chart.summary().latest == 2
    assert set(chart.usual) == {None}, "not known before a whole day was observed"


async def test_now_is_the_last_three_hours_by_five_minutes() -> None:
    """An outage of twelve minutes is one bar of a whole day, and three of these."""
    past = Past()
    for number, ago in enumerate((12, 12, 7, 2)):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START - ago * MINUTE))
    chart = await past.hours()
    assert chart.step == HOURS_STEP and chart.end - chart.start == HOURS and len(chart.people) == 36
    assert chart.people[-3:] == (2, 1, 1) and chart.summary().latest == 4, "the card tells those of 15 minutes"


def on(**more: Any) -> Outage:
    return replace(Outage(SERVICE, Phase.ON, START - HOUR, id=2, peak=73, peak_at=START - 20 * MINUTE), **more)


async def test_the_picture_of_an_ongoing_outage_ends_with_the_people_that_its_card_tells() -> None:
    """The card tells 29 people of the last closed minute; 40 are in the mirror when it is drawn."""
    outage = on(seen=START - MINUTE, recent=29, peak=29, peak_at=START - MINUTE)
    past = Past(outage)
    for number in range(40):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START - 30))
    await past.states.load()
    drawn = await past.history.of(past.service, outage, None)
    assert (sum(drawn.chart.people), drawn.chart.end, drawn.png) == (0, START - MINUTE, b"0 dark")
    assert (drawn.chart.summary().latest, drawn.chart.summary().peak) == (29, 29)


async def test_the_description_tells_the_most_of_an_outage_as_its_card_does() -> None:
    """Bars are a quarter of an hour each, and the most people in 15 minutes may lie across two of them."""
    outage = on(seen=START, recent=5)
    past = Past(outage)
    for number in range(70):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START - 30 * MINUTE + 10 * number))
    await past.states.load()
    summary = (await past.history.of(past.service, outage, None)).chart.summary()
    assert (summary.peak, summary.peak_at, summary.latest) == (73, START - 20 * MINUTE, 5)
    over = replace(outage, phase=Phase.OVER, ended=START - 2 * MINUTE)
    past.outages.put(over)
    summary = (await past.history.of(past.service, over, None)).chart.summary()
    assert (summary.peak, summary.peak_at) == (73, START - 20 * MINUTE)


async def test_the_most_people_of_a_day_without_outages_may_lie_across_two_bars() -> None:
    past = Past()
    for number, ago in enumerate((35, 34, 25, 24, 5)):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START - ago * MINUTE))
    summary = (await past.day()).summary()
    assert (summary.peak, summary.peak_at) == (4, START - 23 * MINUTE)


async def test_in_the_list_nothing_was_at_most_less_than_now() -> None:
    outage = on(seen=START - MINUTE, recent=73)
    past = Past(outage)
    for number in range(76):
        past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, None, START))
    await past.states.load()
    [listed] = (await past.history.month(past.service, None)).outages
    assert listed.peak == 76


async def test_the_spans_are_those_of_the_outage_on_the_card() -> None:
    """It may have gone on while the post waited for its turn."""
    outage = on(seen=START - MINUTE)
    past = Past(replace(outage, phase=Phase.RECOVERING, seen=START, ended=START - MINUTE))
    await past.states.load()
    for drawn in (
        await past.history.of(past.service, outage, None),
        await past.history.around(past.service, outage, None),
    ):
        assert drawn.chart.outages == (Span(outage.began, None),)


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


async def test_a_page_that_is_well_again_while_people_still_report_has_no_open_incident() -> None:
    """The card says beside it that the official page is fine."""
    outage = on(seen=START, official_at=START - 50 * MINUTE)
    past = Past(outage)
    await past.states.load()
    held = past.states.held(SERVICE)
    better = SignalHistory(state=State.UP, looked=START, better=float(START - 10 * MINUTE))
    held.state = replace(held.state, signals={Signal.OFFICIAL: better})
    past.signals.put(SERVICE, Reading(Signal.OFFICIAL, State.UP, Cause.ANSWERED, START))
    drawn = await past.history.of(past.service, outage, None)
    assert drawn.chart.incidents == (Span(START - 50 * MINUTE, START - 10 * MINUTE),)


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
    assert (new.chart.step, new.png, old.chart.step) == (HOURS_STEP, b"0 dark", MONTH_STEP)
    assert new.chart.start < PAST.began < (PAST.ended or 0) < new.chart.end
    assert new.chart.latest is None, "it does not tell of now"
    long = await past.history.around(past.service, replace(PAST, began=START - 9 * HOUR), None)
    assert long.chart.step == DAY_STEP, "a longer one is shown in its day"
    assert (await past.history.month(past.service, None)).outages == (PAST,)


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


async def test_the_usual_is_that_of_a_bar_however_long_it_is() -> None:
    """Five people in 15 minutes, day and night, as they report to nobody in particular."""
    detector = OutageDetector()
    for minute in range(START // MINUTE - 70 - 3 * DAY // MINUTE, START // MINUTE - 70):
        detector.update(minute, int(minute % 3 == 0), 1)
    past = Past(detector=detector)
    by_bar = [(await past.hours()).usual, (await past.day()).usual, (await past.month()).usual]
    for usual, people in zip(by_bar, (5 / 3, 5, 5 * 96), strict=True):
        assert all(known is not None and 0.6 < known / people < 1.7 for known in usual)
