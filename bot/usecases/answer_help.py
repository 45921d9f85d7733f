"""`/500`: the guide with the live evidence, from memory alone, so that it always arrives."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.privacy import ReporterKey
from bot.core.service import Service
from bot.core.signals import Seen, Signal, SignalBoard
from bot.core.tally import Board, Tally
from bot.core.verdict import Verdict, decide
from bot.usecases.ports import Clock


@dataclass(frozen=True, slots=True)
class Answer:
    """What we know about a service right now, for one person in one place."""

    service: Service
    verdict: Verdict
    tally: Tally
    seen: Mapping[Signal, Seen | None]
    at: float


class AnswerHelp:
    """Gathers verdict, tally and readings. No network, no disk."""

    def __init__(self, board: Board, signals: SignalBoard, key: ReporterKey, clock: Clock) -> None:
        self._board = board
        self._signals = signals
        self._key = key
        self._clock = clock

    def answer(self, service: Service, guild_id: int | None = None, user_id: int | None = None) -> Answer:
        """The state of `service` as seen from a server; `user_id` leaves the asker out of "others"."""
        now = self._clock()
        reporter = None if user_id is None else self._key.reporter(user_id)
        tally = self._board.tally(service.id, now, guild_id, reporter)
        seen = {source.signal: self._signals.get(service.id, source.signal) for source in service.sources}
        return Answer(service, decide(tally, seen, now), tally, seen, now)
