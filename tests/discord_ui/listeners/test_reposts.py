"""Reposts: the answer to a message that a bot posted again goes to its repost, and to no other webhook message."""

import pytest

from bot.discord_ui.listeners.reposts import Reposts

HERE, THERE = 1, 2
ASKED = "A: is cai down for anyone else?"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        (ASKED, True),
        ("is cai down for anyone else?", True),
        ("  is cai down for anyone else?\n", True),
        ("lol", False),
        ("down", False),
        ("New commit: is cai down for anyone else? Fixed.", False),
        ("", False),
    ],
)
def test_a_repost_holds_the_same_words_or_those_without_the_mark_for_the_bot(text: str, again: bool) -> None:
    reposts = Reposts()
    watched = reposts.watch(HERE, ASKED)
    reposts.posted(HERE, 101, text)
    assert watched.repost == (101 if again else None)


def test_the_first_repost_in_the_same_channel_counts() -> None:
    reposts = Reposts()
    watched, another = reposts.watch(HERE, ASKED), reposts.watch(HERE, "hello there")
    reposts.posted(THERE, 101, ASKED)
    assert watched.repost is None
    reposts.posted(HERE, 102, ASKED)
    reposts.posted(HERE, 103, ASKED)
    assert watched.repost == 102 and another.repost is None


def test_nothing_is_held_of_a_message_whose_answer_is_no_longer_under_way() -> None:
    reposts = Reposts()
    first, second = reposts.watch(HERE, ASKED), reposts.watch(HERE, ASKED)
    reposts.leave(first)
    reposts.posted(HERE, 101, ASKED)
    assert first.repost is None and second.repost == 101
    reposts.leave(second)
    assert not reposts._watched
    reposts.posted(HERE, 102, ASKED)


def test_a_message_without_words_has_no_repost() -> None:
    reposts = Reposts()
    watched = reposts.watch(HERE, "")
    reposts.posted(HERE, 101, "")
    assert watched.repost is None
