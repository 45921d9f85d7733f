"""Whether an everyday word is the name of a service, judged by the words around it."""

import pytest

from bot.core.mention_text import fold
from bot.core.name_sense import EverydayName, Grammar, Sense, ServiceReader
from bot.core.shared_lexicon import SharedLexicon

ENGLISH = Grammar(
    common=frozenset({"my", "is", "it", "the", "wont"}),
    articles=frozenset({"the", "a"}),
    asks=frozenset({"does"}),
    links=frozenset({"on", "to", "my", "with"}),
    between=frozenset({"is", "just", "being"}),
    joins=frozenset({"and"}),
    parts=frozenset({"store"}),
    trouble=frozenset({"problems"}),
)
LEXICON = SharedLexicon(
    {
        "fails": [["down"], ["broken"], ["fel", "over"]],
        "cannot": [["wont"]],
        "acts": [["load"], ["log", "in"]],
        "error": [["bad", "gateway"]],
        "own": [["my", "phone"]],
        "part": [["server"]],
        "others": [["anyone", "else"]],
        "other": [["spotify"], ["steam"]],
    }
)


def reader(**more: EverydayName) -> ServiceReader:
    names = more or {"steam": EverydayName("steam", [ENGLISH], ("kettle*", "off steam"))}
    words = [*(name.word for name in names.values()), "steampowered", "steam store page"]
    return ServiceReader(words, ["claude"], {}, names.values(), ["stuck at 0"], lexicon=LEXICON, common={})


def sense(text: str) -> Sense:
    signs = [token for token in reader().read(text) if token in set(Sense)]
    return Sense(signs[0])


@pytest.mark.parametrize(
    "text",
    [
        "is steam down",
        "my steam is just being broken",
        "steam fell over and my day is ruined",
        "it is steam on my phone, steam on my phone won't load",
        "does steam load for my friends, is it me",
        "my steam load won't",
        "i can't log in to my steam",
        "the problems with steam",
        "the steam store is empty",
        "steam server is gone",
        "my steam is stuck at 0",
        "steam stuck at 0, my god",
        "steam and claude is down",
        "anyone else is on steam?",
        "my steam. it says bad gateway",
        "my steam and my spotify",
        "my steampowered page, steam is it",
    ],
)
def test_it_is_the_name_where_the_message_says_so(text: str) -> None:
    assert sense(text) is Sense.NAME


@pytest.mark.parametrize("text", ["the steam is broken", "a steam, is it", "my kettles and steam is down"])
def test_it_is_something_else_after_an_article_or_beside_a_word_of_its_other_meaning(text: str) -> None:
    assert sense(text) is Sense.OTHER


@pytest.mark.parametrize(
    "text", ["is it steam", "my steam, it smells", "is the hot steam broken", "steam from my soup"]
)
def test_it_is_unclear_where_nothing_tells(text: str) -> None:
    assert sense(text) is Sense.UNCLEAR


def test_in_another_language_it_is_the_name() -> None:
    assert sense("steam smells") is Sense.NAME
    assert sense("kettle steam") is Sense.OTHER


def test_once_named_it_is_the_name_all_along() -> None:
    assert reader().read("is steam down. my steam smells") == ["is", "<svc>", "down", "|", "my", "<svc>", "smels"]


@pytest.mark.parametrize("text", ["steam's down", "is STEAM’s server gone", "steeeam's down"])
def test_a_name_is_read_with_an_s_at_its_end(text: str) -> None:
    assert "<svc>" in reader().read(text)


def test_names_of_other_letters_or_several_words_have_other_meanings_too() -> None:
    names = reader(ja=EverydayName("スチーム", (), ("アイロン",)), two=EverydayName("tea time", (), ("cake",)))
    assert names.read("スチームアイロンが壊れた")[0] == Sense.OTHER
    assert names.read("スチームが落ちた")[0] == Sense.NAME
    assert names.read("tea time with cake") == ["<else>", "with", "cake"]
    assert names.read("tea time is down") == ["<svc>", "is", "down"]


def test_a_common_word_that_is_a_name_is_read_as_the_name() -> None:
    common = {"line": "line", "one": "one"}
    line = ServiceReader(["line"], (), {}, (), (), lexicon=LEXICON, common=common)
    assert line.read("one line") == ["one", "<svc>"]
    assert common["line"] == "line"


def test_grammars_hold_words_as_tokens_are_spelt() -> None:
    assert {fold(word) for word in ENGLISH.common} == ENGLISH.common
