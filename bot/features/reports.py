"""Reporting: `/report`, the buttons *I have this too*, *Broken for me* and *Works for me again*, and reactions."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.reports import ReportIds
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.report import ReportCommands
from bot.discord_ui.listeners.reactions import ReactionListener
from bot.features.base import Base, Feature
from bot.features.replies import Replies
from bot.usecases.reports.count_reactions import CountReactions
from bot.usecases.reports.load_board import LoadBoard
from bot.usecases.reports.record_report import RecordReport


@dataclass(frozen=True, slots=True)
class Reports(Feature):
    """Records reports, and updates the auto-replies they came from. `loading` loads the rest of the day."""

    base: Base
    replies: Replies
    record: RecordReport
    reactions: CountReactions
    loading: LoadBoard

    def cogs(self) -> Sequence[FeatureCog]:
        """The command with its buttons, and the reactions."""
        base, live = self.base, self.replies.live
        return (
            ReportCommands(base.context, base.localizer, self.record, live),
            ReactionListener(
                self.replies.cache,
                base.guilds,
                base.services,
                self.reactions,
                live,
                base.failures,
                base.discord,
            ),
        )


async def build_reports(base: Base, replies: Replies) -> Reports:
    """Load the last hour of reports. Raises StoreError."""
    loading = LoadBoard(base.stores.reports, base.board, base.clock)
    ids = ReportIds(await loading.begin(), base.process.worker_id)
    record = RecordReport(base.stores.reports, base.board, base.key, base.clock, ids)
    return Reports(base, replies, record, CountReactions(record, base.clock), loading)
