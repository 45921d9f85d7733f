"""Context: recent messages in the channel and reports of others support a mention; our own messages do not."""

import pytest

from bot.core.outage_life import Phase
from bot.core.recent_mentions import (
    FOR_EACH_PERSON,
    MOST_SUPPORT,
    REMEMBERED_FOR,
    STIRRED_FOR,
    SUPPORT,
    Others,
    RecentMentions,
    others_say,
)

HERE, THERE = 1, 2
ANN, BOB = 10, 11


@pytest.mark.parametrize(
    ("phase", "people", "usual", "others"),
    [
        (None, 0, None, Others.QUIET),
        (None, 2, 0.0, Others.QUIET),
        (None, 3, None, Others.RISING),
        (None, 3, 2.0, Others.QUIET),
        (None, 4, 2.0, Others.RISING),
        (Phase.DISMISSED, 0, 1.0, Others.QUIET),
        (Phase.OVER, 0, 1.0, Others.QUIET),
        (Phase.SUSPECTED, 0, 1.0, Others.SUSPECTED),
        (Phase.ON, 0, 1.0, Others.CERTAIN),
        (Phase.RECOVERING, 0, 1.0, Others.CERTAIN),
    ],
)
def test_others_say_what_the_reports_and_the_open_outage_say(
    phase: Phase | None, people: int, usual: float | None, others: Others
) -> None:
    assert others_say(phase, people, usual) is others


def test_nothing_supports_a_mention_at_a_quiet_hour() -> None:
    assert RecentMentions().support(HERE, ANN, Others.QUIET, 100) == 0


def test_the_more_certain_others_are_the_more_it_is_supported() -> None:
    found = [RecentMentions().support(HERE, ANN, others, 100) for others in Others]
    assert found == sorted(found) == list(SUPPORT.values())


def test_somebody_else_in_the_channel_supports_it_for_some_minutes() -> None:
    recent = RecentMentions()
    recent.spoke(HERE, ANN, 0.5, 100)
    recent.spoke(HERE, ANN, 0.5, 101)
    assert recent.support(HERE, BOB, Others.QUIET, 102) == FOR_EACH_PERSON * 0.5
    assert recent.support(HERE, ANN, Others.QUIET, 102) == 0, "nobody supports themselves"
    assert recent.support(THERE, BOB, Others.QUIET, 102) == 0
    assert recent.support(HERE, BOB, Others.QUIET, 101 + REMEMBERED_FOR) == 0
    assert recent.support(HERE, BOB, Others.QUIET, 99) == 0, "the clock was set back"


def test_support_is_bounded_however_many_speak() -> None:
    recent = RecentMentions()
    for person in range(1000):
        recent.spoke(HERE, person, 1.0, 100)
    assert recent.support(HERE, -1, Others.CERTAIN, 100) == MOST_SUPPORT
    assert recent.support(HERE, -1, Others.QUIET, 100) < MOST_SUPPORT


def test_a_channel_is_stirred_for_some_minutes_after_a_reply_that_arrived() -> None:
    recent = RecentMentions()
    assert not recent.stirred(HERE, 100)
    recent.replied(HERE, 100)
    assert recent.stirred(HERE, 100) and recent.stirred(HERE, 99 + STIRRED_FOR)
    assert not recent.stirred(HERE, 100 + STIRRED_FOR)
    assert not recent.stirred(THERE, 100)
    recent.not_replied(HERE)
    assert not recent.stirred(HERE, 100)


def test_the_channels_that_were_quiet_longest_are_forgotten_first() -> None:
    recent = RecentMentions()
    for channel in range(6_000):
        recent.spoke(channel, ANN, 1.0, 100)
    assert recent.support(0, BOB, Others.QUIET, 100) == 0
    assert recent.support(5_999, BOB, Others.QUIET, 100) > 0


def test_somebody_who_is_forgotten_supports_nothing() -> None:
    recent = RecentMentions()
    recent.spoke(HERE, ANN, 1.0, 100)
    recent.forget(ANN)
    recent.forget(BOB)
    assert recent.support(HERE, BOB, Others.QUIET, 100) == 0
