"""Credit: young accounts count less, and a few people of one server cannot change the usual number."""

import json
from math import inf

import pytest

from bot.core.credit import Credit, CreditedMinutes, Credits, Shares
from bot.core.reports import MINUTE, Report

USUAL = 100.0
"""People who usually report in a day, everywhere."""


def report(minute: int, guild: int, *, young: bool = False) -> Report:
    return Report(minute, "s", guild, minute, None, minute * MINUTE, young)


def lived(shares: Shares, days: float, credited: Credits) -> float:
    """What is learned a day, of people who come every quarter of an hour."""
    quarters = round(days * 96)
    return sum(passed(shares, 1 / 96).take(credited, USUAL) for _ in range(quarters)) / days


def passed(shares: Shares, days: float) -> Shares:
    shares.pass_time(days)
    return shares


def test_people_are_credited_to_their_server_and_minute_and_young_accounts_weigh_less() -> None:
    minutes = CreditedMinutes()
    for one in (report(5, 1), report(5, 1, young=True), report(5, 2), report(6, 1)):
        minutes.add(one)
    assert minutes.of(5) == {1: 1.25, 2: 1.0}
    assert minutes.of(6) == {1: 1.0} and minutes.of(7) == {}


def test_the_last_hour_is_kept_also_when_a_late_report_comes() -> None:
    minutes = CreditedMinutes()
    minutes.add(report(100, 1))
    minutes.add(report(150, 1))
    minutes.add(report(145, 1))
    assert minutes.of(100) == {1: 1.0} and minutes.of(145) == {1: 1.0}
    minutes.add(report(161, 1))
    assert minutes.of(100) == {} and minutes.of(150) == {1: 1.0}


def test_a_few_people_of_one_server_teach_no_more_than_one_and_a_half_times_what_is_usual() -> None:
    shares, attack = Shares(), {1: Credit(12.5, 50), 2: Credit(0.5, 40), 3: Credit(0.5, 40)}
    lived(shares, 4, attack)
    assert lived(shares, 3, attack) == pytest.approx(2 * 48 + 1.5 * USUAL + 24, rel=0.02)
    assert shares.one_sided


def test_the_people_of_a_large_server_are_learned_from_though_it_is_new_or_the_only_one() -> None:
    shares, crowd = Shares(), {1: Credit(10.0, 800)}
    assert lived(shares, 10, crowd) == pytest.approx(960), "each of them reported a little more than once a day"
    assert not shares.one_sided


def test_ordinary_ups_and_downs_of_a_server_are_learned_as_they_are() -> None:
    shares = Shares()
    for _ in range(10):
        assert lived(shares, 0.5, {1: Credit(1.8, 0)}) == pytest.approx(1.8 * 96), "twice as many by day"
        assert lived(shares, 0.5, {1: Credit(0.2, 0)}) == pytest.approx(0.2 * 96)


def test_after_an_outage_a_server_is_learned_from_again() -> None:
    shares = Shares()
    lived(shares, 0.3, {1: Credit(50.0, 100)})
    assert shares.one_sided
    assert lived(shares, 1, {1: Credit(0.6, 40)}) == pytest.approx(0.6 * 96)
    lived(shares, 3, {1: Credit(0.6, 40)})
    assert not shares.one_sided


def test_a_restart_keeps_that_it_is_one_sided_but_names_no_server() -> None:
    shares, attack = Shares(), {123456789: Credit(12.5, 50), 2: Credit(0.5, 40)}
    lived(shares, 2, attack)
    kept = json.dumps(shares.state())
    assert "123456789" not in kept
    assert Shares.restore(json.loads(kept)).one_sided and not Shares().one_sided
    for bad in ([1.0], [1.0, inf], "x"):
        with pytest.raises(ValueError, match="number"):
            Shares.restore(bad)
