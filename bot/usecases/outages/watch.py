"""The watch: reads the observations of each finished minute, has `core.watch` decide, and writes the result.

State, outage and posts are written in one transaction. A step that could not be written is written the next time.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.core.board import Board
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, Outage, Phase, ended, reopens
from bot.core.outages import Level
from bot.core.posts import plan
from bot.core.reports import COUNTED_ONCE_FOR, MANY_AT_ONCE, MINUTE
from bot.core.service import Counted, Service
from bot.core.signals import Seen, Signal, SignalBoard
from bot.core.spread import concerned, only_server
from bot.core.talk import Talk
from bot.core.tally import Mirror
from bot.core.watch import (
    Observation,
    audience,
    confirmed,
    next_state,
    skip_to,
    skip_unobserved,
    take_in,
    with_incidents,
    written,
)
from bot.usecases.leadership import Leadership
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import OutageStore, WatchStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.watch_states import HeldState, WatchStates, to_document
from bot.usecases.outages.write_watch_steps import WriteWatchSteps
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

_WINDOW = COUNTED_ONCE_FOR // MINUTE
"""The number of minutes in the detector's count of people."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """The inputs of the watch."""

    board: Board
    signals: SignalBoard
    talk: Mapping[str, Talk]
    guilds: GuildCache


