"""The last 24 hours and the last 30 days as charts, and the outages in them."""

from dataclasses import dataclass

from bot.core.chart import Chart, Span
from bot.core.outage_life import Outage
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.service import Service
from bot.core.signals import TROUBLE, Signal, SignalBoard
from bot.core.tally import Board
from bot.usecases.outages.cache import OUTAGES_KEPT_FOR, OutageCache
from bot.usecases.outages.ports import HourCounts, Pictures
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache

DAY_STEP = 15 * MINUTE
MONTH_STEP = 6 * HOUR


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart and its picture (PNG), in the theme of the server where it is shown."""

    chart: Chart
    png: bytes


class ShowHistory:
    """Builds charts and has them drawn. The day comes from memory, the month takes one read of the store."""

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

    def outages(self, service: Service) -> list[Outage]:
        """The outages of the last 30 days, newest first."""
        return self._cache.recent(service.id)

    async def day(self, service: Service, guild_id: int | None) -> DrawnChart:
        """The last 24 hours in quarters of an hour; the last one has not ended yet."""
        return await self._drawn(service, "day", self._day(service), guild_id)

    async def month(self, service: Service, guild_id: int | None) -> DrawnChart:
        """The last 30 days in steps of six hours. Raises StoreError."""
        return await self._drawn(service, "month", await self._month(service), guild_id)

    async def around(self, service: Service, outage: Outage, guild_id: int | None) -> DrawnChart:
        """The last 24 hours if the outage began in them, else the last 30 days. Raises StoreError."""
        day = self._day(service)
        if outage.began <= day.start:
            return await self.month(service, guild_id)
        return await self._drawn(service, "day", day, guild_id)

    async def _drawn(self, service: Service, span: str, chart: Chart, guild_id: int | None) -> DrawnChart:
        theme = self._guilds.get(guild_id).picture
        return DrawnChart(chart, await self._pictures.picture(f"{service.id} {span}", chart, theme))

    def _day(self, service: Service) -> Chart:
        end = int(self._clock()) // DAY_STEP * DAY_STEP + DAY_STEP
        start, mirror = end - DAY, self._board.mirror(service.id)
        detector = self._states.detector(service.id)
        people, usual = list[int](), list[float | None]()
        for slot in range(start, end, DAY_STEP):
            minutes = range(slot // MINUTE, (slot + DAY_STEP) // MINUTE)
            people.append(sum(map(mirror.newly, minutes)))
            middle = minutes[len(minutes) // 2]
            usual.append(detector.usual_at(middle) if detector.seasoned else None)
        return Chart(
            start,
            DAY_STEP,
            tuple(people),
            tuple(usual),
            *self._spans(service, start),
            gaps=(Span(start, self._read_from(start)), *self._states.unobserved(service.id)),
        )

    async def _month(self, service: Service) -> Chart:
        end = int(self._clock()) // MONTH_STEP * MONTH_STEP + MONTH_STEP
        start = end - OUTAGES_KEPT_FOR
        hours = (await self._hours.since(start // HOUR)).get(service.id, {})
        mirror, people = self._board.mirror(service.id), list[int]()
        gaps = list[Span]()
        for slot in range(start, end, MONTH_STEP):
            counted = 0
            for hour in range(slot // HOUR, (slot + MONTH_STEP) // HOUR):
                if hour in hours:
                    counted += hours[hour]
                    continue
                # Not counted in the store: not yet, or reports could not reach us. The mirror still has the last day.
                counted += sum(mirror.newly(minute) for minute in range(hour * 60, hour * 60 + 60))
                if hour * HOUR + HOUR < self._running_since or hour * HOUR < self._read_from(start):
                    gaps.append(Span(hour * HOUR, hour * HOUR + HOUR))
            people.append(counted)
        outages, incidents = self._spans(service, start)
        usual = self._usual_of_a_month(service, start, len(people))
        return Chart(start, MONTH_STEP, tuple(people), usual, outages, incidents, _joined(gaps))

    def _read_from(self, start: int) -> int:
        """From when on all reports are in memory, at the earliest from `start`: the log may still be read."""
        return max(start, self._board.loaded_back_to or start)

    def _usual_of_a_month(self, service: Service, start: int, steps: int) -> tuple[float | None, ...]:
        """What is usual in each step, by what is known now. It repeats every week, so one week is computed."""
        detector = self._states.detector(service.id)
        if not detector.seasoned:
            return (None,) * steps
        hours = MONTH_STEP // HOUR
        quarters = HOUR // DAY_STEP
        week = [
            sum(
                quarters * detector.usual_at((start + slot * MONTH_STEP + hour * HOUR) // MINUTE)
                for hour in range(hours)
            )
            for slot in range(min(steps, 7 * DAY // MONTH_STEP))
        ]
        return tuple(week[slot % len(week)] for slot in range(steps))

    def _spans(self, service: Service, start: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        outages = [one for one in self._cache.recent(service.id) if (one.ended or one.seen) > start]
        spans = tuple(Span(max(start, one.began), one.ended) for one in reversed(outages))
        # The official page keeps its own history; we know when it began to report trouble, and whether it still does.
        held = self._signals.get(service.id, Signal.OFFICIAL)
        reports_trouble = held is not None and held.now.state in TROUBLE
        official = [one for one in outages if one.official_at is not None]
        incidents = tuple(
            Span(max(start, one.official_at or start), None if reports_trouble and one is official[0] else one.ended)
            for one in reversed(official)
        )
        return spans, tuple(one for one in incidents if one.end is None or one.end > one.start)


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)
