"""Independent reports and echoes: one server counts like one voice, several count more, and echoes count less."""

import pytest

from bot.core.crowd import WINDOW, Crowd

RATE = 0.2


def several() -> Crowd:
    """A crowd that has seen two servers report together."""
    crowd = Crowd()
    take(crowd, 2, 2)
    for _ in range(WINDOW):
        take(crowd, 0, 0)
    return crowd


def take(crowd: Crowd, count: int, servers: int, *, ordinary: bool = True, trusted: bool = False) -> None:
    crowd.take(count, servers, RATE, ordinary=ordinary, trusted=trusted)


def test_people_are_those_of_the_last_15_minutes() -> None:
    crowd = Crowd()
    for count in (3, 1, *[0] * 13):
        take(crowd, count, min(count, 1))
    assert crowd.recent == 4
    take(crowd, 2, 1)
    assert crowd.recent == 3
    take(crowd, 0, 1)
    assert crowd.recent == 2


def test_minutes_nobody_observed_move_the_window_on() -> None:
    crowd = Crowd()
    take(crowd, 5, 1)
    crowd.skip(WINDOW - 1)
    assert crowd.recent == 5
    crowd.skip(1)
    assert (crowd.recent, crowd.used) == (0, 0.0)
    take(crowd, 5, 1)
    crowd.skip(10_000)
    assert (crowd.recent, len(crowd.counts), len(crowd.credits)) == (0, WINDOW, WINDOW)
    assert crowd.excited == pytest.approx(0)


def test_a_report_that_opens_a_server_is_fresh_and_a_second_one_there_is_not() -> None:
    crowd = Crowd()
    take(crowd, 1, 1)
    assert (crowd.fresh, crowd.old) == (1, 0)
    take(crowd, 1, 1)
    assert (crowd.fresh, crowd.old) == (0, 1)
    take(crowd, 3, 3)
    assert (crowd.fresh, crowd.old) == (2, 1)
    take(crowd, 0, 3)
    assert (crowd.fresh, crowd.old) == (0, 0)


def test_a_raid_in_one_server_of_several_stays_one_voice() -> None:
    crowd = several()
    counted = 0.0
    for _ in range(5):
        take(crowd, 20, 1)
        counted += crowd.fresh + crowd.old
    assert 1 <= counted < 2


def counted_of_twelve(*, servers: int) -> float:
    """How many count of twelve people in one minute, after four servers reported a while ago."""
    crowd = several()
    for opened in (1, 2, 3, 4):
        take(crowd, 1, opened)
    for _ in range(6):
        take(crowd, 0, 4)
    take(crowd, 12, servers)
    return crowd.fresh + crowd.old


def test_servers_that_reported_before_a_sudden_rise_are_no_witnesses_to_it() -> None:
    assert counted_of_twelve(servers=4) < 6
    assert counted_of_twelve(servers=7) == 12


