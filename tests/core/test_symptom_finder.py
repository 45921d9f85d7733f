"""The symptom that a message names, and when it is enough for an answer."""

from dataclasses import replace

import pytest

from benchmarks.mentions.lines import symptom_lines
from bot.content.services import read_services
from bot.core.mention_features import Lexicon
from bot.core.mention_text import TextReader
from bot.core.service import Counted, Phrases, Service, Symptom
from bot.core.symptom_finder import SymptomFinder
from tests.resources import resources


@pytest.fixture(scope="module")
def service() -> Service:
    return read_services()[0]


@pytest.fixture(scope="module")
def finder(service: Service) -> SymptomFinder:
    return resources().vocabulary.symptom_finder(service)


def named(finder: SymptomFinder, text: str) -> tuple[str | None, bool]:
    found = finder.find(text)
    return (None, False) if found is None else (found.symptom.id, found.enough)


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("c.ai gives me a 502", "gateway"),
        ("c.ai gives me a 524", "too-slow"),
        ("c.ai gives me a 500", "error"),
        ("c.ai gives me a 403", "wall"),
        ("C.AI: TOO MANY REQUESTS!!!", "too-fast"),
        ("ｃａｎ'ｔ ｌｏｇ ｉｎ", "login"),
        ("can\u200b't lóg in", "login"),
        ("it shows `502 Bad Gateway`", "gateway"),
        ("```\nfailed to fetch\n```", "network"),
        ("the app is crashinggg", "app"),
        ("die app stürzt ab", "app"),
        ("kann mich nicht anmelden", "login"),
        ("can't log in, it says 502 bad gateway", "gateway"),
        ("good morning", None),
        ("", None),
    ],
)
def test_a_symptom_is_named_however_it_is_written(finder: SymptomFinder, text: str, symptom: str | None) -> None:
    assert named(finder, text)[0] == symptom


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("c.ai put me in slow mode", True),
        ("put me in slow mode", False),
        ("slow mode until 5 pm", True),
        ("c.ai put me in slow mode yesterday", False),
        ("c.ai and chatgpt put me in slow mode", False),
        ("> slow mode until 5 pm", False),
        ("`slow mode until` is what my bot's code says on c.ai", False),
        ("c.ai slow mode", False),
        ("c.ai won't load", False),
    ],
)
def test_only_clear_words_for_what_is_no_outage_are_enough(finder: SymptomFinder, text: str, enough: bool) -> None:
    assert named(finder, text)[1] is enough
    assert (finder.find_enough(text) is not None) is enough


def test_what_was_written_for_each_symptom_is_named_and_near_misses_are_never_enough(finder: SymptomFinder) -> None:
    lines = symptom_lines()
    right = [named(finder, line.text)[0] == line.symptom for line in lines if not line.near_miss]
    assert len(right) > 200 and sum(right) / len(right) > 0.9
    misses = [line.text for line in lines if line.near_miss]
    assert len(misses) > 40 and [text for text in misses if finder.find_enough(text) is not None] == []


def test_scripts_without_spaces_and_beginnings_of_words_are_found(service: Service) -> None:
    login = Symptom("login", {}, phrases=Phrases(words=("ログイン", "einlog*", "sign me*")))
    made = SymptomFinder(TextReader(service.words), Lexicon({}), (login,))
    for text in ("c.aiにログインできない", "Einloggen geht nicht", "it signs me out", "sign medium"):
        found = made.find(text)
        assert (found is not None and found.symptom is login) == (text != "it signs me out"), text


def test_the_clearest_words_win_and_then_the_longest(service: Service) -> None:
    one = Symptom("one", {}, phrases=Phrases(words=("red", "red light")))
    two = Symptom("two", {}, phrases=Phrases(words=("red", "light on")))
    never = Symptom("never", {}, counted=Counted.NEVER, phrases=Phrases(named=("red",)))

    def best(text: str, *symptoms: Symptom) -> str | None:
        found = SymptomFinder(TextReader(service.words), Lexicon({}), symptoms).find(text)
        return found and found.symptom.id

    assert best("red", one, two) == "one" and best("red", two, one) == "two"
    assert best("light on, red", one, two) == "two"
    assert best("red light", one, two, never) == "never"
    assert best("red light", one, two, replace(never, phrases=Phrases(named=("blue",)))) == "one"
