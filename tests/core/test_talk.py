"""Talk of trouble: people in the last quarter of an hour, and the usual number."""

import pytest

from bot.core.talk import Talk

NOW = 1_700_000_000.0
DAY_OF_MINUTES = 1440


def test_talk_is_people_of_the_last_quarter_of_an_hour() -> None:
    talk = Talk()
    for who in (1, 2, 2, 3):
        talk.hear(who, NOW)
    assert talk.people(NOW + 60) == 3
    talk.hear(2, NOW + 600)
    assert talk.people(NOW + 901) == 1
    assert talk.people(NOW - 86_400) == 0, "a clock that was set back"


def test_whoever_wants_to_be_forgotten_did_not_talk_and_other_processes_count_too() -> None:
    talk = Talk()
    talk.hear(1, NOW)
    talk.hear(2, NOW)
    talk.elsewhere = 3
    assert (talk.people_here(NOW), talk.people(NOW)) == (2, 5)
    talk.forget(1)
    talk.forget(99)
    assert talk.people(NOW) == 4


def test_talk_of_a_symptom_that_counts_if_many_have_it_counts_from_three_people_on() -> None:
    talk = Talk()
    for who, symptom in ((1, "login"), (2, "login"), (3, "wall"), (4, None)):
        talk.hear(who, NOW, symptom)
    assert talk.people(NOW) == 1
    talk.hear(5, NOW, "login")
    assert talk.people(NOW) == 4, "three who cannot log in, and the one who says that it is down"
    talk.hear(3, NOW)
    assert talk.people(NOW) == 5, "who says more than the symptom counts for that"
    talk.hear(4, NOW, "wall")
    assert talk.people(NOW) == 5
    talk.forget(1)
    assert talk.people(NOW) == 2
    assert talk.people(NOW + 901) == 0


def test_a_flood_is_bounded_and_the_latest_are_kept() -> None:
    talk = Talk()
    for who in range(10_050):
        talk.hear(who, NOW)
    assert talk.people_here(NOW) == 10_000


def test_usual_talk_is_learned_over_a_day() -> None:
    talk = Talk()
    for _ in range(DAY_OF_MINUTES):
        talk.learn(4)
    assert talk.usual == pytest.approx(4 * (1 - 1 / 2.718), rel=0.01)
    for _ in range(10 * DAY_OF_MINUTES):
        talk.learn(4)
    assert talk.usual == pytest.approx(4, rel=0.01)
