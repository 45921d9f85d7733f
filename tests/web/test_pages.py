"""The page of all services: its headline, and the time of the last contact with Discord."""

import re
from dataclasses import replace

import pytest

from bot.core.reports import MINUTE
from bot.usecases.reports.public_state import PublicService
from bot.web.document import DocumentRequest
from bot.web.pages import Pages
from tests.web.served import LANGUAGES
from tests.web.states import NOW, named, worlds

WORLDS = worlds()


def services(*states: str) -> list[PublicService]:
    return [named(WORLDS[state][0], f"service-{n}", f"Service {n}") for n, state in enumerate(states)]


def overview(*found: PublicService, language: str = "en") -> str:
    """What a reader sees of it, on one line."""
    text = Pages(LANGUAGES).overview(DocumentRequest(LANGUAGES.texts(language), found, NOW)).text
    shown = re.sub(r"(?s)<svg.*?</svg>|<head>.*?</head>", " ", text)
    return " ".join(re.sub(r"<[^>]+>", " ", shown).replace("&#39;", "'").split())


@pytest.mark.parametrize(
    ("states", "headline"),
    [
        (("calm", "back"), "No known problems"),
        (("calm", "unknown"), "No known problems"),
        (("unknown", "deaf"), "We can't tell right now"),
        (("calm", "some"), "1 service is having trouble"),
        (("unknown", "outage"), "1 service is having trouble"),
        (("some", "outage", "outage"), "3 services are having trouble"),
    ],
)
def test_the_headline_says_how_many_services_have_trouble(states: tuple[str, ...], headline: str) -> None:
    assert headline in overview(*services(*states))


def test_it_says_when_people_were_last_heard_if_they_are_not() -> None:
    one, other = services("deaf", "deaf")
    later = replace(other, heard_at=NOW - 3 * MINUTE)
    assert "Last contact: 3 minutes ago" in overview(one, later)
    assert "Last heard" not in overview(*services("calm", "calm"))
    assert "can't hear from people" in overview(replace(one, heard_at=None), *services("calm"))


def test_only_other_languages_are_offered() -> None:
    assert "Deutsch" in overview(*services("calm", "calm")) and "English" not in overview(*services("calm", "calm"))
    german = overview(*services("calm", "calm"), language="de")
    assert "English" in german and "Deutsch" not in german
