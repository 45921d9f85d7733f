"""Reposts: the answer to a message that a bot posted again goes to its repost, and to no older one."""

from bot.discord_ui.listeners.reposts import Reposts

HERE, THERE = 1, 2


def test_the_newest_repost_after_a_message_is_found_in_its_channel_alone() -> None:
    reposts = Reposts()
    assert reposts.after(HERE, 100) is None
    for message in (101, 103):
        reposts.posted(HERE, message)
    assert reposts.after(HERE, 100) == reposts.after(HERE, 102) == 103
    assert reposts.after(HERE, 103) is None, "it is not its own repost"
    assert reposts.after(HERE, 104) is None, "it came before"
    assert reposts.after(THERE, 100) is None


def test_channels_in_which_nothing_was_reposted_for_longest_are_forgotten() -> None:
    reposts = Reposts()
    for number in range(1500):
        reposts.posted(number, 10)
        reposts.posted(0, 11)
    assert reposts.after(0, 1) == 11 and reposts.after(1499, 1) == 10
    assert reposts.after(1, 1) is None
