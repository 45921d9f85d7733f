"""Cooldowns: an action happens once per key and cooldown, even if the clock jumps."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.cooldowns import Cooldowns


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60))
def test_nothing_happens_twice_within_its_pause(asks: list[tuple[int, int]]) -> None:
    cooldowns, taken, now = Cooldowns(), dict[int, float](), 0
    for key, later in asks:
        now += later
        if cooldowns.take(key, now, 30):
            assert now - taken.get(key, float("-inf")) >= 30
            taken[key] = now
        else:
            assert now - taken[key] < 30


def test_a_pause_ends_when_it_is_over_and_each_key_has_its_own() -> None:
    cooldowns = Cooldowns()
    cooldowns.start("a", 100, 30)
    assert not cooldowns.ready("a", 100) and not cooldowns.ready("a", 129.9)
    assert cooldowns.ready("a", 130) and cooldowns.ready("b", 100)


def test_a_refused_try_does_not_make_the_pause_longer() -> None:
    cooldowns = Cooldowns()
    assert cooldowns.take("a", 0, 30)
    assert not cooldowns.take("a", 29, 30)
    assert cooldowns.take("a", 30, 30)


def test_a_clock_that_was_set_back_closes_nothing() -> None:
    cooldowns = Cooldowns()
    cooldowns.start("a", 86_400, 30)
    assert cooldowns.ready("a", 0)


def test_cooldowns_forget_keys_that_are_free_again() -> None:
    cooldowns = Cooldowns()
    for key in range(30_000):
        cooldowns.take(key, float(key), 1)
    assert len(cooldowns._blocked) <= 10_001


def test_what_is_still_closed_is_not_swept() -> None:
    cooldowns = Cooldowns()
    cooldowns.start("long", 0, 1e9)
    for key in range(20_000):
        cooldowns.start(key, float(key), 1)
    assert not cooldowns.ready("long", 20_000)
