"""A minute of the watch: its input is not changed, and its output is the new state."""

import json
from dataclasses import replace

import pytest

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.outages import Level, OutageDetector
from bot.core.reports import DAY, MINUTE
from bot.core.signals import Cause, Incident, Maintenance, Reading, Seen, Signal, State
from bot.core.watch import (
    LONGEST_DELAY,
    Observation,
    WatchState,
    audience,
    confirmed,
    ends_waiting,
    next_state,
    skip_to,
    skip_unobserved,
    take_in,
    with_incidents,
    written,
)

NOW = 30_000_000
"""A minute since the epoch."""
MANY = Observation(reporters=8, servers=5, symptoms={"login": 6}, talking=40)
NOBODY = Observation()


def learned() -> OutageDetector:
    """A quiet day: one report every two hours."""
    detector = OutageDetector()
    for minute in range(NOW - 1440, NOW):
        detector.update(minute, int(minute % 120 == 0), int(minute % 120 < 15))
    return detector


STATE = WatchState("one", learned(), NOW)


def after(state: WatchState, *minutes: Observation) -> WatchState:
    for observed in minutes:
        state = next_state(state, observed)
    return state


def on() -> WatchState:
    state = after(STATE, *[MANY] * 6)
    assert state.outage is not None and state.outage.phase is Phase.ON
    return state


def read(state: State, *incidents: Incident, at: float = (NOW + 10) * MINUTE) -> Seen:
    cause = Cause.UNKNOWN_VALUE if state is State.UNKNOWN else Cause.ANSWERED
    return Seen(Reading(Signal.OFFICIAL, state, cause, at, detail="Errors", incidents=incidents))


def look_at(state: WatchState, official: Seen) -> WatchState:
    return take_in(state, {Signal.OFFICIAL: official})


def test_a_minute_changes_nothing_that_it_was_given() -> None:
    before = json.dumps(STATE.detector.state())
    first, second = next_state(STATE, MANY), next_state(STATE, MANY)
    assert json.dumps(STATE.detector.state()) == before and STATE.next_minute == NOW
    assert first.next_minute == NOW + 1
    assert json.dumps(first.detector.state()) == json.dumps(second.detector.state()) != before
    assert replace(first, detector=STATE.detector) == replace(second, detector=STATE.detector)


def test_a_crowd_becomes_an_outage_with_what_was_observed() -> None:
    outage = on().outage
    assert outage is not None
    assert (outage.servers, outage.symptoms, outage.evidence) == (5, {"login": 6}, {"talk": 1.0})
    assert NOW * MINUTE <= outage.began <= outage.seen == (NOW + 6) * MINUTE


def test_quiet_minutes_are_no_outage() -> None:
    state = after(STATE, *[NOBODY] * 30)
    assert state.outage is None and state.detector.level is Level.NORMAL and not state.call


def test_those_who_wait_are_called_at_the_recovery_and_once_more_at_the_end() -> None:
    state, called = on(), list[Phase]()
    for _ in range(240):
        state = next_state(state, NOBODY)
        assert state.outage is not None
        if state.call:
            called.append(state.outage.phase)
        if state.outage.phase is Phase.OVER:
            break
        state = written(state, state.outage)
        assert not state.call
    assert called == [Phase.RECOVERING, Phase.OVER]


def test_a_call_that_could_not_be_written_is_not_lost_in_the_next_minute() -> None:
    state = on()
    while not state.call:
        state = next_state(state, NOBODY)
    assert next_state(state, NOBODY).call


def test_whom_to_call_depends_on_the_phase_alone() -> None:
    suspected = Outage("one", Phase.SUSPECTED, 100)
    phases = {phase: ends_waiting(suspected, replace(suspected, phase=phase)) for phase in Phase}
    assert [phase for phase, calls in phases.items() if calls] == [Phase.RECOVERING, Phase.OVER, Phase.DISMISSED]
    assert not ends_waiting(replace(suspected, phase=Phase.OVER), replace(suspected, phase=Phase.OVER))
    assert not ends_waiting(suspected, None)


