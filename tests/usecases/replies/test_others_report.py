"""Reports of others: from the open outage and the reports in memory."""

from bot.core.board import Board
from bot.core.outage_life import Outage, Phase
from bot.core.recent_mentions import Others
from bot.core.reports import Report
from bot.usecases.outages.cache import OutageCache
from bot.usecases.replies.others_report import OthersReport
from tests.usecases.fakes import a_service

NOW = 1_700_000_000
ONE = a_service().id


def test_reports_are_rising_before_an_outage_is_suspected() -> None:
    board, outages = Board(), OutageCache()
    others = OthersReport(board, outages)
    assert others.now(ONE, NOW) is Others.QUIET
    board.load([Report(number, ONE, 1, number, None, NOW) for number in range(1, 5)], NOW)
    assert others.now(ONE, NOW) is Others.RISING
    outages.put(Outage(ONE, Phase.SUSPECTED, NOW, id=1, seen=NOW))
    assert others.now(ONE, NOW) is Others.SUSPECTED
    outages.put(Outage(ONE, Phase.ON, NOW, id=1, seen=NOW))
    assert others.now(ONE, NOW) is Others.CERTAIN
