"""The odds of an outage, minute by minute, without a detector around them."""

import math

import pytest

from bot.core.crowd import Crowd
from bot.core.outage_odds import SIZES, OutageOdds

OWN = 1.5


def minute(people: int) -> Crowd:
    """A minute in which this many people report, each in a server of their own."""
    crowd = Crowd()
    crowd.share = crowd.echo = 0.0
    crowd.fresh = float(people)
    return crowd


def after(minutes: int, rate: float, *, spread: float, before: int = 0) -> float:
    """The evidence after some minutes at a multiple of the usual rate, after some at the usual one."""
    odds = OutageOdds()
    odds.expect(OWN, spread, 1.0)
    seen, due = 0, 0.0
    for passed in range(before + minutes):
        due += OWN * (rate if passed >= before else 1.0)
        odds.update(minute(int(due) - seen), ordinary=True, everybody=False)
        seen = int(due)
    return odds.nats


def test_with_a_known_rate_each_size_has_the_likelihood_ratio_of_poisson_counts() -> None:
    odds = OutageOdds()
    odds.expect(OWN, 0.0, 1.0)
    odds.update(minute(2), ordinary=True, everybody=False)
    assert odds.odds == pytest.approx([size**2 * math.exp((1 - size) * OWN) for size in SIZES])
    first = odds.odds[:]
    odds.update(minute(0), ordinary=True, everybody=False)
    assert odds.odds == pytest.approx([(o + 1) * math.exp((1 - s) * OWN) for o, s in zip(first, SIZES, strict=True)])


def test_half_as_many_again_for_an_hour_is_no_outage_where_the_rate_is_uncertain() -> None:
    assert after(90, 1.6, spread=0.0) > 9
    assert after(90, 1.6, spread=0.2) < 3


@pytest.mark.parametrize(("rate", "minutes"), [(10, 2), (4, 6), (3, 10)])
def test_a_jump_is_found_sooner_than_with_a_raised_rate(rate: float, minutes: int) -> None:
    """The belief cannot follow a jump, so the uncertainty costs less than a margin of two standard deviations."""
    spread = 0.15
    margin = math.exp(2 * spread)
    raised = OutageOdds()
    raised.expect(margin * OWN, 0.0, 1.0)
    for passed in range(minutes):
        raised.update(minute(int((passed + 1) * rate * OWN) - int(passed * rate * OWN)), ordinary=True, everybody=False)
    uncertain = after(minutes, rate, spread=spread)
    assert raised.nats < uncertain < after(minutes, rate, spread=0.0)


def test_what_was_believed_is_forgotten_within_hours() -> None:
    odds = OutageOdds()
    odds.expect(OWN, 0.2, 1.0)
    prior = odds.belief[:]
    for _ in range(60):
        odds.update(minute(2), ordinary=True, everybody=False)
    assert odds.belief[-1] > 2 * prior[-1]
    odds.expect(0.0, 0.2, 1.0)
    for _ in range(300):
        odds.update(minute(0), ordinary=True, everybody=False)
    assert odds.belief == pytest.approx(prior, rel=0.02)


def chance_of_a_higher_rate(*, reports: float, servers: float) -> float:
    """How much a higher usual rate is believed, after half an hour in which every other person is held back.

    `reports` and `servers` are the usual numbers.
    """
    odds = OutageOdds()
    odds.expect(OWN, 0.2, 1.0)
    for _ in range(30):
        crowd = minute(0)
        crowd.mean_reports, crowd.mean_servers = reports, servers
        crowd.old = crowd.held = 1.0
        odds.update(crowd, ordinary=True, everybody=False)
    return odds.belief[-1]


def test_where_the_same_servers_always_report_people_held_back_count_for_the_usual_rate() -> None:
    """There people are held back all the time, not only in a raid."""
    prior = OutageOdds().belief[-1]
    assert chance_of_a_higher_rate(reports=60, servers=6) > prior
    assert chance_of_a_higher_rate(reports=6, servers=6) < prior


def test_nothing_is_believed_of_the_usual_rate_during_an_outage() -> None:
    odds = OutageOdds()
    odds.expect(OWN, 0.2, 1.0)
    prior = odds.belief[:]
    for _ in range(30):
        odds.update(minute(20), ordinary=False, everybody=False)
    assert odds.belief == prior


@pytest.mark.parametrize("people", [10_000, 3])
@pytest.mark.parametrize("spread", [0.0, 0.6, 5.0])
def test_any_count_and_any_uncertainty_give_a_finite_result(people: int, spread: float) -> None:
    odds = OutageOdds()
    for own in (1e-4, 1.0, 500.0, 20_000.0):
        odds.expect(own, spread, 30.0)
        for reports in (people, 0, people):
            ratio = odds.update(minute(reports), ordinary=True, everybody=True)
            assert all(map(math.isfinite, [ratio, odds.nats, *odds.odds, *odds.full, *odds.belief]))
            assert sum(odds.belief) == pytest.approx(1)
