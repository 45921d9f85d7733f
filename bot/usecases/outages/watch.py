"""The watch: every closed minute goes to the detector, its word to the outage, and both to the database.

State and the posts it calls for are written in one transaction; what could not be written is written the
next time. Minutes in which we were blind (not running, Discord or the database away) are unobserved, never zeros.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot.core.chart import Span
from bot.core.errors import StoreError
from bot.core.evidence import weigh
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, Look, Outage, Phase, advance, attach
from bot.core.outages import Level, OutageDetector
from bot.core.posts import plan, summaries
from bot.core.reports import DAY, MINUTE
from bot.core.service import Service
from bot.core.signals import TROUBLE, Incident, Seen, Signal, SignalBoard
from bot.core.talk import Talk
from bot.core.tally import Board
from bot.usecases.lead import Lead, WrittenAlreadyError
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import OutageStore, WatchStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.simulation import Simulation
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

_LONGEST_PAUSE = 10
"""Minutes that may be late (a busy machine); a longer silence is time that nobody watched."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watch:
    """One service: the detector, the first minute that it has not seen, and the open outage.

    `unseen` are the spans of minutes of the last day that nobody watched, from the first up to before the second.
    `fence` is the lease under which it was read, `kept` what was read or written last: where neither is what the
    database has, another process has gone on with it.
    """

    detector: OutageDetector
    next_minute: int
    unseen: list[tuple[int, int]]
    outage: Outage | None
    fence: int | None
    kept: str | None
    call: bool = False
    unwritten: bool = False
    official_since: int | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What the watch looks at."""

    board: Board
    signals: SignalBoard
    talk: Mapping[str, Talk]
    guilds: GuildCache


class WatchServices:
    """Runs every few seconds. `sighted` says whether reports can reach us; `wake` hears of new posts."""

    def __init__(
        self,
        services: Services,
        sources: Sources,
        outages: OutageCache,
        posts: PostCache,
        scopes: OutageScopes,
        store: OutageStore,
        clock: Clock,
        lead: Lead,
        *,
        owns: Callable[[int], bool] = lambda _guild: True,
    ) -> None:
        self._services = services
        self._sources = sources
        self._outages = outages
        self._posts = posts
        self._scopes = scopes
        self._store = store
        self._clock = clock
        self._lead = lead
        self._owns = owns
        self._watches: dict[str, _Watch] = {}
        self._began = 0
        self._simulations: list[Simulation] = []
        self._ticked_at: float | None = None
        self.sighted: Callable[[], bool] = lambda: True
        self.wake: Callable[[], None] = lambda: None
        self.doubted: Callable[[StoreError], None] = lambda _error: None
        """Hears that the database is not as we think: only a new start brings us in line with it."""

    async def load(self) -> None:
        """Go on where the last run was killed or stopped. Raises StoreError."""
        self._began = int(self._clock()) // MINUTE + 1
        await self._restore()
        await self.end_played()
        if self._lead.held:
            await self._end_unwatched()
        self._outages.keep_services(self._watches)

    async def end_played(self) -> None:
        """End the simulations in our servers that nobody plays any more. Raises StoreError."""
        ours = {simulation.guild_id for simulation in self._simulations}
        for outage in self._outages.open():
            if outage.simulated and self._owns(outage.guild_id) and outage.guild_id not in ours:
                await self._end(outage)

    async def take_over(self) -> None:
        """Go on where the process that decided left off. Raises StoreError."""
        await self._restore()
        for outage in await self._store.outages(int(self._clock())):
            if outage.phase in OPEN and outage.service not in self._watches:
                self._outages.put(outage)
        await self._end_unwatched()
        self._outages.keep_services(self._watches)

    async def follow(self) -> None:
        """Hold what the process that decides has learned. Raises StoreError."""
        if not self._lead.held:
            await self._restore()

    async def _end_unwatched(self) -> None:
        for outage in self._outages.open():
            if outage.service not in self._watches:
                await self._end(outage)

    async def _end(self, outage: Outage) -> None:
        """Nothing goes on with it: it ends here, and is told so if it can be."""
        over = replace(outage, phase=Phase.OVER, ended=outage.ended or outage.seen)
        fence = None if outage.simulated else self._lead.fence
        await self._write(outage.service, over, fence=fence, call=outage.service in self._watches)

    async def _restore(self) -> None:
        """Hold what was written last.

        The minutes that were closed before we began were not seen by us; if nobody else saw them, nobody did.
        """
        kept, now = await self._store.watches(), int(self._clock()) // MINUTE
        for service in self._services:
            document = kept.get(service.id)
            detector, seen, unseen = _restored(service, document)
            outage, minute = self._outages.current(service.id), seen or now - DAY // MINUTE
            watch = _Watch(detector, minute, unseen, outage, self._lead.fence, document)
            if watch.next_minute < self._began:
                _leave_out(watch, self._began)
            self._watches[service.id] = watch
            self._tell_usual(service, detector)

    async def tick(self) -> None:
        """Take in the minutes that closed. Raises StoreError when a step could not be written; it is not lost."""
        now, failed = self._clock(), list[Exception]()
        look = self._watch if self._lead.held else self._hear_of
        steps = [partial(look, service, int(now) // MINUTE) for service in self._services]
        # A server that another process took over has had its simulation ended there.
        self._simulations = [one for one in self._simulations if self._owns(one.guild_id)]
        steps += [partial(self._play, simulation) for simulation in self._simulations]
        for step in steps:
            try:
                await step()
            except Exception as error:
                failed.append(error)
        self._ticked_at = now
        self.wake()
        if failed:
            raise failed[0]

    def tick_age(self) -> float | None:
        """Seconds since the watch last ran; None before it did."""
        return None if self._ticked_at is None else self._clock() - self._ticked_at

    def detector(self, service_id: str) -> OutageDetector:
        """The detector of a service, to ask what is usual."""
        return self._watches[service_id].detector

    def unseen(self, service_id: str) -> list[Span]:
        """When nobody watched, in the last 24 hours."""
        return [Span(first * MINUTE, end * MINUTE) for first, end in self._watches[service_id].unseen]

    def begin_simulation(self, simulation: Simulation) -> bool:
        """Play an outage to one server; False if one is being played there."""
        if any(one.guild_id == simulation.guild_id for one in self._simulations):
            return False
        self._simulations.append(simulation)
        return True

    async def _watch(self, service: Service, this_minute: int) -> None:
        watch = self._watches[service.id]
        if watch.unwritten:
            await self._keep(service, watch)
            _leave_out(watch, max(watch.next_minute, this_minute))  # meanwhile no report could be kept either
        if not self.sighted() or not -1 <= this_minute - watch.next_minute <= _LONGEST_PAUSE:
            _leave_out(watch, this_minute + 1)
        self._scopes.limit(service.id, self._only_server(service, watch.outage))
        while watch.next_minute < this_minute:
            self._take_in(service, watch, watch.next_minute)
            watch.next_minute += 1
            await self._keep(service, watch)
        await self._hear_official(service, watch)
        if watch.outage is not None:
            # A server that asks for it now is told of what is on already.
            planned = plan(
                watch.outage, self._posts.announcements(watch.outage.id), self._wanting(service, watch.outage)
            )
            if planned.new or planned.changed:
                await self._keep(service, watch)

    async def _hear_of(self, service: Service, _this_minute: int) -> None:
        """What another process decides is in the cache; whom it concerns we see as well as that one."""
        self._scopes.limit(service.id, self._only_server(service, self._outages.current(service.id)))

    async def _keep(self, service: Service, watch: _Watch) -> None:
        watch.unwritten = True
        document = kept_watch(watch.detector, watch.next_minute, watch.unseen)
        wanting = self._wanting(service, watch.outage) if watch.outage is not None else {}
        step = WatchStep(service.id, document, was=watch.kept, fence=watch.fence, call=watch.call)
        written = await self._write_step(step, watch.outage, wanting)
        watch.unwritten, watch.call, watch.kept = False, False, document
        watch.outage = written if written is not None and written.phase in OPEN else None

    def _take_in(self, service: Service, watch: _Watch, minute: int) -> None:
        detector = watch.detector
        mirror, talk = self._sources.board.mirror(service.id), self._sources.talk[service.id]
        tally = self._sources.board.tally(service.id, self._clock(), None)
        talking = talk.people(self._clock())
        evidence = weigh(self._seen(service), talking, talk.usual, self._clock())
        newly = mirror.newly(minute)
        level = detector.update(minute, newly, tally.servers, sum(evidence.values()))
        if level is Level.NORMAL:
            talk.learn(talking)
        self._tell_usual(service, detector)
        look = replace(Look.by(detector, minute, newly, tally.servers), symptoms=tally.symptoms, evidence=evidence)
        before, watch.outage = watch.outage, advance(watch.outage, look, service.id)
        watch.call |= _recovered(before, watch.outage)
        _tell(before, watch.outage)

    async def _hear_official(self, service: Service, watch: _Watch) -> None:
        held = self._sources.signals.get(service.id, Signal.OFFICIAL)
        if held is not None and held.now.known and watch.outage is not None:
            watch.outage = replace(watch.outage, official_read=True)
        if held is None or held.now.state not in TROUBLE:
            if held is not None and held.now.known:
                watch.official_since = None
            return
        if watch.official_since is None:
            watch.official_since = int(held.now.at)
        newest = watch.outage or next(iter(self._outages.recent(service.id)), None)
        if newest is None:
            return
        heard = newest
        for incident in held.now.incidents or (Incident(held.now.detail, ""),):
            heard = attach(heard, incident, watch.official_since)
        if heard == newest:
            return
        if watch.outage is not None:
            watch.outage = heard
            await self._keep(service, watch)
        else:
            await self._write(service.id, heard, fence=watch.fence)

    def _wanting(self, service: Service, outage: Outage) -> dict[int, GuildSettings]:
        told = self._posts.announcements(outage.id)
        return {
            guild_id: settings
            for guild_id, settings in self._sources.guilds.announced_to().items()
            if self._services.find(None, settings.service).id == service.id
            and (guild_id in told or self._scopes.concerns(service.id, guild_id))
        }

    def _only_server(self, service: Service, outage: Outage | None) -> int | None:
        """What one server alone says stays there (it may be a raid), unless the probe or the official page agrees."""
        if outage is not None and self._scopes.concerns_all(service.id):
            return None  # others said so before
        if weigh(self._seen(service), 0, 0, self._clock()):
            return None
        return self._sources.board.mirror(service.id).only_server(self._clock())

    def _seen(self, service: Service) -> dict[Signal, Seen | None]:
        return {source.signal: self._sources.signals.get(service.id, source.signal) for source in service.sources}

    def _tell_usual(self, service: Service, detector: OutageDetector) -> None:
        self._sources.board.set_usual(service.id, detector.usual if detector.seasoned else None)

    async def _play(self, simulation: Simulation) -> None:
        before = simulation.outage
        outage = simulation.step()
        if outage is None:
            return
        settings = self._sources.guilds.get(simulation.guild_id)
        wanting = {simulation.guild_id: replace(settings, outage_channel=simulation.channel_id, outage_role=None)}
        written = await self._write(simulation.service_id, outage, wanting, call=_recovered(before, outage))
        simulation.outage = written
        if outage.phase not in OPEN:
            self._simulations.remove(simulation)

    async def _write(
        self,
        service_id: str,
        outage: Outage | None,
        wanting: Mapping[int, GuildSettings] | None = None,
        *,
        fence: int | None = None,
        call: bool = False,
    ) -> Outage | None:
        return await self._write_step(WatchStep(service_id, fence=fence, call=call), outage, wanting or {})

    async def _write_step(
        self, step: WatchStep, outage: Outage | None, wanting: Mapping[int, GuildSettings]
    ) -> Outage | None:
        if outage is not None:
            announced = self._posts.announcements(outage.id) if outage.id else {}
            planned = plan(outage, announced, wanting)
            ends = outage.phase is Phase.OVER and self._outages.is_open(outage.id)
            last = summaries(outage, announced.values()) if ends else []
            step = replace(step, outage=outage, new=(*planned.new, *last), changed=planned.changed)
        with self._posts.reading():
            try:
                written = await self._store.write(step)
            except StoreError as error:
                if isinstance(error.__cause__, WrittenAlreadyError):
                    self.doubted(error)
                raise
            self._posts.add(written.posts)
            for post in step.changed:
                self._posts.change(post.id, pinged=post.pinged, reminded=post.reminded)
        if written.outage is not None:
            self._outages.put(written.outage)
        return written.outage


def kept_watch(detector: OutageDetector, next_minute: int, unseen: Sequence[tuple[int, int]]) -> str:
    """What is kept of a watch: the detector, the minute to go on with, and the minutes that nobody saw."""
    return json.dumps({"detector": detector.state(), "next_minute": next_minute, "unseen": list(unseen)})


def _restored(service: Service, document: str | None) -> tuple[OutageDetector, int | None, list[tuple[int, int]]]:
    """The detector, the minute it had come to, and what it had not seen."""
    if document is not None:
        try:
            kept = json.loads(document)
            unseen = [(int(first), int(end)) for first, end in kept["unseen"]]
            return OutageDetector.restore(kept["detector"]), int(kept["next_minute"]), unseen
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("what was learned cannot be used, it is learned anew", service=service.id, error=repr(error))
    return OutageDetector(), None, []


def _leave_out(watch: _Watch, until: int) -> None:
    """Go on at `until`; the minutes up to it were not seen."""
    first, watch.next_minute = watch.next_minute, until
    unseen = [(a, min(b, until)) for a, b in watch.unseen if a < until and b > until - DAY // MINUTE]
    if first < until:
        if unseen and unseen[-1][1] >= first:
            first = unseen.pop()[0]
        unseen.append((first, until))
    watch.unseen = unseen


def _recovered(before: Outage | None, after: Outage | None) -> bool:
    """Whether those who wait are to be called.

    Once more when it is over: another process hears of the recovery a moment later, and lets people wait until then.
    """
    if after is None or (before is not None and before.phase is after.phase):
        return False
    return after.phase in {Phase.RECOVERING, Phase.OVER, Phase.DISMISSED}


def _tell(before: Outage | None, after: Outage | None) -> None:
    if after is not None and (before is None or before.phase is not after.phase):
        _log.info("outage", service=after.service, phase=after.phase, recent=after.recent, usual=round(after.usual, 1))
