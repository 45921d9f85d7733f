"""The score: of all words, then of the strongest part, which harmless text does not dilute."""

import math

import pytest

from bot.core.mention_score import ALLOWANCE, FirstLook, Scorer, WordSums, pooled
from bot.core.mention_text import TextReader
from tests.core.weights import weights

READER = TextReader(("cai",))


def first_look(spelt: tuple[str, ...] = ()) -> FirstLook:
    return FirstLook(weights({"down": 3.0, "nice": -2.0, "eror": 2.0}), READER, spelt)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("down", 3.0),
        ("nice", -2.0),
        ("", 0.0),
        ("nice nice down", -1.0),
        ("nice nice. down", 3.0),
        ("down, nice nice", 3.0),
        ("down. error", 5.0),
        ("down. nice. error", 3.0),
        ("error! down! nice", 5.0),
    ],
)
@pytest.mark.parametrize("spelt", [(), ("down", "nice", ".")])
def test_the_first_look_takes_the_neighbouring_clauses_that_say_most(
    text: str, most: float, spelt: tuple[str, ...]
) -> None:
    assert first_look(spelt).most(READER.letters(text)) == most


def test_known_words_weigh_the_same_as_others() -> None:
    of = lambda word: [word, f"#{word[:3]}"]  # noqa: E731 - two pieces of a word
    made = weights({"down": 1.0, "#dow": 0.5})
    assert WordSums(made, of, ()).total({"down", "x"}) == WordSums(made, of, {"down", "|"}).total({"down", "x"}) == 1.5


def scorer() -> Scorer:
    made = weights({"down": 3.0, "nice": -6.0, "fixed": -12.0, "^ down": 0.5, "=fails": 1.0, "~1": 0.25})
    pairs = {">": {("^", "fails"): 0.5}, "&": {}, "+": {("fails", "others"): 2.0}}
    return Scorer(made, pairs, -1.0, {"down"})


def test_a_clause_adds_up_its_words_neighbours_and_concepts() -> None:
    best = scorer().best([["down"]], [["fails"]])
    score = -1.0 + 3.0 + 0.5 + 1.0 + 0.5 + 0.25
    assert best == (score, score, 0, 1)
    assert scorer().best([], []) == (-1.0, -1.0, 0, 1)


def test_a_harmless_clause_takes_little_away_and_a_clear_one_much() -> None:
    alone = scorer().best([["down"]], [["fails"]]).score
    diluted, _, begin, end = scorer().best([["nice"], ["down"]], [[], ["fails"]])
    assert (begin, end) == (1, 2)
    assert diluted == pytest.approx(alone - 0.25 - 6.0 + ALLOWANCE), "the length of both says nothing"
    fixed = scorer().best([["down"], ["fixed"]], [["fails"], []]).score
    assert fixed < alone - 6.0


def test_what_is_said_around_a_stretch_counts_for_it_in_full() -> None:
    together = scorer().best([["down"], ["anyone"]], [["fails"], ["others"]])
    assert together.score == pytest.approx(scorer().best([["down"]], [["fails"]]).score + 2.0 - 0.25)


def test_a_stretch_is_scored_in_its_message() -> None:
    assert pooled(2.0, 3.0) == 3.0
    assert pooled(2.0, 2.0 - ALLOWANCE) == 2.0
    assert pooled(2.0, 1.0 - ALLOWANCE) == 1.0
    assert not math.isnan(pooled(0.0, 0.0))
