"""The lexicon that services share."""

from bot.core.shared_lexicon import LexiconWithout, SharedLexicon

SHARED = SharedLexicon({"fails": [["went", "down"], ["down"], ["стима"]], "other": [["стим", "*"], ["steam", "deck"]]})


def test_it_says_what_a_text_begins_and_ends_with() -> None:
    assert SHARED.first(["went", "down", "again"]) == ("fails",)
    assert SHARED.first(["again", "down"]) == ()
    assert SHARED.last(["it", "went", "down"]) == ("fails",)
    assert SHARED.last(["steam", "deck"]) == ("other",)
    assert SHARED.first([]) == SHARED.last([]) == ()


def test_a_beginning_of_words_may_lack_a_concept_for_one_service_alone() -> None:
    steam = LexiconWithout(SHARED, ("стим",), "other")
    assert steam.concepts(["стимом", "down"]) == ["fails"]
    assert SHARED.concepts(["стимом", "down"]) == ["other", "fails"]
    assert steam.concepts(["стима", "steam", "deck"]) == ["fails", "other"]