def share_counted_without_new_servers(usual: int) -> float:
    """The share that counts of 20 people above the `usual` number in 5 minutes, all in servers that reported before."""
    crowd = several()
    crowd.mean_reports, crowd.mean_servers, crowd.room = usual * WINDOW / 5, usual * 2.0, usual * 6.0
    crowd.take(0, 2 * usual, usual / 5, ordinary=False, trusted=False)
    counted = 0.0
    for _ in range(5):
        crowd.take(usual // 5 + 4, crowd.servers, usual / 5, ordinary=False, trusted=False)
        counted += crowd.fresh + crowd.old
    return counted / (usual + 20)


def test_in_a_large_community_a_sudden_rise_needs_hardly_any_new_servers() -> None:
    """There a raid is small beside the usual number; in a small one it would not be."""
    assert share_counted_without_new_servers(20) > 0.9
    assert share_counted_without_new_servers(5) < 0.6


def always_the_same_servers() -> Crowd:
    """A crowd whose two servers report all the time, ten people each in 15 minutes."""
    crowd = Crowd()
    for minute in range(14 * 1440):
        crowd.take(2 if minute % 3 else 0, 2, 4 / 3, ordinary=True, trusted=False)
    return crowd


def test_where_the_same_servers_always_report_a_raid_is_held_back_and_more_than_a_raid_is_not() -> None:
    crowd = always_the_same_servers()
    held = 0.0
    for _ in range(5):
        crowd.take(5, 2, 4 / 3, ordinary=False, trusted=False)
        held += crowd.held
    assert held > 5
    assert not crowd.beyond_raid(4 / 3)
    for _ in range(5):
        crowd.take(9, 2, 4 / 3, ordinary=False, trusted=False)
    assert crowd.beyond_raid(4 / 3)


def test_where_there_is_one_server_only_all_of_its_people_count() -> None:
    crowd = Crowd()
    assert not crowd.several
    take(crowd, 20, 1)
    assert crowd.fresh + crowd.old == 20


def test_in_a_trusted_outage_servers_bring_as_many_as_they_like() -> None:
    crowd = several()
    take(crowd, 20, 1, trusted=True)
    assert crowd.fresh + crowd.old == 20


def test_many_new_servers_at_once_are_no_raid() -> None:
    crowd = several()
    for servers in (3, 6, 9):
        take(crowd, 3, servers)
    take(crowd, 40, 10)
    assert crowd.fresh + crowd.old == 40


def test_people_who_were_held_back_count_once_new_servers_rule_out_a_raid() -> None:
    crowd = several()
    take(crowd, 10, 1)
    held = crowd.held
    assert held > 7
    assert crowd.late == 0
    take(crowd, 3, 4)
    assert 0 < crowd.late < held, "a share of them: by chance others report during a raid, too"
    take(crowd, 1, 4)
    assert crowd.late == 0, "each of them counts once"


def test_in_a_larger_community_people_held_back_stay_so() -> None:
    """Even in a quiet hour: other servers often report by chance during a raid."""
    crowd = several()
    crowd.mean_reports = 4.0
    take(crowd, 10, 1)
    take(crowd, 3, 4)
    assert crowd.late < 0.1


def test_people_who_were_held_back_long_ago_stay_so() -> None:
    crowd = several()
    take(crowd, 10, 1)
    for _ in range(12):
        take(crowd, 0, 1)
    take(crowd, 3, 4)
    assert crowd.late < 3
    assert crowd.waiting == [0.0] * len(crowd.waiting)


def test_several_servers_are_remembered_for_three_weeks() -> None:
    crowd = several()
    for _ in range(21 * 1440):
        take(crowd, 0, 0)
    assert crowd.several
    for _ in range(3 * 1440):
        take(crowd, 0, 0)
    assert not crowd.several


def test_the_more_servers_report_the_more_newcomers_land_in_one_of_them() -> None:
    crowd = several()
    alone = crowd.covered()
    take(crowd, 9, 9)
    assert 0 < alone < crowd.covered() < 1


def test_people_who_follow_within_minutes_are_learned_as_an_echo() -> None:
    echoing, lonely = Crowd(), Crowd()
    for minute in range(30 * 1440):
        take(echoing, 2 * (minute % 60 in {0, 2}), 1)
        take(lonely, minute % 15 == 0, 1)
        if minute % 15 == 0:
            echoing.settle()
            lonely.settle()
    assert lonely.share < 0.2 and echoing.share > 0.3
    take(echoing, 3, 1)
    take(echoing, 0, 1)
    assert echoing.echo > 0.2 > lonely.echo


def test_nothing_is_learned_in_what_is_not_ordinary() -> None:
    crowd = Crowd()
    before = (crowd.follow, crowd.spread, crowd.mean_servers, crowd.mean_reports, crowd.surplus)
    for _ in range(100):
        take(crowd, 9, 4, ordinary=False)
    assert (crowd.follow, crowd.spread, crowd.mean_servers, crowd.mean_reports, crowd.surplus) == before
