"""`/privacy`: show, export and delete what is kept about a person."""

from dataclasses import dataclass
from typing import Any

from bot.core.privacy import ReporterKey
from bot.core.tally import Board
from bot.usecases.notice_message import OptOutBook
from bot.usecases.ports import ReportLog, SettingsStore
from bot.usecases.services import Services
from bot.usecases.wait_for_recovery import WaitForRecovery


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about one person: reports, changes of settings as a moderator, the wish for no auto-replies."""

    reports: int
    changes: int
    opted_out: bool
    waits: int
    """For how many services this person wants to hear when it is back."""
    document: dict[str, Any]
    """Everything, as JSON to download."""


class Privacy:
    """Answers for, and deletes, everything that is tied to one person."""

    def __init__(
        self,
        log: ReportLog,
        settings: SettingsStore,
        opt_outs: OptOutBook,
        waiting: WaitForRecovery,
        board: Board,
        services: Services,
        key: ReporterKey,
    ) -> None:
        self._settings = settings
        self._log = log
        self._opt_outs = opt_outs
        self._waiting = waiting
        self._board = board
        self._services = services
        self._key = key

    async def show(self, user_id: int) -> Kept:
        """What is kept. Raises StoreError."""
        reports = await self._log.of(self._key.reporter(user_id))
        opted_out = self._opt_outs.has_user(user_id)
        rows = [{"service": r.service, "at": r.at, "symptom": r.symptom, "server": str(r.guild_id)} for r in reports]
        made = [
            {"at": entry.at, "setting": entry.change.field, "before": entry.change.before, "after": entry.change.after}
            for entry in await self._settings.changes_by(user_id)
        ]
        waits = [
            {"service": w.service, "at": w.at, "server": str(w.guild_id)} for w in await self._waiting.waits(user_id)
        ]
        document = {"reports": rows, "changes_as_moderator": made, "no_auto_replies": opted_out, "waits_for": waits}
        return Kept(len(rows), len(made), opted_out, len(waits), document)

    async def delete(self, user_id: int) -> int:
        """Delete all of it, counts in memory included; gives how many reports went. Raises StoreError.

        The changes a moderator made stay in the server's log, without their id.

        An opt-out stays: it is the wish to be left alone, and only the person can take it back.
        """
        reporter = self._key.reporter(user_id)
        gone = await self._log.forget(reporter)
        await self._settings.forget_moderator(user_id)
        await self._waiting.stop(user_id)
        for service in self._services:
            mirror = self._board.mirror(service.id)
            while mirror.withdraw(reporter):
                pass
        return gone
