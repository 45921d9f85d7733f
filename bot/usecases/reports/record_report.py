"""Reports: counted once per person, service and 15 minutes; acknowledged only when durable."""

import asyncio
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from bot.core.board import Board
from bot.core.privacy import ReporterKey
from bot.core.reports import COUNTED_ONCE_FOR, EVERYWHERE, Report, ReportIds, is_young
from bot.core.service import Counted, Service
from bot.core.tally import Mirror
from bot.usecases.ports import Clock
from bot.usecases.reports.ports import ReportLog


class Outcome(StrEnum):
    """The result of a report or of a withdrawal."""

    COUNTED = "counted"
    ALREADY = "already"
    """This person has a report from the last 15 minutes; nothing was added."""
    CHANGED = "changed"
    """Like ALREADY, but the symptom was added or changed."""
    WITHDRAWN = "withdrawn"
    NOTHING = "nothing"
    """There was no report to withdraw."""
    NO_OUTAGE = "no_outage"
    """This person's symptom is no outage, so it does not count; an earlier report of theirs is withdrawn."""


class RecordReport:
    """Records and withdraws reports. One person's presses are handled one after another."""

    def __init__(self, log: ReportLog, board: Board, key: ReporterKey, clock: Clock, ids: ReportIds) -> None:
        self._log = log
        self._board = board
        self._key = key
        self._clock = clock
        self._ids = ids
        self._turns: dict[tuple[str, int], _Turn] = {}
        self.outcomes = Counter[tuple[str, Outcome]]()
        """The results of all reports since the start, by service."""

    async def report(
        self, service: Service, user_id: int, guild_id: int | None, symptom: str | None = None, *, within: float = 0.0
    ) -> Outcome:
        """Count this person. Raises StoreError if the report could not be stored.

        If no answer is needed, storing may take up to `within` seconds longer, to share a commit with others.
        """
        known = service.symptom(symptom)
        if known is not None and known.counted is Counted.NEVER:
            await self.withdraw(service, user_id)
            return self._counted(service, Outcome.NO_OUTAGE)
        outcome, _ = await self.make(service, user_id, guild_id, symptom, within=within)
        return outcome

    async def make(
        self, service: Service, user_id: int, guild_id: int | None, symptom: str | None = None, *, within: float = 0.0
    ) -> tuple[Outcome, Report]:
        """Like `report`, but also returns the report that currently counts for this person."""
        reporter = self._key.reporter(user_id)
        mirror = self._board.mirror(service.id)
        async with self._turn(service.id, reporter):
            now = self._clock()
            newest = _counting(mirror, reporter, now)
            if newest is not None:
                if symptom is None or symptom == newest.symptom:
                    return self._counted(service, Outcome.ALREADY), newest
                changed = newest._replace(symptom=symptom)
                await self._log.set_symptom(changed)
                mirror.replace_newest(changed)
                return self._counted(service, Outcome.CHANGED), changed
            report = Report(
                id=self._ids.next(now),
                service=service.id,
                guild_id=guild_id or EVERYWHERE,
                reporter=reporter,
                symptom=symptom,
                at=int(now),
                young=is_young(user_id, now),
            )
            await self._log.append(report, within)
            mirror.add(report)
            return self._counted(service, Outcome.COUNTED), report

    def may_withdraw(self, service: Service, user_id: int) -> bool:
        """Whether this person has a report that can still be withdrawn."""
        return _counting(self._board.mirror(service.id), self._key.reporter(user_id), self._clock()) is not None

    async def withdraw(
        self, service: Service, user_id: int, only: Callable[[Report], bool] = lambda _: True
    ) -> Outcome:
        """Withdraw this person's report of the last 15 minutes, if it is the intended one. Raises StoreError."""
        reporter = self._key.reporter(user_id)
        mirror = self._board.mirror(service.id)
        async with self._turn(service.id, reporter):
            newest = _counting(mirror, reporter, self._clock())
            if newest is None or not only(newest):
                return self._counted(service, Outcome.NOTHING)
            await self._log.delete(newest)
            mirror.withdraw(reporter)
            return self._counted(service, Outcome.WITHDRAWN)

    def _counted(self, service: Service, outcome: Outcome) -> Outcome:
        self.outcomes[service.id, outcome] += 1
        return outcome

    def _turn(self, service_id: str, reporter: int) -> "_Turn":
        key = (service_id, reporter)
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = _Turn(self._turns, key)
        return turn


def _counting(mirror: Mirror, reporter: int, now: float) -> Report | None:
    """The report of the last 15 minutes that counts for this person, or None."""
    newest = mirror.newest(reporter, now)
    return newest if newest is not None and newest.at > now - COUNTED_ONCE_FOR else None


class _Turn:
    """A lock for one person and service that is removed after its last user."""

    def __init__(self, turns: dict[tuple[str, int], "_Turn"], key: tuple[str, int]) -> None:
        self._turns = turns
        self._key = key
        self._lock = asyncio.Lock()
        self._holders = 0

    async def __aenter__(self) -> None:
        self._holders += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self._holders -= 1
        if not self._holders:
            self._turns.pop(self._key, None)
