"""Evidence of other signals: it changes the confidence, never a count; old, unknown or good readings add nothing."""

from dataclasses import replace

import pytest

from bot.core.evidence import FADES_WITHIN, MOST_TALK, weigh
from bot.core.reports import DAY, MINUTE
from bot.core.signal_history import SignalHistory, look
from bot.core.signals import Cause, Incident, Reading, Signal, State

NOW = 1_700_000_000.0


def history(signal: Signal, state: State, *, age: float = 0, read_at: float = NOW) -> SignalHistory:
    """Well until `age` seconds ago, and since then like this; last read at `read_at`."""
    changed = SignalHistory(State.UP, NOW - age)
    return replace(look(changed, Reading(signal, state, Cause.ANSWERED, NOW - age + 1)), looked=read_at)


def test_new_trouble_adds_and_fine_or_blind_adds_nothing() -> None:
    assert weigh({Signal.PROBE: history(Signal.PROBE, State.DOWN)}, 0, 0, NOW) == {"probe": 1.0}
    assert weigh({Signal.OFFICIAL: history(Signal.OFFICIAL, State.DOWN)}, 0, 0, NOW) == {"official": 2.0}
    for signal in (Signal.PROBE, Signal.OFFICIAL):
        worst, worse = (weigh({signal: history(signal, one)}, 0, 0, NOW) for one in (State.DOWN, State.DEGRADED))
        assert 0 < worse[signal.value] < worst[signal.value], "impact counts"
        for state in (State.UP, State.UNKNOWN, State.GONE, State.MAINTENANCE):
            assert weigh({signal: history(signal, state)}, 0, 0, NOW) == {}
    assert weigh({Signal.PROBE: SignalHistory()}, 0, 0, NOW) == {}


def test_what_is_new_fades_and_what_has_stood_for_hours_adds_nothing() -> None:
    added = [
        weigh({Signal.OFFICIAL: history(Signal.OFFICIAL, State.DOWN, age=age)}, 0, 0, NOW).get("official", 0.0)
        for age in (0, 30 * MINUTE, 60 * MINUTE, FADES_WITHIN, 90 * DAY)
    ]
    assert added == pytest.approx([2.0, 1.5, 1.0, 0.0, 0.0])


def test_an_old_notice_adds_nothing_however_often_it_is_read() -> None:
    forgotten = Incident("Errors", "monitoring", since=NOW - 90 * DAY, id="i1")
    read = SignalHistory()
    for minute in range(300):
        at = NOW + minute * MINUTE
        read = look(read, Reading(Signal.OFFICIAL, State.DEGRADED, Cause.ANSWERED, at, incidents=(forgotten,)))
        assert weigh({Signal.OFFICIAL: read}, 0, 0, at) == {}


def test_a_signal_that_was_often_wrong_adds_less() -> None:
    often_wrong = replace(history(Signal.PROBE, State.DOWN), wrong=3.0)
    assert weigh({Signal.PROBE: often_wrong}, 0, 0, NOW) == {"probe": 0.25}


def test_an_old_look_is_no_look() -> None:
    unread = history(Signal.OFFICIAL, State.DOWN, read_at=NOW - 3600)
    assert weigh({Signal.OFFICIAL: unread}, 0, 0, NOW) == {}


def test_talk_counts_against_the_usual_talk_and_only_so_much() -> None:
    assert weigh({}, 3, 3.0, NOW) == {}
    assert 0 < weigh({}, 4, 0.5, NOW)["talk"] < MOST_TALK
    assert weigh({}, 5000, 0.5, NOW) == {"talk": MOST_TALK}
