"""Cooldowns and reporters."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.cooldowns import Cooldowns
from bot.core.privacy import ReporterKey, new_key


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


def test_cooldowns_forget_keys_that_are_free_again() -> None:
    cooldowns = Cooldowns()
    for key in range(30_000):
        cooldowns.take(key, float(key), 1)
    assert len(cooldowns._blocked) <= 10_001


@given(st.integers(0, 2**64 - 1))
def test_reporters_are_stable_signed_numbers_that_need_the_key(user_id: int) -> None:
    key = ReporterKey(b"k" * 32)
    assert key.reporter(user_id) == ReporterKey(b"k" * 32).reporter(user_id)
    assert key.reporter(user_id) != ReporterKey(new_key()).reporter(user_id)
    assert -(2**63) <= key.reporter(user_id) < 2**63


def test_a_key_does_not_show_itself() -> None:
    assert "kkkk" not in repr(ReporterKey(b"k" * 32))
