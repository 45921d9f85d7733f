"""A server's own phrases: the messages that they match, and the phrases that are rejected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidValueError
from bot.core.own_phrases import (
    LONGEST_SEARCH,
    LONGEST_SEARCHED,
    MAX_PHRASES,
    MOST_MEMORY,
    OwnPhrases,
    check_phrase,
    check_speed,
    phrase_rule,
)
from bot.core.pattern_budget import PatternBudget


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("ate my chat", "it ATE  my chaaat!", True),
        ("ate my chat", "it ate my chatter", False),
        ("ate my chat", "plate my chat", False),
        ("落ちた", "サーバー落ちたよ", True),
        ("café is closed", "CAFE is closed", True),
        ("c.ai died", "omg c ai died", True),
        ("/ghost(ed|ing) me/", "the bot is GHOSTING ME", True),
        ("/^no$/", "no thanks", False),
        ("500", "so what's for dinner", False),
        ("500", "it says 500 again", True),
        ("error 404", "ERROR 404!", True),
        ("бот опять завис", "lol бот опять завис", True),
        ("не работает", "c.ai не работает опять", True),
        ("काम", "किम जोंग", False),
        ("ล่ม", "ลมแรงมาก", False),
        ("ʼʼʼ", "!!! 😂", False),
        ("/rip cai/", "rip cai \ud800", True),
    ],
)
def test_own_phrases(phrase: str, text: str, found: bool) -> None:
    assert (OwnPhrases([check_phrase(phrase)]).find(text) == phrase) is found


@given(st.text(max_size=120))
def test_any_phrase_is_refused_by_name_or_can_be_looked_for(phrase: str) -> None:
    try:
        kept = check_phrase(phrase)
    except InvalidValueError as error:
        assert error.field == "phrases"
    else:
        assert check_phrase(kept) == kept
        OwnPhrases([kept]).find("some text")
        assert phrase_rule(kept).startswith("own.")


@pytest.mark.parametrize("phrase", ["!!!", "🎉🎉🎉", "a\ud800b"])
def test_phrases_without_words_are_refused(phrase: str) -> None:
    with pytest.raises(InvalidValueError):
        check_phrase(phrase)


def test_a_pattern_with_a_large_program_is_refused_and_one_of_any_script_is_not() -> None:
    for phrase in ("/(.?.?.?.?.?.?){150}z/", r"/(\PN?){10}z/", "/(?:a{1000}){1000}/"):
        with pytest.raises(InvalidValueError, match="too complex"):
            check_phrase(phrase)
        assert OwnPhrases([phrase]).refused == (phrase,), "kept by an older version, it is not searched for"
    assert check_phrase(r"/\pL+ is down/") and OwnPhrases([r"/\pL+ is down/"]).refused == ()


def test_patterns_are_tried_on_a_few_hundred_letters_and_whole_words() -> None:
    phrases = OwnPhrases(["/needle/"])
    assert phrases.find("needle " + "hay " * 900) == "/needle/"
    assert phrases.find("h" * (LONGEST_SEARCHED - 7) + " needle") == "/needle/"
    assert phrases.find("h" * (LONGEST_SEARCHED - 6) + " needles") is None, "a word is not cut in two"
    assert phrases.find("h" * LONGEST_SEARCHED + "needle") is None
    assert OwnPhrases(["needle"]).find("hay " * 900 + "needle") == "needle", (
        "texts without a pattern are found anywhere"
    )


class Seconds:
    """A stopwatch by which each search takes as long as it is told to."""

    def __init__(self, each: float) -> None:
        self.each, self.now, self.looks = each, 0.0, 0

    def __call__(self) -> float:
        self.looks += 1
        if self.looks % 2 == 0:
            self.now += self.each
        return self.now


def test_a_pattern_that_needs_too_long_is_refused_by_name() -> None:
    check_speed(["my hamster", "/wheel (is )?stuck/"], Seconds(0.9 * LONGEST_SEARCH))
    with pytest.raises(InvalidValueError, match=r"“/wheel \(is \)\?stuck/” would be too slow to search for"):
        check_speed(["my hamster", "/wheel (is )?stuck/"], Seconds(1.1 * LONGEST_SEARCH))


def test_patterns_that_rest_are_left_out_and_the_others_are_not() -> None:
    phrases = OwnPhrases(["/a/", "/b/", "c c c"])
    budget = PatternBudget(Seconds(0.2), lambda: 0.0)
    assert phrases.find("a b", budget) == "/a/" and set(budget.resting()) == {"/a/"}
    assert phrases.find("a b", budget) == "/b/"
    assert phrases.find("a b", budget) is None
    assert phrases.find("c c c", budget) == "c c c"


def test_the_memory_of_all_patterns_of_a_server_is_bounded() -> None:
    assert OwnPhrases([f"/{n} is down/" for n in range(MAX_PHRASES)]).memory == MAX_PHRASES * MOST_MEMORY < 3 << 20
    assert OwnPhrases(["my hamster"]).memory == 0
