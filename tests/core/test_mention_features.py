"""What is looked at in a message: words and their pieces, neighbours, and the concepts of a lexicon."""

import pytest

from bot.core.mention_features import (
    MOST_CLAUSES,
    MOST_CONCEPTS,
    Lexicon,
    features,
    of_concepts,
    of_length,
    of_neighbours,
    of_word,
    of_word_at_first,
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


def test_concepts_follow_and_stand_together_within_a_clause_and_across_clauses() -> None:
    single, follow, together, across = of_concepts([["y", "x"], ["z"]])
    assert single == {"x", "y", "z"}
    assert follow == {("^", "y"), ("y", "x"), ("x", "$"), ("^", "z"), ("z", "$")}
    assert together == {("x", "y")}
    assert across == {("x", "z"), ("y", "z")}
    many = [[str(number)] for number in range(20)]
    assert len(of_concepts(many)[3]) == MOST_CLAUSES * (MOST_CLAUSES - 1) // 2


def test_length_is_told_roughly() -> None:
    assert [of_length(["a"] * count) for count in (0, 1, 2, 3, 4, 31, 32, 500)] == [
        "~0",
        "~1",
        "~2",
        "~2",
        "~3",
        "~5",
        "~6",
        "~6",
    ]


def test_all_of_it_together_is_what_training_sees() -> None:
    found = features(["cai", "|", "not", "working"], LEXICON)
    assert {"~3", "cai", "#cai", "^ cai", "cai $", "not working", "=fails", "^>fails", "fails>$"} <= set(found)
    assert "|" not in found and "working $" in found
