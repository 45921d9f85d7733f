"""The board: all services in memory, for a person who asks or deletes."""

from bot.core.board import Board
from bot.core.reports import Report


def test_the_asker_is_left_out_of_the_others() -> None:
    board = Board()
    for who in range(3):
        board.mirror("s").add(Report(who, "s", 1, who, None, 1000))
    assert board.tally("s", 1001, None, reporter=1).others == 2
    assert board.tally("s", 1001, None, reporter=99).others == 3


def test_who_deletes_their_data_is_not_heard_anew() -> None:
    board = Board()
    for second in (0, 60, 120):
        board.mirror("s").add(Report(second + 1, "s", 1, 7, None, second))
        board.forget(7)
    assert sum(map(board.mirror("s").reported, range(5))) == 1
    assert board.mirror("s").reporters(120) == {}


def test_where_few_servers_bring_the_reports_the_tally_says_so() -> None:
    board = Board()
    assert not board.tally("s", 1000, None).few_servers
    board.set_usual("s", 3.0, few_servers=True)
    assert board.tally("s", 1000, None).few_servers and not board.tally("t", 1000, None).few_servers
    board.set_usual("s", 3.0)
    assert not board.tally("s", 1000, None).few_servers
