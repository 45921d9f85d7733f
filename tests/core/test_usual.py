"""The usual rate: learned from counts, with day shape and weekdays, and with its uncertainty."""

import json
import random
from math import cos, exp, log, pi, sqrt

import pytest

from bot.core.usual import BLOCK, BLOCKS_A_DAY, Usual

WEEK = 7 * BLOCKS_A_DAY


def rate(block: int, *, weekend: float = 1.0) -> float:
    """People in 15 minutes of a made-up service: five times as many by day as by night."""
    by_day = exp(0.8 * cos(2 * pi * (block % BLOCKS_A_DAY + 0.5) / BLOCKS_A_DAY))
    return 12 * by_day * (weekend if block // BLOCKS_A_DAY % 7 in {0, 6} else 1.0)


def learned(days: int, *, weekend: float = 1.0, model: Usual | None = None, first: int = 0) -> Usual:
    model = model or Usual()
    for block in range(first, first + days * BLOCKS_A_DAY):
        model.pass_time(1)
        model.learn(block, rate(block, weekend=weekend), BLOCK)
    return model


def people(model: Usual, block: int) -> float:
    return BLOCK * exp(model.forecast(block)[0])


def test_a_service_nobody_knows_has_three_people_in_a_quarter_give_or_take_a_factor() -> None:
    mean, variance = Usual().forecast(0)
    assert BLOCK * exp(mean) == pytest.approx(3)
    assert exp(sqrt(variance)) > 4.5


def test_it_learns_the_rate_within_hours_and_the_day_within_days() -> None:
    assert people(learned(1), BLOCKS_A_DAY) == pytest.approx(rate(BLOCKS_A_DAY), rel=0.35)
    model = learned(10)
    for hour in range(24):
        block = 10 * BLOCKS_A_DAY + 4 * hour
        assert people(model, block) == pytest.approx(rate(block), rel=0.12)


def test_it_learns_weekends() -> None:
    model = learned(35, weekend=2.0)
    workday, weekend = 37 * BLOCKS_A_DAY, 41 * BLOCKS_A_DAY
    assert people(model, weekend) / people(model, workday) == pytest.approx(2, rel=0.2)


@pytest.mark.parametrize("truth", [0.1, 0.35])
def test_it_learns_how_strong_the_moods_are(truth: float) -> None:
    rng, model, mood = random.Random(4), Usual(), 0.0
    for block in range(40 * BLOCKS_A_DAY):
        mood = exp(-1 / 48) * mood + sqrt(1 - exp(-2 / 48)) * rng.gauss(0, truth)
        people = rate(block) * exp(mood)
        model.pass_time(1)
        model.learn(block, max(0, round(rng.gauss(people, sqrt(1.8 * people)))), BLOCK)
    assert model.mood == pytest.approx(truth, abs=0.1)
    assert Usual.restore(model.state()).mood == model.mood


def test_doubt_melts_with_what_was_seen_and_grows_with_time() -> None:
    model = learned(10)
    known = model.forecast(0)[1]
    assert known < Usual().forecast(0)[1] / 20
    model.pass_time(WEEK)
    older = model.forecast(0)[1]
    assert older > known
    model.pass_time(100 * WEEK)
    assert model.forecast(0)[1] < older + 0.2, "no gap makes it forget more than a week would"


def test_the_mood_fades_within_half_a_day() -> None:
    model = Usual()
    model.mean[1] = 1.0
    model.pass_time(48)
    assert model.mean[1] == pytest.approx(exp(-1))
    assert model.mean[0] == pytest.approx(log(0.2)), "the level stays"


def test_a_count_that_no_forecast_allows_is_cut_off() -> None:
    model, other = learned(10), learned(10)
    before = people(model, 0)
    model.learn(0, 1e9, BLOCK)
    other.learn(0, 1e6, BLOCK)
    assert model.mean == other.mean
    assert people(model, 0) < 1.5 * before


def test_half_a_block_that_was_seen_counts_by_its_minutes() -> None:
    whole, half = learned(10), learned(10)
    expected = rate(0)
    whole.learn(0, expected, BLOCK)
    half.learn(0, expected * 5 / BLOCK, 5)
    assert people(half, 0) == pytest.approx(people(whole, 0), rel=0.02)
    half.learn(0, expected, 5)
    assert people(half, 0) > 1.02 * people(whole, 0)


def test_a_doubted_level_is_learned_afresh() -> None:
    model, other = learned(10), learned(10)
    model.doubt_level()
    for one in (model, other):
        one.learn(0, 5 * rate(0), BLOCK)
    assert people(model, 0) > 1.5 * people(other, 0)


def test_it_goes_on_exactly_from_its_state_and_refuses_another() -> None:
    model = learned(3)
    again = Usual.restore(json.loads(json.dumps(model.state())))
    for one in (model, again):
        learned(1, model=one, first=3 * BLOCKS_A_DAY)
    assert again.mean == pytest.approx(model.mean) and again.forecast(7) == pytest.approx(model.forecast(7))
    good = model.state()
    for bad in (good | {"mean": good["mean"][1:]}, good | {"cov": good["cov"][1:]}, good | {"cov": "x"}):
        with pytest.raises(ValueError, match="not a list"):
            Usual.restore(bad)


def test_nobody_teaches_it_in_days_that_ten_times_as_many_people_are_usual() -> None:
    usual = Usual()
    for block in range(10 * BLOCKS_A_DAY):
        usual.pass_time(1)
        usual.learn(block, 0.8, BLOCK)
    before = exp(usual.forecast(10 * BLOCKS_A_DAY)[0])
    for block in range(10 * BLOCKS_A_DAY, 13 * BLOCKS_A_DAY):
        usual.pass_time(1)
        usual.learn(block, 12, BLOCK)
    after = exp(usual.forecast(13 * BLOCKS_A_DAY)[0])
    assert after < 5 * before
    again = Usual.restore(usual.state())
    assert again.steady == usual.steady and again.blocks == usual.blocks


def test_a_community_that_grows_for_months_is_followed() -> None:
    usual, block = Usual(), 0
    for day in range(90):
        for _ in range(BLOCKS_A_DAY):
            usual.pass_time(1)
            usual.learn(block, 3 * 1.03**day, BLOCK)
            block += 1
    assert 0.8 < BLOCK * exp(usual.forecast(block)[0]) / (3 * 1.03**90) < 1.2
