"""The servers that an outage concerns, and the cost of faking one in servers that do not report it."""

from collections.abc import Callable, Mapping

import pytest

from bot.core.spread import AGED_ACCOUNTS, OWN_CROWD, Reporters, concerned, only_server


def everybody_else(server: int) -> int | None:
    return server + 1000


def test_five_aged_accounts_in_three_servers_of_different_owners_are_enough() -> None:
    assert concerned({1: Reporters(3), 2: Reporters(1), 3: Reporters(1)}, everybody_else) is None


@pytest.mark.parametrize(
    ("by_server", "owner"),
    [
        ({1: Reporters(40, 40)}, everybody_else),
        ({1: Reporters(40, 40), 2: Reporters(40, 40), 3: Reporters(40, 40)}, everybody_else),
        ({1: Reporters(2), 2: Reporters(1), 3: Reporters(1)}, everybody_else),
        ({1: Reporters(500), 2: Reporters(2)}, everybody_else),
        ({1: Reporters(500), 2: Reporters(1)}, everybody_else),
        ({1: Reporters(5), 2: Reporters(5), 3: Reporters(5)}, lambda _server: 7),
        ({1: Reporters(5), 2: Reporters(5), 0: Reporters(50)}, everybody_else),
        ({1: Reporters(5), 2: Reporters(5), 3: Reporters(5, 5)}, everybody_else),
    ],
    ids=[
        "a raid of new accounts",
        "raids of new accounts everywhere",
        "four accounts",
        "two servers",
        "one account elsewhere",
        "servers of one owner",
        "servers that we are not in",
        "new accounts in the third server",
    ],
)
def test_less_than_that_does_not_reach_servers_that_do_not_report_it(
    by_server: Mapping[int, Reporters], owner: Callable[[int], int | None]
) -> None:
    reached = concerned(by_server, owner)
    assert reached is not None and 9 not in reached
    assert reached <= set(by_server)


def test_servers_whose_owner_is_not_known_count_for_no_other_owner() -> None:
    by_server = {1: Reporters(3), 2: Reporters(1), 3: Reporters(1), 4: Reporters(1)}
    assert concerned(by_server, lambda server: server if server < 4 else None) is None
    assert concerned(by_server, lambda server: server if server < 3 else None) is not None


def test_owners_are_asked_for_only_until_there_are_enough() -> None:
    asked: list[int] = []

    def owner(server: int) -> int:
        asked.append(server)
        return server

    assert concerned({server: Reporters(1) for server in range(1, 5000)}, owner) is None
    assert asked == [1, 2, 3]


def test_without_that_it_concerns_the_server_with_the_most_and_those_with_a_crowd_of_their_own() -> None:
    few = AGED_ACCOUNTS - OWN_CROWD
    crowds = {1: Reporters(40), 2: Reporters(OWN_CROWD), 3: Reporters(few), 4: Reporters(12, 12), 5: Reporters(11, 11)}
    assert concerned(crowds, lambda _server: 7) == {1, 2, 4}
    assert concerned({0: Reporters(40)}, everybody_else) == {0}
    assert concerned({}, everybody_else) == {0}, "nobody: no server"


def test_a_crowd_that_one_server_has_alone_is_known() -> None:
    assert only_server({}) is None
    assert only_server({1: Reporters(50, 50)}) == 1
    assert only_server({1: Reporters(50, 50), 2: Reporters(1), 0: Reporters(3, 3)}) == 1
    assert only_server({1: Reporters(50, 50), 2: Reporters(2)}) is None
    assert only_server({1: Reporters(50), 2: Reporters(8, 8)}) is None
