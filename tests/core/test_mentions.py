"""Mentions, first version: the clear ones are found, the clear others are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.services import read_services
from bot.content.words import read_detectors
from bot.core.mentions import Detector, Kind

DETECTOR = read_detectors(read_services())["character-ai"]


@pytest.mark.parametrize(
    "text",
    [
        "is cai down for anyone else?",
        "Internal Server Error again...",
        "anyone else getting errors",
        "C.AI WON'T LOAD",
        "it's not my wifi, the site is down",
        "works on my phone but the site isn't loading",
        "is it downnnnn",
        "character ai no funciona",
        "ist c.ai down?",
    ],
)
def test_clear_complaints_are_mentions(text: str) -> None:
    assert DETECTOR.detect(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "good morning",
        "is discord down?",
        "my server gives error 500, help with nginx",
        "it was down yesterday",
        "cai is back up, fixed!",
        "works for me",
        "imagine if it is down",
        "`Internal Server Error`",
        "```\n500 internal server error\n```",
        "> is cai down?\nnah",
        "https://example.org/500-internal-server-error",
        "I have 500 gems",
        "",
        "🎉",
    ],
)
def test_clear_others_are_not(text: str) -> None:
    assert DETECTOR.detect(text) is None


@given(st.text())
def test_never_raises(text: str) -> None:
    DETECTOR.detect(text)


def test_another_service_listens_for_its_own_words() -> None:
    phrases = {Kind.QUESTION: ["is {it} down"]}
    other = Detector(["examplia"], [], phrases, spoilers=[], everywhere_spoilers=["cai"])
    assert other.detect("is Examplia down?") is not None
    assert other.detect("is cai down?") is None