def test_a_closed_outage_is_not_watched_any_longer() -> None:
    outage = Outage("one", Phase.ON, 100, id=7)
    assert written(STATE, outage).outage == outage
    for phase in (Phase.OVER, Phase.DISMISSED):
        assert written(replace(STATE, outage=outage), replace(outage, phase=phase)).outage is None
    assert written(STATE, None).outage is None


def test_minutes_that_are_a_little_late_are_taken_in_and_a_long_pause_is_not() -> None:
    for late in (-1, 0, LONGEST_DELAY):
        assert skip_unobserved(STATE, NOW + late, reachable=True) is STATE
    away = skip_unobserved(STATE, NOW + LONGEST_DELAY + 1, reachable=True)
    assert (away.next_minute, away.unobserved) == (NOW + 12, ((NOW, NOW + 12),))
    set_back = skip_unobserved(STATE, NOW - 2, reachable=True)
    assert (set_back.next_minute, set_back.unobserved) == (NOW - 1, ())


def test_while_reports_cannot_reach_us_each_minute_is_unobserved() -> None:
    state = STATE
    for minute in range(NOW, NOW + 3):
        state = skip_unobserved(state, minute, reachable=False)
    assert (state.next_minute, state.unobserved) == (NOW + 3, ((NOW, NOW + 3),))
    assert skip_unobserved(state, NOW + 2, reachable=True) is state, "also in the rest of the last one"


def test_only_the_unobserved_minutes_of_the_last_day_are_kept() -> None:
    day = DAY // MINUTE
    state = replace(STATE, unobserved=((NOW - 2 * day, NOW - day), (NOW - 20, NOW - 10)))
    state = skip_to(state, NOW + 5)
    assert state.unobserved == ((NOW - 20, NOW - 10), (NOW, NOW + 5))
    assert skip_to(state, NOW - 15).unobserved == ((NOW - 20, NOW - 15),), "the clock was set back"


def test_an_incident_of_the_official_page_is_attached_to_the_open_outage() -> None:
    state = look_at(on(), read(State.UP, at=(NOW + 8) * MINUTE))
    incident = Incident("Login fails", "investigating", since=(NOW + 9) * MINUTE)
    outage = look_at(state, read(State.DEGRADED, incident)).outage
    assert outage is not None and state.outage is not None and state.outage.official_at is None
    assert (outage.official_title, outage.official_at, outage.official_read) == (
        "Login fails",
        (NOW + 9) * MINUTE,
        True,
    )
    assert outage.detected is not None and outage.lead == (NOW + 9) * MINUTE - outage.detected


@pytest.mark.parametrize("dated", [20, 180])
def test_who_spoke_first_is_decided_by_what_we_saw_not_by_a_backdated_incident(dated: int) -> None:
    state = on()
    for minute in range(6, 40):
        state = look_at(state, read(State.UP, at=(NOW + minute) * MINUTE))
    incident = Incident("Login fails", "identified", since=(NOW - dated) * MINUTE)
    outage = look_at(state, read(State.DEGRADED, incident, at=(NOW + 40) * MINUTE)).outage
    assert outage is not None and outage.detected is not None
    assert outage.official_title == "Login fails"
    assert outage.lead == (NOW + 39) * MINUTE - outage.detected, "39 minutes after the onset, when it was not there yet"


def test_where_no_look_bounds_the_time_nobody_is_told_who_spoke_first() -> None:
    incident = Incident("Login fails", "identified", since=(NOW + 1) * MINUTE)
    outage = look_at(on(), read(State.DEGRADED, incident)).outage
    assert outage is not None and outage.official_title == "Login fails" and outage.lead is None
    after_a_gap = look_at(on(), read(State.UP, at=(NOW - 60) * MINUTE))
    outage = look_at(after_a_gap, read(State.DEGRADED, incident)).outage
    assert outage is not None and outage.official_title == "Login fails" and outage.lead is not None
    undated = replace(incident, since=None)
    outage = look_at(after_a_gap, read(State.DEGRADED, undated)).outage
    assert outage is not None and outage.lead is None


