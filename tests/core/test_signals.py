"""The state of a signal after one reading, and after the next."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signals import NOT_CONNECTED, Cause, Incident, Reading, Seen, Signal, SignalBoard, State, settle

UP, DOWN, UNKNOWN, GONE = State.UP, State.DOWN, State.UNKNOWN, State.GONE
CAUSES = {UNKNOWN: Cause.TIMEOUT, GONE: Cause.PAGE_GONE}


def look(state: State, at: float = 0.0, signal: Signal = Signal.OFFICIAL) -> Reading:
    return Reading(signal, state, CAUSES.get(state, Cause.ANSWERED), at)


def after(*states: State) -> list[Seen]:
    """The state after each of these readings, a minute apart."""
    held: list[Seen] = []
    for minute, state in enumerate(states):
        held.append(settle(held[-1] if held else None, look(state, minute * 60.0)))
    return held


@pytest.mark.parametrize(
    ("looks", "shown"),
    [
        ([UP, GONE, GONE, GONE], [UP, UNKNOWN, UNKNOWN, GONE]),
        ([DOWN, GONE, GONE, GONE, GONE], [DOWN, UNKNOWN, UNKNOWN, GONE, GONE]),
        ([State.MAINTENANCE, GONE], [State.MAINTENANCE, UNKNOWN]),
        ([State.DEGRADED, GONE], [State.DEGRADED, UNKNOWN]),
    ],
)
def test_a_page_that_was_read_before_is_gone_at_the_third_look_that_misses_it(
    looks: list[State], shown: list[State]
) -> None:
    assert [seen.now.state for seen in after(*looks)] == shown


@pytest.mark.parametrize("looks", [[GONE], [UNKNOWN, GONE], [UNKNOWN, UNKNOWN, UNKNOWN, GONE]])
def test_a_page_that_was_never_read_is_gone_at_once(looks: list[State]) -> None:
    assert after(*looks)[-1].now.state is GONE


def test_a_page_that_was_read_in_between_has_three_strikes_again() -> None:
    shown = [seen.now.state for seen in after(UP, GONE, GONE, UP, GONE, GONE, GONE)]

    assert shown == [UP, UNKNOWN, UNKNOWN, UP, UNKNOWN, UNKNOWN, GONE]


def test_a_page_that_returns_is_shown_at_once_and_may_be_missed_twice_again() -> None:
    shown = [seen.now.state for seen in after(GONE, GONE, GONE, GONE, UP, GONE, GONE)]

    assert shown[3:] == [GONE, UP, UNKNOWN, UNKNOWN]


def test_a_look_that_failed_is_no_strike_and_forgives_none() -> None:
    shown = [seen.now.state for seen in after(UP, GONE, UNKNOWN, GONE, UNKNOWN, GONE)]

    assert shown == [UP, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, GONE]


def test_a_page_that_is_gone_stays_gone_after_a_look_that_failed() -> None:
    shown = [seen.now.state for seen in after(UP, GONE, GONE, GONE, UNKNOWN, GONE)]

    assert shown[3:] == [GONE, UNKNOWN, GONE]


@pytest.mark.parametrize("failed", [UNKNOWN, GONE])
def test_what_cannot_be_read_is_not_shown_as_fine_or_down_and_keeps_its_last_word(failed: State) -> None:
    [known, *rest] = after(DOWN, *[failed] * 5)

    assert all(not seen.now.known for seen in rest)
    assert all(seen.last_known == known.now for seen in rest)
    assert [seen.now.at for seen in rest] == [60.0, 120.0, 180.0, 240.0, 300.0]


def test_a_page_in_doubt_says_what_was_seen_and_when_but_not_its_old_incidents() -> None:
    incident = Incident("Login fails", "investigating")
    known = Reading(Signal.OFFICIAL, DOWN, Cause.ANSWERED, 0.0, "https://a.example", "Outage", (incident,))
    missing = Reading(Signal.OFFICIAL, GONE, Cause.PAGE_GONE, 60.0, "https://a.example", "HTTP 404")

    seen = settle(settle(None, known), missing)

    assert seen.now == Reading(Signal.OFFICIAL, UNKNOWN, Cause.PAGE_GONE, 60.0, "https://a.example", "HTTP 404")
    assert seen.last_known == known


@given(st.lists(st.sampled_from(list(State)), min_size=1, max_size=20))
def test_whatever_is_seen_a_page_that_spoke_is_not_called_gone_before_three_misses(states: list[State]) -> None:
    held = after(*states)

    for number, seen in enumerate(held):
        so_far = states[: number + 1]
        spoke = [at for at, state in enumerate(so_far) if state not in {UNKNOWN, GONE}]
        assert (seen.last_known.at if seen.last_known else None) == (spoke[-1] * 60.0 if spoke else None)
        if seen.now.state is GONE and spoke:
            assert so_far[spoke[-1] :].count(GONE) >= 3
        if seen.now.known:
            assert seen.now.state is so_far[-1]
    assert all(earlier.now.at < later.now.at for earlier, later in pairwise(held))


def unreached(at: float, cause: Cause = Cause.REFUSED) -> Reading:
    return Reading(Signal.PROBE, DOWN, cause, at, "https://a.example", "certificate has expired")


def shown(*readings: Reading) -> list[State]:
    held: Seen | None = None
    states: list[State] = []
    for reading in readings:
        held = settle(held, reading)
        states.append(held.now.state)
    return states


@pytest.mark.parametrize("cause", sorted(NOT_CONNECTED))
def test_what_cannot_be_connected_to_is_in_doubt_at_first_and_says_why(cause: Cause) -> None:
    first = settle(Seen(look(UP), look(UP)), unreached(60.0, cause))
    second = settle(first, unreached(80.0, cause))

    assert first.now == Reading(Signal.PROBE, UNKNOWN, cause, 60.0, "https://a.example", "certificate has expired")
    assert first.last_known == look(UP)
    assert (second.now, second.last_known) == (unreached(80.0, cause), unreached(80.0, cause))


@pytest.mark.parametrize("between", [UP, DOWN, GONE, UNKNOWN])
def test_only_looks_in_a_row_that_cannot_connect_count(between: State) -> None:
    states = shown(unreached(1), look(between, 2), unreached(3), unreached(4))

    assert (states[0], states[2], states[3]) == (UNKNOWN, UNKNOWN, DOWN)


def test_the_cause_may_change_from_one_look_to_the_next() -> None:
    assert shown(unreached(1, Cause.TIMEOUT), unreached(2, Cause.RESET)) == [UNKNOWN, DOWN]


@pytest.mark.parametrize("cause", [Cause.SERVER_ERROR, Cause.GATE])
def test_one_server_error_leaves_doubt_like_one_refused_connection_and_the_second_is_down(cause: Cause) -> None:
    errors = [Reading(Signal.PROBE, DOWN, cause, float(at), detail="HTTP 500") for at in range(3)]

    first = settle(Seen(look(UP), look(UP)), errors[0])

    assert (first.now.state, first.now.cause, first.now.detail) == (UNKNOWN, cause, "HTTP 500")
    assert first.in_doubt and not settle(first, errors[1]).in_doubt
    assert shown(look(UP), *errors) == [UP, UNKNOWN, DOWN, DOWN]
    assert shown(errors[0], unreached(1), look(UP), errors[2]) == [UNKNOWN, DOWN, UP, UNKNOWN]


def test_a_name_that_never_led_anywhere_may_be_a_wrong_one_and_is_not_called_down() -> None:
    lost = [unreached(at, Cause.DNS) for at in range(5)]

    assert shown(*lost) == [UNKNOWN] * 5
    assert shown(look(UP), *lost) == [UP, UNKNOWN, *[DOWN] * 4]
    assert not settle(None, lost[0]).in_doubt and settle(Seen(look(UP), look(UP)), lost[0]).in_doubt


@given(st.lists(st.tuples(st.sampled_from(list(State)), st.sampled_from(list(Cause))), min_size=1, max_size=12))
def test_whatever_a_probe_finds_one_look_alone_never_makes_a_service_down(found: list[tuple[State, Cause]]) -> None:
    held: Seen | None = None
    for at, (state, cause) in enumerate(found):
        held = settle(held, Reading(Signal.PROBE, state, cause, float(at)))
        if held.now.state is DOWN:
            assert at > 0 and found[at - 1][0] is DOWN


def test_the_board_keeps_services_and_signals_apart() -> None:
    board = SignalBoard()
    board.put("a", look(UP, 1.0))
    board.put("a", look(State.DEGRADED, 2.0, Signal.PROBE))
    board.put("b", look(GONE, 3.0))

    held = {
        (service, signal): seen.now.state
        for service in ("a", "b")
        for signal in Signal
        if (seen := board.get(service, signal)) is not None
    }

    assert held == {("a", Signal.OFFICIAL): UP, ("a", Signal.PROBE): State.DEGRADED, ("b", Signal.OFFICIAL): GONE}


def test_the_board_gives_back_what_it_holds_and_counts_misses_by_source() -> None:
    board = SignalBoard()
    board.put("a", look(UP))
    board.put("b", look(UP))
    for _ in range(2):
        board.put("a", look(GONE))

    first_miss_of_b = board.put("b", look(GONE))
    third_miss_of_a = board.put("a", look(GONE))

    assert (first_miss_of_b.now.state, third_miss_of_a.now.state) == (UNKNOWN, GONE)
    assert board.get("a", Signal.OFFICIAL) == third_miss_of_a
