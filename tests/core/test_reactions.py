"""Several reactions of one person are one report, until the last one is removed."""

from bot.core.reactions import StandingReactions

REPLY, OTHER, ANN, BOB = 1, 2, 10, 11


def test_only_the_last_reaction_of_a_person_on_a_reply_withdraws() -> None:
    standing = StandingReactions()
    for emoji in ("👍", "🔥"):
        standing.add(REPLY, ANN, emoji)
    standing.add(REPLY, BOB, "👍")
    standing.add(OTHER, ANN, "👍")
    assert not standing.remove(REPLY, ANN, "👍")
    assert standing.remove(REPLY, ANN, "🔥")
    assert standing.remove(REPLY, BOB, "👍") and standing.remove(OTHER, ANN, "👍")


def test_one_that_was_not_seen_before_a_restart_counts_as_the_last() -> None:
    standing = StandingReactions()
    assert standing.remove(REPLY, ANN, "👍")
    standing.add(REPLY, ANN, "🔥")
    assert not standing.remove(REPLY, ANN, "👍"), "but another one stands"


def test_the_oldest_are_forgotten() -> None:
    standing = StandingReactions(most=2)
    for person in (ANN, BOB, 12):
        standing.add(REPLY, person, "👍")
        standing.add(REPLY, person, "🔥")
    assert standing.remove(REPLY, ANN, "👍"), "forgotten, so this counts as the last"
    assert not standing.remove(REPLY, BOB, "👍")