def test_trouble_without_an_incident_counts_from_when_it_appeared() -> None:
    state = look_at(on(), read(State.UP, at=(NOW + 7) * MINUTE))
    state = look_at(state, read(State.DOWN, at=(NOW + 8) * MINUTE))
    state = look_at(state, read(State.DOWN, at=(NOW + 13) * MINUTE))
    outage = look_at(state, read(State.UNKNOWN, at=(NOW + 14) * MINUTE)).outage
    assert outage is not None
    assert (outage.official_at, outage.official_exact) == ((NOW + 7) * MINUTE, True)


def test_trouble_that_stood_before_is_not_the_official_word_on_this_outage() -> None:
    standing = Incident("Old", "monitoring", since=(NOW - 90 * 1440) * MINUTE)
    for trouble in (read(State.DEGRADED, standing), read(State.DEGRADED)):
        outage = look_at(on(), trouble).outage
        assert outage is not None and outage.official_at is None and outage.official_read
        assert outage.official_older, "it is not said that the page is silent"


def test_a_look_at_nothing_changes_nothing() -> None:
    assert take_in(STATE, {Signal.OFFICIAL: None, Signal.PROBE: None}) == STATE


def test_a_page_that_says_that_all_is_well_was_read() -> None:
    state = on()
    well, unread = (look_at(state, read(one)).outage for one in (State.UP, State.UNKNOWN))
    assert well is not None and well.official_read and well.official_at is None and not well.official_older
    assert unread == state.outage


def test_a_late_incident_is_attached_to_an_outage_that_is_over() -> None:
    past = Outage("one", Phase.OVER, NOW * MINUTE, seen=NOW * MINUTE + 600, ended=NOW * MINUTE + 600)
    state = look_at(STATE, read(State.DEGRADED, Incident("Errors", "identified", since=NOW * MINUTE + 60)))
    assert with_incidents(past, state).official_at == NOW * MINUTE + 60
    well = look_at(STATE, read(State.UP))
    assert with_incidents(past, well) == past and with_incidents(past, STATE) == past


def test_one_server_is_confirmed_by_another_signal_or_when_it_was_so_before() -> None:
    outage = Outage("one", Phase.ON, 100)
    assert not confirmed(outage, {}, before=False) and not confirmed(None, {}, before=True)
    assert confirmed(outage, {}, before=True) and confirmed(None, {"probe": 0.5}, before=False)


def test_an_outage_of_one_server_is_announced_there_and_where_it_was_before() -> None:
    watching = {guild: GuildSettings(outage_channel=guild) for guild in (1, 2, 3)}
    assert audience(watching.items(), {}, None) == watching
    assert set(audience(watching.items(), {3: None}, {1})) == {1, 3}
    assert audience(watching.items(), {}, {0}) == {}, "only direct messages report it"


def test_maintenance_is_kept_with_the_outage_while_it_goes_on_and_stops_no_report() -> None:
    work = Maintenance("Database upgrade", active=True, ends=(NOW + 90) * MINUTE)
    seen = read(State.MAINTENANCE)
    during = look_at(STATE, replace(seen, now=replace(seen.now, maintenances=(work,))))
    state = after(during, *[MANY] * 6)
    assert state.outage is not None and state.outage.phase is Phase.ON

    listed = look_at(state, replace(seen, now=replace(seen.now, maintenances=(work,)))).outage
    assert listed is not None and (listed.maintenance, listed.maintenance_ends) == ("Database upgrade", work.ends)
    unlisted = look_at(state, read(State.MAINTENANCE)).outage
    assert unlisted is not None and (unlisted.maintenance, unlisted.maintenance_ends) == ("Errors", None)
    unread = look_at(replace(state, outage=listed), read(State.UNKNOWN, at=(NOW + 11) * MINUTE)).outage
    assert unread is not None and unread.maintenance == "Database upgrade"
    done = look_at(replace(state, outage=listed), read(State.UP, at=(NOW + 12) * MINUTE)).outage
    assert done is not None and (done.maintenance, done.maintenance_ends) == ("", None)
