"""Which of several services a message names."""

import pytest

from bot.core.mention_text import TextReader
from bot.core.service_names import ServiceNames

NAMES = ServiceNames({"cai": ["c.ai", "cai", "character ai"], "claude": ["claude"], "gpt": ["chatgpt", "chat gpt"]})
ALL = ("cai", "claude", "gpt")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("is claude down?", ["claude"]),
        ("CLAUDE is dooown", ["claude"]),
        ("c.ai and chat gpt are both down", ["cai", "gpt"]),
        ("claaaude won't load", ["claude"]),
        ("anyone else?", []),
        ("see https://claude.example/status", []),
        ("", []),
    ],
)
def test_the_services_that_a_text_names_are_found_however_they_are_written(text: str, named: list[str]) -> None:
    assert NAMES.named([text], ALL) == named


def test_only_those_asked_for_are_named_in_their_order() -> None:
    said = ["chatgpt", "claude or cai"]
    assert NAMES.named(said, ["claude", "cai"]) == ["claude", "cai"]
    assert NAMES.named(said, ["gpt"]) == ["gpt"]
    assert NAMES.named(said, ["unheard"]) == []


def test_what_was_learnt_last_counts() -> None:
    names = ServiceNames({"one": ["one"]})
    names.learn({"two": ["zwei"]})
    assert names.named(["one zwei"], ["one", "two"]) == ["two"]


def test_a_name_that_is_an_everyday_word_there_names_nothing() -> None:
    reader = TextReader(["cai"], (), {"cai": frozenset({"chuva"})})
    names = ServiceNames({"cai": ["cai"]}, {"cai": reader})
    assert names.named(["a chuva cai"], ["cai"]) == []
    assert names.named(["cai is down"], ["cai"]) == ["cai"]


@pytest.mark.parametrize(
    "text", ["c41 is d0wn", "ⅽlaude is down", "CHAT-GPT?", "chat  gpt", "c-ai", "𝗖𝗵𝗮𝘁𝗚𝗣𝗧", "claude!!1"]
)
def test_what_is_written_in_other_signs_is_looked_at_as_closely_as_by_the_detector(text: str) -> None:
    words = {"cai": ["c.ai", "cai", "c ai"], "claude": ["claude"], "gpt": ["chatgpt", "chat gpt"]}
    by_readers = [one for one, of_service in words.items() if "<svc>" in TextReader(of_service).read(text)]
    assert ServiceNames(words).named([text], list(words)) == by_readers
