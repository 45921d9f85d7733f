"""Reporters: stable numbers that reveal nothing without the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.privacy import KEY_BYTES, ReporterKey, new_key

KEY = ReporterKey(b"k" * 32)


@given(st.integers(0, 2**64 - 1))
def test_reporters_are_stable_signed_numbers_that_need_the_key(user_id: int) -> None:
    key = ReporterKey(b"k" * 32)
    assert key.reporter(user_id) == ReporterKey(b"k" * 32).reporter(user_id)
    assert key.reporter(user_id) != ReporterKey(new_key()).reporter(user_id)
    assert -(2**63) <= key.reporter(user_id) < 2**63


def test_a_key_does_not_show_itself() -> None:
    assert "kkkk" not in repr(ReporterKey(b"k" * 32))


def test_numbers_stay_what_they_were_in_databases_that_exist() -> None:
    assert KEY.reporter(1) == 1515371564901453486
    assert KEY.listed(1) == 17827579910245499182
    assert KEY.listed(1, 2) == 12426288012108205196
    assert KEY.voter(1) == -6542824979258829724
    assert KEY.fingerprint() == "8361b62a49f7bd6b"


def test_a_list_of_people_says_nothing_of_their_reports() -> None:
    listed = KEY.listed(1)
    assert listed not in {KEY.reporter(1), KEY.reporter(1) % 2**64} and 0 <= listed < 2**64


def test_a_person_is_written_differently_in_each_servers_list_and_known_in_old_ones() -> None:
    assert len({KEY.listed(1), KEY.listed(1, 5), KEY.listed(1, 6), KEY.listed(2, 5)}) == 4
    assert KEY.in_lists(1, 5) == {KEY.listed(1, 5), KEY.listed(1)}


def test_keys_are_told_apart_and_short_ones_refused() -> None:
    fresh = new_key()
    assert len(fresh) == KEY_BYTES == 32 and fresh != new_key()
    assert ReporterKey(fresh).fingerprint() != KEY.fingerprint()
    assert ReporterKey(b"k" * 16).reporter(1)
    with pytest.raises(ValueError, match="at least 16 bytes"):
        ReporterKey(b"k" * 15)
