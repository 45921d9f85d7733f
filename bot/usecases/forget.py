"""`/privacy`: show, export and delete what is kept about a person."""

from dataclasses import dataclass
from typing import Any

from bot.core.privacy import ReporterKey
from bot.core.tally import Board
from bot.usecases.notice_message import OptOutBook
from bot.usecases.ports import ReportLog
from bot.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about one person: how many reports, and whether they opted out of auto-replies."""

    reports: int
    opted_out: bool
    document: dict[str, Any]
    """Everything, as JSON to download."""


class Privacy:
    """Answers for, and deletes, everything that is tied to one person."""

    def __init__(
        self, log: ReportLog, opt_outs: OptOutBook, board: Board, services: Services, key: ReporterKey
    ) -> None:
        self._log = log
        self._opt_outs = opt_outs
        self._board = board
        self._services = services
        self._key = key

    async def show(self, user_id: int) -> Kept:
        """What is kept. Raises StoreError."""
        reports = await self._log.of(self._key.reporter(user_id))
        opted_out = self._opt_outs.has_user(user_id)
        rows = [{"service": r.service, "at": r.at, "symptom": r.symptom, "server": str(r.guild_id)} for r in reports]
        return Kept(len(rows), opted_out, {"reports": rows, "no_auto_replies": opted_out})

    async def delete(self, user_id: int) -> int:
        """Delete all of it, counts in memory included; gives how many reports went. Raises StoreError.

        An opt-out stays: it is the wish to be left alone, and only the person can take it back.
        """
        reporter = self._key.reporter(user_id)
        gone = await self._log.forget(reporter)
        for service in self._services:
            mirror = self._board.mirror(service.id)
            while mirror.withdraw(reporter):
                pass
        return gone