class WatchServices:
    """Runs every few seconds. Among all `services` only those that are `followed` now are watched.

    `reachable` says whether reports can reach us, `wake` wakes the announcer, `owner` returns the owner of a server, or
    None if unknown.
    """

    def __init__(
        self,
        *,
        services: Services,
        followed: Iterable[Service],
        sources: Sources,
        states: WatchStates,
        outages: OutageCache,
        posts: PostCache,
        scopes: OutageScopes,
        steps: WriteWatchSteps,
        store: OutageStore,
        leadership: Leadership,
        clock: Clock,
        reachable: Callable[[], bool],
        wake: Callable[[], None],
        owner: Callable[[int], int | None],
    ) -> None:
        self._services = services
        self._followed = followed
        self._sources = sources
        self._states = states
        self._outages = outages
        self._posts = posts
        self._scopes = scopes
        self._steps = steps
        self._store = store
        self._leadership = leadership
        self._clock = clock
        self._reachable = reachable
        self._wake = wake
        self._owner = owner
        self._late_reports: dict[str, _LateReports] = {}
        self._ticked_at: float | None = None

    async def load(self) -> None:
        """Continue where the last run ended. Raises StoreError."""
        await self._restore()
        if self._leadership.is_leader:
            await self._end_unwatched()
        self._outages.keep_services(self._services)

    async def take_over(self) -> None:
        """Continue where the previous leader stopped. Raises StoreError."""
        await self._restore()
        for outage in await self._store.outages(int(self._clock())):
            if outage.phase in OPEN and outage.service not in self._services:
                self._outages.put(outage)
        await self._end_unwatched()
        self._outages.keep_services(self._services)

    async def services_changed(self) -> None:
        """End the outages of services that are no longer watched. Raises StoreError."""
        try:
            if self._leadership.is_leader:
                await self._end_unwatched()
        finally:
            self._outages.keep_services(self._services)

    async def follow(self) -> None:
        """Read the state that the leader has written. Raises StoreError."""
        if not self._leadership.is_leader:
            await self._restore()

    async def tick(self) -> None:
        """Process the finished minutes. Raises StoreError if a step could not be written; it is not lost."""
        now, failed = self._clock(), list[Exception]()
        for service in self._followed:
            try:
                if await self._states.begin(service.id):
                    self._show_usual(service)
                await (
                    self._watch(service, int(now) // MINUTE)
                    if self._leadership.is_leader
                    else self._observe_only(service)
                )
            except Exception as error:
                failed.append(error)
        self._ticked_at = now
        self._wake()
        if failed:
            raise failed[0]

    def tick_age(self) -> float | None:
        """Seconds since the watch last ran; None before its first run."""
        return None if self._ticked_at is None else self._clock() - self._ticked_at

    async def _restore(self) -> None:
        await self._states.load()
        for service in self._followed:
            self._show_usual(service)

    async def _end_unwatched(self) -> None:
        """End the outages of services that are no longer watched."""
        for outage in self._outages.open():
            if outage.service not in self._services:
                fence = None if outage.simulated else self._leadership.fence
                await self._steps.write(WatchStep(outage.service, outage=ended(outage), fence=fence))

    async def _watch(self, service: Service, this_minute: int) -> None:
        held = self._states.held(service.id)
        if held.unwritten:
            await self._write(service, held)
            # While nothing could be written, no report could be stored either.
            held.state = skip_to(held.state, max(held.state.next_minute, this_minute))
        held.state = skip_unobserved(held.state, this_minute, reachable=self._reachable())
        await self._close_for_good(service, held)
        self._limit_scope(service, held.state.outage)
        if held.state.outage is not None and self._scopes.concerns_all(service.id):
            held.state = replace(held.state, outage=replace(held.state.outage, widespread=True))
        while held.state.next_minute < this_minute:
            self._run_minute(service, held)
            await self._write(service, held)
        await self._take_in(service, held)
        outage = held.state.outage
        if outage is not None and self._calls_for_posts(service, outage):
            await self._write(service, held)

    async def _observe_only(self, service: Service) -> None:
        """Follow the leader: its decisions are in the cache, and the scope can be computed here as well."""
        self._limit_scope(service, self._outages.current(service.id))

    def _run_minute(self, service: Service, held: HeldState) -> None:
        before, now = held.state, self._clock()
        tally, talk = self._sources.board.tally(service.id, now, None), self._sources.talk[service.id]
        talking = talk.people(now)
        mirror, minute = self._sources.board.mirror(service.id), before.next_minute
        window = range(minute + 1 - _WINDOW, minute + 1)
        observed = Observation(
            reporters=self._late_reports.setdefault(service.id, _LateReports()).people(mirror, minute, service),
            servers=tally.servers,
            symptoms=mirror.symptoms_in(window),
            talking=talking,
            usual_talking=talk.usual,
            people=sum(map(mirror.counted, window)),
            credited=mirror.credited(minute),
        )
        held.state = next_state(take_in(before, self._seen(service)), observed, self._last(service))
        if held.state.detector.level is Level.NORMAL:
            talk.learn(talking)
        self._show_usual(service)
        _log_new_phase(before.outage, held.state.outage)

    async def _close_for_good(self, service: Service, held: HeldState) -> None:
        """Mark the last outage as final once it can no longer be reopened: then its posts are finished."""
        last = self._last(service)
        if last is not None and last.phase is Phase.OVER and not (last.final or reopens(last, self._clock())):
            await self._steps.write(WatchStep(service.id, outage=replace(last, final=True), fence=held.fence))

    def _last(self, service: Service) -> Outage | None:
        return self._outages.last(service.id)

    async def _take_in(self, service: Service, held: HeldState) -> None:
        before = held.state.outage
        state = held.state = take_in(held.state, self._seen(service))
        if before is not None and state.outage is not None:
            if state.outage.official_at != before.official_at:
                await self._write(service, held)
            return
        for past in self._outages.recent(service.id)[:1]:
            if (changed := with_incidents(past, state)) != past:
                await self._steps.write(WatchStep(service.id, outage=changed, fence=held.fence))

    async def _write(self, service: Service, held: HeldState) -> None:
        held.unwritten = True
        state, document = held.state, to_document(held.state)
        servers = self._audience(service, state.outage) if state.outage is not None else {}
        change = WatchStep(
            service.id, document, outage=state.outage, was=held.document, fence=held.fence, call=state.call
        )
        outage = await self._steps.write(change, servers)
        held.unwritten, held.document, held.state = False, document, written(state, outage)

    def _calls_for_posts(self, service: Service, outage: Outage) -> bool:
        """Whether there is more to announce, for example to a server that has just turned announcements on."""
        planned = plan(outage, self._posts.announcements(outage.id), self._audience(service, outage))
        return bool(planned.new or planned.changed)

    def _audience(self, service: Service, outage: Outage) -> dict[int, GuildSettings]:
        watching = (
            (guild_id, settings)
            for guild_id, settings in self._sources.guilds.announced_to().items()
            if self._services.follows(settings, service)
        )
        return audience(watching, self._posts.announcements(outage.id), self._scopes.among(service.id))

    def _limit_scope(self, service: Service, outage: Outage | None) -> None:
        """Decide which servers an outage concerns. Without current reports, the last answer stays."""
        now, before = self._clock(), self._scopes.concerns_all(service.id) or (outage is not None and outage.widespread)
        evidence = self._states.held(service.id).state.evidence(now)
        if confirmed(outage, evidence, before=before):
            self._scopes.limit(service.id, None)
            return
        reporters = self._sources.board.mirror(service.id).reporters(now)
        if reporters or outage is None:
            self._scopes.limit(service.id, concerned(reporters, self._owner), only_server(reporters))

    def _seen(self, service: Service) -> dict[Signal, Seen | None]:
        return {source.signal: self._sources.signals.get(service.id, source.signal) for source in service.sources}

    def _show_usual(self, service: Service) -> None:
        detector = self._states.detector(service.id)
        usual = detector.usual if detector.seasoned else None
        self._sources.board.set_usual(service.id, usual, few_servers=detector.few_servers)


class _LateReports:
    """The people that the detector has counted, by minute.

    Reports reach memory only after they are durable, and later still from other processes, so some arrive after their
    minute was processed.
    """

    def __init__(self) -> None:
        self._by_minute: dict[int, int] = {}

    def people(self, mirror: Mirror, minute: int, service: Service) -> int:
        """The people of this minute, plus those of earlier minutes whose reports arrived too late.

        People with a symptom that only counts if many have it are left out while they are few.
        """
        before = {at: people for at, people in self._by_minute.items() if minute - _WINDOW < at < minute}
        self._by_minute = {at: max(people, mirror.reported(at)) for at, people in before.items()}
        late = sum(self._by_minute.values()) - sum(before.values())
        self._by_minute[minute] = mirror.reported(minute)
        return max(0, self._by_minute[minute] - _few(mirror, minute, service)) + late


def _few(mirror: Mirror, minute: int, service: Service) -> int:
    """People of this minute with a symptom that only counts if many have it, while they are few."""
    counts = mirror.symptoms_in(range(minute, minute + 1))
    only_if_many = [symptom.id for symptom in service.symptoms if symptom.counted is Counted.MANY] if counts else ()
    if not only_if_many:
        return 0
    recent = mirror.symptoms_in(range(minute + 1 - _WINDOW, minute + 1))
    return sum(counts.get(one, 0) for one in only_if_many if recent.get(one, 0) < MANY_AT_ONCE)


def _log_new_phase(before: Outage | None, after: Outage | None) -> None:
    if after is not None and (before is None or before.phase is not after.phase):
        _logger.info(
            "outage",
            extra={
                "service": after.service,
                "phase": after.phase,
                "recent": after.recent,
                "usual": round(after.usual, 1),
            },
        )
