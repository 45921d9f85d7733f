"""The public page: the public state of each followed service.

The same facts as on the cards, without any server's data.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.chart import Chart, Moment
from bot.core.errors import StoreError
from bot.core.few import common, is_few, rough
from bot.core.official_delay import OfficialDelay, grade
from bot.core.outage_life import OPEN, Outage
from bot.core.reports import DAY, MINUTE
from bot.core.service import Service
from bot.core.signals import Signal
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.history import ShowHistory
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.ports import Clock
from bot.usecases.reports.answer_help import AnswerHelp, HelpAnswer

MONTH_READ_EVERY = 5 * MINUTE
"""Seconds for which the counts of 30 days are cached; they are in the store."""


@dataclass(frozen=True, slots=True)
class PublicService:
    """The public state of one service.

    `heard` is true if reports can reach us; if not, `heard_at` is when they last could (None if unknown). `month` is
    None if it could not be read. `outages` and `alarms` (dismissed suspicions) are those of the last 30 days, newest
    first. `delay` grades the official page; None if the service has none.
    """

    answer: HelpAnswer
    heard: bool
    heard_at: float | None
    hours: Chart
    day: Chart
    month: Chart | None
    outages: tuple[Outage, ...]
    alarms: tuple[Outage, ...]
    delay: OfficialDelay | None

    @property
    def service(self) -> Service:
        """The service."""
        return self.answer.service


class PublicState:
    """Reads memory; only the charts of 30 days are read from the store, from time to time."""

    def __init__(
        self,
        *,
        followed: Iterable[Service],
        answers: AnswerHelp,
        history: ShowHistory,
        outages: OutageCache,
        scopes: OutageScopes,
        states: WatchStates,
        reachable: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._followed = followed
        self._answers = answers
        self._history = history
        self._outages = outages
        self._scopes = scopes
        self._states = states
        self._reachable = reachable
        self._clock = clock
        self._heard_at: float | None = None
        self._months: Mapping[str, Chart] = {}
        self._months_of: tuple[float, Sequence[str]] = (0.0, ())

    async def look(self) -> tuple[PublicService, ...]:
        """The current state of all followed services. Other tasks can run between two of them."""
        services, found = tuple(self._followed), list[PublicService]()
        await self._read_months(services)
        for service in services:
            found.append(self._public(service))
            await asyncio.sleep(0)
        return tuple(found)

    def _public(self, service: Service) -> PublicService:
        answer = self._answers.answer(service)
        moment = Moment.at(answer.at, answer.tally.everywhere.quarter, answer.tally.usual)
        outages = self._public_outages(service)
        heard = self._reachable()
        if heard:
            self._heard_at = answer.at
        month = self._months.get(service.id)
        has_page = any(source.signal is Signal.OFFICIAL for source in service.sources)
        return PublicService(
            for_everybody(answer),
            heard,
            answer.at if heard else self._last_heard(service.id, answer.at),
            rough(self._history.hours_chart(service, moment, outages)),
            rough(self._history.day_chart(service, moment, outages)),
            None if month is None else rough(month),
            outages,
            tuple(self._outages.dismissed(service.id)),
            grade(outages) if has_page else None,
        )

    def _public_outages(self, service: Service) -> tuple[Outage, ...]:
        """The outages that are over, or that concern all servers."""
        recent, everybody = self._outages.recent(service.id), self._scopes.concerns(service.id, None)
        return tuple(one for one in recent if everybody or one.phase not in OPEN)

    def _last_heard(self, service_id: str, now: float) -> float | None:
        """When reports could last reach us, from this process or from the state written before its start."""
        if self._heard_at is not None:
            return self._heard_at
        blind = self._states.unobserved(service_id)
        if blind and (blind[-1].end is None or blind[-1].end >= now - 2 * MINUTE) and now - blind[-1].start < DAY:
            return blind[-1].start
        return None

    async def _read_months(self, services: Sequence[Service]) -> None:
        now, ids = self._clock(), tuple(service.id for service in services)
        read_at, read = self._months_of
        if abs(now - read_at) < MONTH_READ_EVERY and ids == read:
            return
        self._months_of = now, ids
        try:
            self._months = await self._history.month_charts((one, self._public_outages(one)) for one in services)
        except StoreError:
            self._months = {}


def for_everybody(answer: HelpAnswer) -> HelpAnswer:
    """The answer without small counts, and without data of a single server."""
    since_end = None if answer.since_end is None or is_few(answer.since_end) else answer.since_end
    return replace(answer, tally=common(answer.tally), since_end=since_end, thread=None)
