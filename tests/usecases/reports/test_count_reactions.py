"""Reactions on replies: removing one withdraws the report that it made, and no other."""

import pytest

from bot.core.board import Board
from bot.core.privacy import ReporterKey
from bot.core.reports import HOUR, ReportIds
from bot.usecases.replies.ports import PostedReply
from bot.usecases.reports.count_reactions import CountReactions
from bot.usecases.reports.record_report import RecordReport
from tests.usecases.fakes import a_service
from tests.usecases.reports.test_record_report import SlowLog

SERVICE, ANN, HERE, ELSEWHERE = a_service(), 1, 5, 6


class Place:
    def __init__(self) -> None:
        self.now = 100 * HOUR
        self.log, self.board = SlowLog(), Board()
        self.record = RecordReport(self.log, self.board, ReporterKey(b"k" * 32), lambda: self.now, ReportIds())
        self.start()
        self.reply = PostedReply(9, 1, HERE, SERVICE.id, int(self.now))

    def start(self) -> None:
        """As after a start of the process: nothing is known of earlier reactions."""
        self.reactions = CountReactions(self.record, lambda: self.now)

    async def add(self, emoji: str = "+") -> None:
        await self.reactions.added(SERVICE, self.reply, ANN, emoji)

    async def remove(self, emoji: str = "+") -> None:
        await self.reactions.removed(SERVICE, self.reply, ANN, emoji)

    def servers(self) -> list[int]:
        """Where reports are kept."""
        return [report.guild_id for report in self.log.kept.values()]


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_reaction_taken_back_withdraws_its_report(place: Place) -> None:
    await place.add()
    assert place.servers() == [HERE]
    await place.remove()
    assert place.servers() == []


async def test_clearing_an_old_reaction_leaves_the_report_made_elsewhere_now(place: Place) -> None:
    await place.add()
    place.now += 40 * HOUR
    await place.record.report(SERVICE, ANN, ELSEWHERE)
    await place.remove()
    assert place.servers() == [HERE, ELSEWHERE]


async def test_a_reaction_that_made_no_report_withdraws_none(place: Place) -> None:
    await place.record.report(SERVICE, ANN, ELSEWHERE)
    await place.add()
    await place.remove()
    assert place.servers() == [ELSEWHERE]


async def test_only_the_last_of_several_reactions_withdraws(place: Place) -> None:
    await place.add("+")
    await place.add("x")
    await place.remove("+")
    assert place.servers() == [HERE]
    await place.remove("x")
    assert place.servers() == []


async def test_after_a_restart_only_a_report_from_before_it_in_the_same_server_is_withdrawn(place: Place) -> None:
    place.now += 1
    await place.add()
    place.now += 1
    place.start()
    await place.remove()
    assert place.servers() == []


@pytest.mark.parametrize("server", [HERE, ELSEWHERE])
async def test_after_a_restart_a_later_report_stays(place: Place, server: int) -> None:
    place.start()
    place.now += 60
    await place.record.report(SERVICE, ANN, server)
    await place.remove()
    assert place.servers() == [server]


async def test_after_a_restart_a_report_made_elsewhere_before_it_stays(place: Place) -> None:
    await place.record.report(SERVICE, ANN, ELSEWHERE)
    place.now += 60
    place.start()
    await place.remove()
    assert place.servers() == [ELSEWHERE]
