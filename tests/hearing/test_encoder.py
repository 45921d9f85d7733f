"""The input of the second stage: short enough to be fast, and safe for C code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing.encoder import READ, readable


@pytest.mark.parametrize("text", ["", "is it down?", "x" * READ])
def test_a_short_text_is_read_whole(text: str) -> None:
    assert readable(text) == text


def test_of_a_long_text_its_beginning_and_its_end_are_read() -> None:
    """There people say what fails."""
    read = readable("cannot log in. " + "and so on " * 100 + "anyone else?")
    assert read.startswith("cannot log in. and so on ") and " anyone else" in read[-15:]
    assert len(read) == READ


def test_letters_that_stand_for_several_are_written_out_beforehand() -> None:
    assert readable("\ufb01ne \ufdfa") != "\ufb01ne \ufdfa"
    assert readable("\ufb01ne") == "fine" and len(readable("\ufdfa" * READ)) == READ


def test_a_zero_byte_does_not_end_the_text() -> None:
    assert readable("it\0fails") == "it fails"


@given(st.text(st.characters(), max_size=3 * READ))
def test_whatever_somebody_writes_is_text_that_can_be_written_down(text: str) -> None:
    read = readable(text)
    assert len(read) <= READ and "\0" not in read
    read.encode()
