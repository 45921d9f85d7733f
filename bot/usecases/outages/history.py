"""The last three hours, the last 24 and the last 30 days as charts, and the outages in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from bot.core.board import Board
from bot.core.chart import Chart, Moment, Most, Span
from bot.core.outage_life import ONGOING, Outage, Phase
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.service import Service
from bot.core.signals import TROUBLE, Signal, SignalBoard
from bot.usecases.outages.cache import OUTAGES_KEPT_FOR, OutageCache
from bot.usecases.outages.ports import HourCounts, Pictures
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache

HOURS, HOURS_STEP = 3 * HOUR, 5 * MINUTE
"""The current picture: an outage of twelve minutes would be invisible in a whole day."""
DAY_STEP, MONTH_STEP = 15 * MINUTE, DAY
_AROUND = HOUR
"""How much of the time before a short outage its own picture shows."""
_QUARTER = 15


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart, its picture (PNG) in the theme of the server where it is shown, and the real outages at that time."""

    chart: Chart
    png: bytes
    outages: tuple[Outage, ...] = ()


class ShowHistory:
    """Builds charts and has them drawn. The day comes from memory; the month takes one read of the store."""

    def __init__(
        self,
        board: Board,
        signals: SignalBoard,
        cache: OutageCache,
        states: WatchStates,
        hours: HourCounts,
        guilds: GuildCache,
        pictures: Pictures,
        clock: Clock,
    ) -> None:
        self._board = board
        self._signals = signals
        self._cache = cache
        self._states = states
        self._hours = hours
        self._guilds = guilds
        self._pictures = pictures
        self._clock = clock
        self._running_since = clock()

    def typical(self, service: Service) -> int | None:
        """Seconds within which most outages of the last 30 days were over; None if there were too few."""
        return self._cache.typical(service.id)

    async def hours(self, service: Service, moment: Moment, guild_id: int | None) -> DrawnChart:
        """The three hours before this moment by five minutes."""
        return await self._drawn(self.hours_chart(service, moment, self._cache.recent(service.id)), guild_id)

    async def day(self, service: Service, moment: Moment, guild_id: int | None) -> DrawnChart:
        """The 24 hours before this moment in quarters of an hour."""
        return await self._drawn(self.day_chart(service, moment, self._cache.recent(service.id)), guild_id)

    def hours_chart(self, service: Service, moment: Moment, outages: Sequence[Outage]) -> Chart:
        """The three hours before this moment with these outages, not drawn."""
        return self._recent(service, moment, outages, HOURS, HOURS_STEP)

    def day_chart(self, service: Service, moment: Moment, outages: Sequence[Outage]) -> Chart:
        """The 24 hours before this moment with these outages, not drawn."""
        return self._recent(service, moment, outages, DAY, DAY_STEP)

    async def month_charts(self, services: Iterable[tuple[Service, Sequence[Outage]]]) -> dict[str, Chart]:
        """The last 30 days of services with these outages, not drawn, from one read of the store. Raises StoreError."""
        hours = await self._hours.since((int(self._clock()) - OUTAGES_KEPT_FOR) // HOUR)
        return {one.id: self._month(one, hours.get(one.id, {}), outages) for one, outages in services}

    async def of(self, service: Service, outage: Outage, guild_id: int | None) -> DrawnChart:
        """The hours before the last minute of an ongoing outage, else before now; the whole day if it is older."""
        return await self._drawn(self._of(service, outage, self._moment_of(service, outage)), guild_id)

    async def month(self, service: Service, guild_id: int | None) -> DrawnChart:
        """The last 30 days, a bar for each, with the outages in them, newest first. Raises StoreError."""
        hours = await self._counted_hours(service)
        now = self._now(service)  # no await from here on, so all values are of the same moment
        outages = [_as_of(outage, now) for outage in self._cache.recent(service.id)]
        return await self._drawn(self._month(service, hours, outages), guild_id, outages)

    async def around(self, service: Service, outage: Outage, guild_id: int | None) -> DrawnChart:
        """The hours or the day of an outage if it began in the last day, else the last 30 days. Raises StoreError."""
        now = self._moment_of(service, outage)
        first = outage.began // MINUTE * MINUTE - _AROUND
        if outage.ended is not None and outage.ended < first + HOURS < now.end and first > now.end - DAY:
            then = Moment(first + HOURS, 0, None)
            chart = self._recent(service, then, self._with(outage), HOURS, HOURS_STEP)
            return await self._drawn(replace(chart, latest=None), guild_id)
        if outage.began > now.end - DAY:
            return await self._drawn(self._of(service, outage, now), guild_id)
        hours = await self._counted_hours(service)
        return await self._drawn(self._month(service, hours, self._with(outage)), guild_id)

    async def _drawn(self, chart: Chart, guild_id: int | None, outages: Iterable[Outage] = ()) -> DrawnChart:
        theme = self._guilds.get(guild_id).picture
        return DrawnChart(chart, await self._pictures.picture(chart, theme), tuple(outages))

    def _now(self, service: Service) -> Moment:
        now = self._clock()
        tally = self._board.tally(service.id, now, None)
        return Moment.at(now, tally.everywhere.quarter, tally.usual)

    def _with(self, outage: Outage) -> list[Outage]:
        """The real outages, newest first, with this one as it is on the card."""
        return [outage if one.id == outage.id else one for one in self._cache.recent(outage.service)]

    def _moment_of(self, service: Service, outage: Outage) -> Moment:
        """The last minute of an ongoing outage, as its card states it; now, if it is over."""
        now = self._now(service)
        if outage.phase not in ONGOING:
            return now
        return Moment(outage.seen, outage.recent, None if now.usual is None else outage.usual)

    def _of(self, service: Service, outage: Outage, moment: Moment) -> Chart:
        length, step = (HOURS, HOURS_STEP) if outage.began > moment.end - HOURS else (DAY, DAY_STEP)
        return self._recent(service, moment, self._with(outage), length, step)

    def _recent(self, service: Service, moment: Moment, outages: Sequence[Outage], length: int, step: int) -> Chart:
        """The chart of the last `length` seconds before a moment, from memory."""
        start, mirror = moment.end - length, self._board.mirror(service.id)
        minutes = [mirror.counted(minute) for minute in range(start // MINUTE, moment.end // MINUTE)]
        detector, usual, size = self._states.detector(service.id), list[float | None](), step // MINUTE
        for slot in range(start, moment.end, step):
            by_quarter = detector.usual_at((slot + step // 2) // MINUTE) if detector.seasoned else None
            usual.append(None if by_quarter is None else by_quarter * size / _QUARTER)
        return Chart(
            start,
            step,
            tuple(sum(minutes[first : first + size]) for first in range(0, len(minutes), size)),
            tuple(usual),
            *self._spans(service, start, outages),
            gaps=(Span(start, self._read_from(start)), *self._states.unobserved(service.id)),
            most=_most(minutes, start, outages, moment),
            latest=moment.people,
            drawn=moment.drawn_at,
        )

    async def _counted_hours(self, service: Service) -> Mapping[int, int]:
        return (await self._hours.since((int(self._clock()) - OUTAGES_KEPT_FOR) // HOUR)).get(service.id, {})

    def _month(self, service: Service, hours: Mapping[int, int], outages: Sequence[Outage]) -> Chart:
        now = int(self._clock())
        end = now // MONTH_STEP * MONTH_STEP + MONTH_STEP
        start = end - OUTAGES_KEPT_FOR
        mirror, people = self._board.mirror(service.id), list[int]()
        gaps = list[Span]()
        for slot in range(start, end, MONTH_STEP):
            counted = 0
            for hour in range(slot // HOUR, (slot + MONTH_STEP) // HOUR):
                if hour in hours:
                    counted += hours[hour]
                    continue
                # Not in the store: not counted yet, or reports could not reach us. The mirror still has the last day.
                counted += sum(mirror.counted(minute) for minute in range(hour * 60, hour * 60 + 60))
                if hour * HOUR + HOUR < self._running_since or hour * HOUR < self._read_from(start):
                    gaps.append(Span(hour * HOUR, hour * HOUR + HOUR))
            people.append(counted)
        usual = self._usual_of_a_month(service, start, len(people))
        spans = self._spans(service, start, outages)
        return Chart(*(start, MONTH_STEP, tuple(people), usual, *spans, _joined(gaps)), drawn=now // MINUTE * MINUTE)

    def _read_from(self, start: int) -> int:
        """The time since which all reports are in memory, at the earliest `start`. The log may still be loading."""
        return max(start, self._board.loaded_back_to or start)

    def _usual_of_a_month(self, service: Service, start: int, steps: int) -> tuple[float | None, ...]:
        """The usual number in each step, by current knowledge. It repeats every week, so only one week is computed."""
        detector = self._states.detector(service.id)
        if not detector.seasoned:
            return (None,) * steps
        hours = MONTH_STEP // HOUR
        quarters = HOUR // MINUTE // _QUARTER
        week = [
            sum(
                quarters * detector.usual_at((start + slot * MONTH_STEP + hour * HOUR) // MINUTE)
                for hour in range(hours)
            )
            for slot in range(min(steps, 7 * DAY // MONTH_STEP))
        ]
        return tuple(week[slot % len(week)] for slot in range(steps))

    def _spans(
        self, service: Service, start: int, outages: Sequence[Outage]
    ) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        outages = [one for one in outages if (one.ended or one.seen) > start]
        spans = tuple(Span(max(start, one.began), one.ended) for one in reversed(outages))
        official = [one for one in outages if one.official_at is not None]
        incidents = [Span(max(start, one.official_at or start), one.ended) for one in reversed(official)]
        if incidents:
            incidents[-1] = replace(incidents[-1], end=self._page_ended(service, incidents[-1]))
        return spans, tuple(one for one in incidents if one.end is None or one.end > one.start)

    def _page_ended(self, service: Service, newest: Span) -> float | None:
        """When the official page stopped reporting its newest trouble, as far as we saw; None while it still does."""
        held = self._signals.get(service.id, Signal.OFFICIAL)
        if held is not None and held.now.state in TROUBLE:
            return None
        better = self._states.better(service.id, Signal.OFFICIAL)
        return better if better is not None and better > newest.start else newest.end


def _as_of(outage: Outage, now: Moment) -> Outage:
    """An ongoing outage, updated to this minute: its peak is never below the current count."""
    if outage.phase is not Phase.ON:
        return outage
    outage = replace(outage, seen=max(outage.seen, now.end - MINUTE))
    return outage if now.people <= outage.peak else replace(outage, peak=now.people, peak_at=now.end)


def _most(minutes: Sequence[int], start: int, outages: Iterable[Outage], moment: Moment) -> Most:
    """The most people in any 15 minutes. An outage's peak is taken from the outage, as on the rest of the card."""
    sums = [0, *accumulate(minutes)]
    found = [Most(moment.people, moment.end)]
    peaks = [one for one in outages if one.peak_at > start]
    for end in range(_QUARTER, len(sums)):
        at = start + end * MINUTE
        if not any(
            one.began <= at <= (moment.end if one.ended is None else one.ended + _QUARTER * MINUTE) for one in peaks
        ):
            found.append(Most(sums[end] - sums[end - _QUARTER], at))
    # The 15 minutes of the peak can reach beyond the end; then a card states it at the end.
    found += [Most(one.peak, min(one.peak_at, one.ended or one.peak_at)) for one in peaks]
    return max(found, key=lambda one: one.people)


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)
