"""Own phrases in memory: one set per server, for the most recent servers, with a memory limit."""

import pytest

from bot.core.own_phrases import MAX_PHRASES
from bot.usecases.replies import phrase_sets
from bot.usecases.replies.phrase_sets import PhraseSets


class Made:
    """Counts what is compiled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sets: list[tuple[str, ...]] = []
        real = phrase_sets.OwnPhrases

        def making(phrases: tuple[str, ...]) -> phrase_sets.OwnPhrases:
            self.sets.append(phrases)
            return real(phrases)

        monkeypatch.setattr(phrase_sets, "OwnPhrases", making)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    return Made(monkeypatch)


def sets(each: float = 0.0) -> PhraseSets:
    times = iter(range(10**9))
    return PhraseSets(lambda: next(times) * each, lambda: 0.0)


def test_a_server_has_one_set_which_is_made_anew_when_its_phrases_change(made: Made) -> None:
    ours = sets()
    for _ in range(3):
        assert ours.find(1, ("my hamster",), "oh my hamster") == "my hamster"
    assert ours.find(1, ("/wheel/",), "oh my hamster") is None
    assert ours.find(1, (), "oh my hamster") is None
    assert made.sets == [("my hamster",), ("/wheel/",)]
    assert len(ours._sets) == 1, "the set before is gone"


def test_the_sets_of_servers_that_were_silent_longest_go_when_memory_is_full(made: Made) -> None:
    ours = sets()
    patterns = tuple(f"/{n} is down/" for n in range(MAX_PHRASES))
    for guild in range(1000):
        ours.find(guild, patterns, "no")
        ours.find(0, patterns, "no")
        assert ours._memory <= phrase_sets.MOST_MEMORY
    assert len(made.sets) == 1000, "the server that goes on talking is not made anew"
    assert ours._memory == sum(own.memory for _, own in ours._sets.values()) > phrase_sets.MOST_MEMORY / 2


def test_a_slow_pattern_rests_in_its_server_alone_and_is_named() -> None:
    ours, phrases = sets(each=1.0), ("/wheel/",)
    assert ours.find(1, phrases, "wheel") == "/wheel/"
    assert ours.find(1, phrases, "wheel") is None
    assert list(ours.resting(1, phrases)) == ["/wheel/"] and ours.resting(1, ("/other/",)) == {}
    assert ours.find(2, phrases, "wheel") == "/wheel/"
    assert ours.resting(3, phrases) == {}


def test_patterns_that_are_too_large_are_named() -> None:
    assert sets().refused(1, ("/(.?.?.?.?.?.?){150}z/", "/wheel/")) == ("/(.?.?.?.?.?.?){150}z/",)
    assert sets().refused(1, ()) == ()
