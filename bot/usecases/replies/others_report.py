"""Finds out whether other people report a service now, as support for an unclear mention."""

from bot.core.board import Board
from bot.core.recent_mentions import Others, others_say
from bot.usecases.outages.cache import OutageCache


class OthersReport:
    """Reads the reports in memory and the open outages."""

    def __init__(self, board: Board, outages: OutageCache) -> None:
        self._board = board
        self._outages = outages

    def now(self, service_id: str, now: float) -> Others:
        """The state of other people's reports about the service."""
        outage, tally = self._outages.current(service_id), self._board.tally(service_id, now, None)
        phase = None if outage is None else outage.phase
        return others_say(phase, tally.everywhere.quarter, tally.usual)
