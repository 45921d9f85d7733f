"""The features of a message: words, parts of words, neighbouring words, and the concepts of a lexicon."""

import pytest

from bot.core.mention_features import (
    LONGEST_STRETCH,
    MOST_CLAUSES,
    MOST_CONCEPTS,
    REACH,
    Lexicon,
    features,
    neighbours_of,
    of_concepts,
    of_length,
    of_neighbours,
    of_word,
    of_word_at_first,
    spans,
)

LEXICON = Lexicon(
    {
        "fails": [["down"], ["not", "working"], ["crash", "*"], ["落ち"]],
        "now": [["right", "now"], ["now"]],
        "not": [["not"]],
        "soon": [["now"]],
    }
)


@pytest.mark.parametrize(
    ("clause", "concepts"),
    [
        ("not working now", "fails now soon"),
        ("right now crashed", "now fails"),
        ("is not down", "not fails"),
        ("right", ""),
        ("cras crash crashing", "fails fails"),
        ("今落ちて落ち", "fails fails"),
        ("<svc> ? <5xx> <num> <shown> <quote> <other> <code>", "svc ? 5xx num shown quote other"),
    ],
)
def test_the_longest_phrase_of_a_clause_gives_its_concepts(clause: str, concepts: str) -> None:
    for _ in range(2):  # what is remembered makes no difference
        assert LEXICON.concepts(clause.split()) == concepts.split()


def test_of_many_concepts_the_first_are_looked_at() -> None:
    assert LEXICON.concepts(["now"] * 20) == ["now", "soon"] * (MOST_CONCEPTS // 2)
    assert len(LEXICON.concepts(["not"] * 20)) == MOST_CONCEPTS == 12


def test_a_word_is_looked_at_whole_and_in_pieces() -> None:
    assert of_word("down") == ["down", "#_do", "#dow", "#own", "#wn_", "#_dow", "#down", "#own_", "#_down", "#down_"]
    assert of_word_at_first("down") == ["#_dow", "#down", "#own_", "down"]
    assert of_word("か落") == ["#か", "#落", "#か落"]
    assert of_word_at_first("か落ち") == ["#か落", "#落ち"]
    for sign in ("<svc>", "?"):
        assert of_word(sign) == of_word_at_first(sign) == [sign]
    assert len(of_word("a" * 1000)) == len(of_word("a" * 24))


def test_neighbours_have_the_ends_of_their_clause_among_them() -> None:
    assert list(of_neighbours(["a", "b"])) == ["^ a", "a b", "b $"]


def test_concepts_follow_and_stand_together_within_a_clause() -> None:
    single, follow, together = of_concepts(["y", "x"])
    assert single == {"x", "y"}
    assert follow == {("^", "y"), ("y", "x"), ("x", "$")}
    assert together == {("x", "y")}


def test_length_is_told_roughly() -> None:
    lengths = [of_length(count) for count in (0, 1, 2, 3, 4, 31, 32, 500)]
    assert lengths == ["~0", "~1", "~2", "~2", "~3", "~5", "~6", "~6"]


def test_a_stretch_is_a_run_of_a_few_neighbouring_clauses() -> None:
    assert spans(0) == []
    assert spans(1) == [(0, 1)]
    assert spans(3) == [(0, 1), (1, 2), (2, 3), (0, 2), (1, 3), (0, 3)]
    assert max(end - begin for begin, end in spans(20)) == LONGEST_STRETCH


def test_clauses_are_compared_with_those_close_by() -> None:
    assert neighbours_of(3) == [(0, 1), (0, 2), (1, 2)]
    assert all(0 < other - one <= REACH for one, other in neighbours_of(MOST_CLAUSES))


def test_all_of_it_together_is_what_training_sees() -> None:
    whole, stretches = features(["cai", "|", "not", "working"], LEXICON)
    assert {"~2", "cai", "#cai", "^ cai", "cai $", "not working", "=fails", "^>fails", "fails>$"} <= set(whole)
    assert "|" not in whole and "working $" in whole
    first, second, both = map(set, stretches)
    assert "cai" in first and "=fails" not in first
    assert "cai" not in second and "=fails" in second
    assert both == set(whole)
    assert "fails+now" in features(["down", "|", "right", "now"], LEXICON).whole


def test_an_empty_text_has_a_length_only() -> None:
    assert features([], LEXICON) == (["~0", "^ $", "^>$"], [["~0", "^ $", "^>$"]])
