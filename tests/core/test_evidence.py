"""What the other signals add: confidence and never a count, and nothing when they are blind or say fine."""

from bot.core.evidence import MOST_TALK, weigh
from bot.core.signals import Cause, Reading, Seen, Signal, State

NOW = 1_700_000_000.0


def seen(signal: Signal, state: State, age: float = 0) -> dict[Signal, Seen | None]:
    return {signal: Seen(Reading(signal, state, Cause.ANSWERED, NOW - age))}


def test_trouble_adds_and_fine_or_blind_adds_nothing() -> None:
    assert weigh(seen(Signal.PROBE, State.DOWN), 0, 0, NOW) == {"probe": 1.0}
    assert weigh(seen(Signal.OFFICIAL, State.DEGRADED), 0, 0, NOW) == {"official": 2.0}
    for state in (State.UP, State.UNKNOWN, State.GONE, State.MAINTENANCE):
        assert weigh(seen(Signal.PROBE, state), 0, 0, NOW) == {}
        assert weigh(seen(Signal.OFFICIAL, state), 0, 0, NOW) == {}
    assert weigh({Signal.PROBE: None}, 0, 0, NOW) == {}


def test_an_old_word_is_no_word() -> None:
    assert weigh(seen(Signal.OFFICIAL, State.DOWN, age=3600), 0, 0, NOW) == {}


def test_talk_counts_against_the_usual_talk_and_only_so_much() -> None:
    assert weigh({}, 3, 3.0, NOW) == {}
    assert 0 < weigh({}, 4, 0.5, NOW)["talk"] < MOST_TALK
    assert weigh({}, 5000, 0.5, NOW) == {"talk": MOST_TALK}
