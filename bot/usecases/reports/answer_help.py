"""`/500`: the guide with the live evidence. It needs only memory, so it always works."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.core.board import Board
from bot.core.outage_life import REAL, Outage
from bot.core.privacy import ReporterKey
from bot.core.reports import MINUTE
from bot.core.service import Service
from bot.core.signals import Seen, Signal, SignalBoard
from bot.core.tally import Tally
from bot.core.verdict import Confidence, Verdict, Word, decide
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.shared import SharedFailures
from bot.usecases.ports import Clock
from bot.usecases.reports.count_helpful_steps import StepScores

ONE_SERVER_COUNTS = 3
"""At most this many people of one server count in the headline of others if there are hardly any reports elsewhere."""


@dataclass(frozen=True, slots=True)
class HelpAnswer:
    """The state of a service now, for one person in one server or in a direct message.

    Two answers are equal if they differ only in their time.
    """

    service: Service
    verdict: Verdict
    tally: Tally
    seen: Mapping[Signal, Seen | None]
    at: float = field(compare=False)
    outage: Outage | None = None
    """The current outage, on or recovering; a suspicion is not included."""
    thread: int | None = None
    """The thread about the outage in this server."""
    orders: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    """Symptom ("" for the service's guide) -> the numbers of its steps, the most helpful first."""
    since_end: int | None = None
    """People who reported after the outage ended; None while it is on, and while the reports are still loading."""

    typical: int | None = None
    """Seconds within which most outages of the last 30 days were over; None if there were too few, or if none is on."""
    reported: str | None = field(default=None, compare=False)
    """The symptom of the asker's own newest report."""
    too: tuple[str, ...] = ()
    """The names of other services that fail at the same time."""

    @property
    def back(self) -> Outage | None:
        """The outage after which the service looks back to normal; its reports say nothing about the present."""
        return self.outage if self.verdict.word is Word.BACK_TO_NORMAL else None


class AnswerHelp:
    """Combines verdict, tally and readings, without network or disk."""

    def __init__(
        self,
        board: Board,
        signals: SignalBoard,
        outages: OutageCache,
        posts: PostCache,
        scopes: OutageScopes,
        key: ReporterKey,
        clock: Clock,
        *,
        shared: SharedFailures,
        steps: StepScores | None = None,
    ) -> None:
        self._steps = steps or StepScores()
        self._shared = shared
        self._outages = outages
        self._posts = posts
        self._scopes = scopes
        self._board = board
        self._signals = signals
        self._key = key
        self._clock = clock

    def answer(self, service: Service, guild_id: int | None = None, user_id: int | None = None) -> HelpAnswer:
        """The state of `service` for a server; "others" does not include `user_id`."""
        now = self._clock()
        reporter = None if user_id is None else self._key.reporter(user_id)
        tally = self._board.tally(service.id, now, guild_id, reporter)
        seen = {source.signal: self._signals.get(service.id, source.signal) for source in service.sources}
        outage = self._outages.current(service.id)
        if outage is not None and (outage.phase not in REAL or not self._scopes.concerns(service.id, guild_id)):
            outage = None
        # Once the reports have faded, only the other signals say that it is still on.
        phase = None if outage is None or outage.faded is not None else outage.phase
        verdict = decide(self._headline_tally(tally, service.id, guild_id, now), seen, now, phase)
        post = self._posts.announcement(outage.id, guild_id or 0) if outage is not None else None
        since_end = None if outage is None else self._since_end(outage, now)
        orders = self._steps.orders(service)
        own = None if reporter is None else self._board.mirror(service.id).newest(reporter, now)
        return HelpAnswer(
            service=service,
            verdict=verdict,
            tally=tally,
            seen=seen,
            at=now,
            outage=outage,
            thread=post and post.thread_id,
            orders=orders,
            since_end=since_end,
            typical=self._outages.typical(service.id) if verdict.word is Word.NOT_JUST_YOU else None,
            reported=own and own.symptom,
            too=self._shared.too(outage, guild_id),
        )

    def answer_of(self, service: Service, outage: Outage, guild_id: int) -> HelpAnswer:
        """The final answer about an outage that is over, for a reply that was sent during it."""
        answer = self.answer(service, guild_id)
        verdict = Verdict(Word.BACK_TO_NORMAL, Confidence.MEDIUM)
        at = min(answer.at, max(outage.seen, outage.ended or 0))
        return replace(
            answer, verdict=verdict, outage=outage, at=at, since_end=self._since_end(outage, at), thread=None, too=()
        )

    def _since_end(self, outage: Outage, until: float) -> int | None:
        loaded = self._board.loaded_back_to
        if outage.ended is None or (loaded is not None and outage.ended < loaded):
            return None
        mirror = self._board.mirror(outage.service)
        return sum(mirror.counted(minute) for minute in range(outage.ended // MINUTE, int(until) // MINUTE + 1))

    def _headline_tally(self, tally: Tally, service_id: str, guild_id: int | None, now: float) -> Tally:
        """The tally for the headline: if all reports come from one other server, few of them count here."""
        only = self._scopes.only_in(service_id)
        if only is None or not guild_id or only == guild_id:
            return tally
        people_there = self._board.mirror(service_id).people_in(only, now)
        quarter = tally.everywhere.quarter - max(0, people_there - ONE_SERVER_COUNTS)
        return tally._replace(everywhere=tally.everywhere._replace(quarter=quarter))
