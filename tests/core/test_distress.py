"""Distress: recognised in any spelling and language, with few false positives."""

import re
import tomllib
from importlib.resources import files

import pytest

from benchmarks.mentions.distress import read_lines
from bot.core.distress import UNSPACED, Distress, DistressWords, first_words, read
from tests.resources import resources

HEARD = resources().distress
LEAST_RECALL = 0.95
MOST_FALSE = 0.05
OPTIONAL_BEGIN = re.compile(r"\([^)]*\|\)|\([^)]*\)\?")
DOUBTFUL = re.compile(r"  |\.\.\.$|\)\.\.\.|\.\.\. \.\.\.|\|\) \.\.\.|\|\) ")
"""Forms that ask for two spaces after one another, so that they never match."""


@pytest.mark.parametrize("part", ["development", "check"])
def test_nearly_everybody_in_distress_is_heard_and_few_others(part: str) -> None:
    lines = [line for line in read_lines() if line.part == part]
    people, others = [[line for line in lines if line.distress is one] for one in (True, False)]
    missed = [line.text for line in people if not HEARD.matches(line.text)]
    false = [line.text for line in others if HEARD.matches(line.text)]
    assert len(missed) <= (1 - LEAST_RECALL) * len(people), missed
    assert len(false) <= MOST_FALSE * len(others), false


def test_no_wording_family_is_in_both_parts_of_the_set_and_it_is_large_enough() -> None:
    lines = read_lines()
    families = [{line.family for line in lines if line.part == part} for part in ("development", "check")]
    assert families[0].isdisjoint(families[1])
    assert sum(line.distress for line in lines) >= 400 <= sum(not line.distress for line in lines)
    assert len({line.text for line in lines}) == len(lines)


@pytest.mark.parametrize(
    "text",
    [
        "c.ai is down and i want to die, its the only one i talk to",
        "I WANT TO DIEEEE",
        "i w@nt to d!e",
        "i want to\ndie",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "i wаnt to diе",  # with letters of the Cyrillic alphabet
        "k m s",
        "k.m.s",
        "k\u200bms",
        "going to k1ll mys3lf",
        "s*icide",
        "s u i c i d e",
        "un-alive me",
        "**i want to die**",
        "> i want to die",
        "`i want to die`",
        "quiero morír",
    ],
)
def test_odd_spelling_hides_nothing(text: str) -> None:
    assert HEARD.matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "|",
        "is cai down?",
        "500",
        "kill the process",
        "suicide squad is on tonight",
        "dying of laughter",
        "\ud83d",
    ],
)
def test_other_texts_are_not_taken_for_it(text: str) -> None:
    assert not HEARD.matches(text)


def test_a_phrase_says_alternatives_gaps_endings_and_ends_of_clauses() -> None:
    words = Distress([DistressWords("en", ("(want|wish) to ... die*", "the end $", "very (very )?sad"), ("die hard",))])
    assert all(
        map(words.matches, ("wish to die", "want to just quickly please dies", "it is the end. hello", "very sad"))
    )
    assert not any(
        map(words.matches, ("want to one two three four die", "the end of it", "i want to see die hard", "sad"))
    )


def test_languages_without_spaces_are_searched_inside_words() -> None:
    words = Distress([DistressWords("ja", ("死にた?い",), ("で死にい",))])
    assert words.matches("もう死にたいよ") and words.matches("もう 死に い")
    assert not words.matches("眠くて死んだ")


def test_every_phrase_begins_with_a_word_by_which_it_is_found() -> None:
    for path in files("bot.content").joinpath("distress").iterdir():
        for phrase in tomllib.loads(path.read_text("utf-8"))["phrases"]:
            assert all(read(word).strip(" |") for word in first_words(phrase)), f"{path.name}: {phrase}"
            assert not OPTIONAL_BEGIN.match(phrase) and not phrase.startswith("*"), f"{path.name}: {phrase}"
            spaced = path.name.partition(".")[0] not in UNSPACED
            assert not (spaced and DOUBTFUL.search(phrase)), f"{path.name}: {phrase}"
