"""The life of an outage, minute by minute: onset, growth, relapse, end; and the posts of the official page."""

from dataclasses import replace

import pytest

from bot.core.outage_life import (
    HELD_AGAINST,
    HELD_BY_BOTH,
    HELD_BY_ONE,
    ONE_OUTAGE_WITHIN,
    REOPENED_WITHIN,
    STEADY_AT_MOST,
    Assessment,
    Outage,
    Phase,
    advance,
    attach,
    reopens,
)
from bot.core.outages import Level, OutageDetector
from bot.core.signal_history import IncidentSeen, SignalHistory
from bot.core.signals import Signal, State

NOW = 1_700_000_000 // 60 * 60


def assessed(minute: int, level: Level, **more: int) -> Assessment:
    values = {"reporters": 3, "recent": 20, "usual": 2, "servers": 4, **more}
    return Assessment(at=NOW + minute * 60, level=level, **values)  # type: ignore[arg-type]


def live(*levels: Level, start: Outage | None = None, first: int = 0) -> Outage | None:
    outage = start
    for minute, level in enumerate(levels, first):
        outage = advance(outage, assessed(minute, level), "s")
    return outage


def on() -> Outage:
    outage = live(Level.LIKELY)
    assert outage is not None
    return outage


def test_nothing_is_going_on_in_ordinary_life() -> None:
    assert live(Level.NORMAL, Level.RECOVERED) is None


def test_the_onset_lies_before_it_is_noticed() -> None:
    outage = advance(None, assessed(5, Level.LIKELY, since=NOW + 60), "s")
    assert outage is not None
    assert (outage.phase, outage.began, outage.detected) == (Phase.ON, NOW + 60, NOW + 300)


def test_a_suspicion_becomes_an_outage_or_is_dismissed_after_ten_silent_minutes() -> None:
    suspected = live(Level.POSSIBLE)
    assert suspected is not None and suspected.phase is Phase.SUSPECTED and suspected.detected is None
    sure = live(Level.LIKELY, start=suspected, first=1)
    assert sure is not None and sure.phase is Phase.ON
    silent = live(*[Level.NORMAL] * 11, start=suspected, first=1)
    assert silent is not None and silent.phase is Phase.DISMISSED
    flickering = live(*[Level.NORMAL, Level.POSSIBLE] * 10, start=suspected, first=1)
    assert flickering is not None and flickering.phase is Phase.SUSPECTED


def test_a_suspicion_is_not_dismissed_while_a_signal_that_failed_with_it_still_fails() -> None:
    suspected = live(Level.POSSIBLE)
    assert suspected is not None
    for minute in range(1, 61):
        now = {Signal.PROBE: failing(until=NOW + minute * 60)}
        suspected = advance(suspected, replace(assessed(minute, Level.NORMAL), signals=now), "s")
        assert suspected is not None and (suspected.phase, set(suspected.still)) == (Phase.SUSPECTED, {"probe"})
    well = replace(failing(until=NOW + 3660), state=State.UP, better=NOW + 3360)
    over = advance(suspected, replace(assessed(61, Level.NORMAL), signals={Signal.PROBE: well}), "s")
    assert over is not None and (over.phase, over.still) == (Phase.DISMISSED, {})


def test_symptoms_are_those_of_the_people_beside_them_and_never_more() -> None:
    """Maxima taken symptom by symptom made "At most 40 people. Most common: 30 x Login, 28 x Chats"."""
    outage = on()
    for minute, (recent, symptoms) in enumerate([(40, {"login": 30}), (38, {"chats": 28}), (20, {"chats": 21})], 1):
        at = replace(assessed(minute, Level.LIKELY, recent=recent), symptoms=symptoms)
        outage = advance(outage, at, "s") or outage
    assert (outage.peak, outage.symptoms) == (40, {"login": 30})
    assert (outage.recent, outage.recent_symptoms) == (20, {"chats": 20})


def test_it_grows_and_keeps_its_highest() -> None:
    outage = on()
    for minute, (recent, servers) in enumerate([(30, 9), (50, 7), (40, 5)], 1):
        at = replace(assessed(minute, Level.LIKELY, recent=recent, servers=servers), symptoms={"login": recent // 2})
        outage = advance(outage, at, "s") or outage
    assert (outage.peak, outage.peak_at, outage.servers) == (50, NOW + 120, 9)
    assert outage.symptoms == {"login": 25} and outage.recent_symptoms == {"login": 20}
    assert outage.reports == 20 + 3 * 3


def test_a_relapse_within_half_an_hour_is_the_same_outage() -> None:
    calm = live(Level.RECOVERED, start=on(), first=10)
    assert calm is not None and calm.phase is Phase.RECOVERING and calm.ended == NOW + 600
    again = live(Level.LIKELY, start=calm, first=30)
    assert again is not None
    assert (again.phase, again.ended, again.began, again.detected) == (Phase.ON, None, NOW, NOW)


def test_a_service_that_fails_again_and_again_is_one_outage_with_the_time_that_it_failed() -> None:
    outage: Outage | None = None
    for minute in range(12 * 60):
        level = Level.LIKELY if minute % 25 < 5 else Level.RECOVERED
        outage = advance(outage, assessed(minute, level), "s")
    assert outage is not None
    assert (outage.phase, outage.began, outage.episodes) == (Phase.RECOVERING, NOW, 29)
    assert outage.lasted == 29 * 5 * 60, "not the twelve hours"
    assert outage.longest_calm == 20 * 60


def test_the_longer_it_was_calm_between_the_episodes_the_longer_it_must_hold() -> None:
    outage = replace(on(), episodes=3, longest_calm=50 * 60)
    calm = live(Level.RECOVERED, start=outage, first=10)
    minutes = 100
    nearly = live(*[Level.NORMAL] * (minutes - 1), start=calm, first=11)
    assert nearly is not None and nearly.phase is Phase.RECOVERING
    over = live(Level.NORMAL, start=nearly, first=10 + minutes)
    assert over is not None and over.phase is Phase.OVER
    assert replace(outage, longest_calm=86_400).steady_after == STEADY_AT_MOST
    assert replace(outage, longest_calm=60).steady_after == ONE_OUTAGE_WITHIN


def test_a_short_calm_between_two_bursts_was_no_calm() -> None:
    calm = live(Level.RECOVERED, start=on(), first=10)
    again = live(Level.LIKELY, start=calm, first=19)
    assert again is not None and not again.unstable and again.lasted == 19 * 60


def test_an_outage_that_is_over_goes_on_if_it_fails_again_soon_after() -> None:
    over = replace(on(), phase=Phase.OVER, ended=NOW + 600, seen=NOW + 2400)
    assert reopens(over, NOW + 600 + REOPENED_WITHIN) and not reopens(over, NOW + 601 + REOPENED_WITHIN)
    for other in (None, on(), replace(over, guild_id=7), replace(over, phase=Phase.DISMISSED)):
        assert not reopens(other, NOW + 2400)
    again = advance(over, assessed(60, Level.LIKELY), "s")
    assert again is not None
    assert (again.phase, again.episodes, again.failed, again.episode_began) == (Phase.ON, 2, 600, NOW + 3600)
    assert again.longest_calm == 3000


def failing(*, until: int | None = None, since: int = NOW) -> SignalHistory:
    """A signal that was well, failed from `since` on, and is read every minute (by `at`)."""
    return SignalHistory(State.DOWN, NOW + 10**9 if until is None else until, since - 60, since, since, since)


def calm_minutes(outage: Outage, signals: dict[Signal, SignalHistory], minutes: int) -> Outage:
    for minute in range(10, 10 + minutes):
        at = NOW + minute * 60
        fresh = {signal: replace(one, looked=at) for signal, one in signals.items()}
        outage = advance(outage, replace(assessed(minute, Level.NORMAL), signals=fresh), "s") or outage
    return outage


def test_no_all_clear_while_a_signal_that_failed_with_it_still_fails() -> None:
    both = {Signal.PROBE: failing(), Signal.OFFICIAL: failing()}
    held = calm_minutes(on(), both, 6 * 60)
    assert (held.phase, held.faded, set(held.still)) == (Phase.ON, NOW + 600, {"probe", "official"})
    mended = {signal: replace(one, state=State.UP, better=NOW + 370 * 60) for signal, one in both.items()}
    over = held
    for minute in range(370, 376):
        assert (over.phase, over.faded) == (Phase.ON, NOW + 600), "it must work for five minutes"
        now = {signal: replace(one, looked=NOW + minute * 60) for signal, one in mended.items()}
        over = advance(over, replace(assessed(minute, Level.NORMAL), signals=now), "s") or over
    assert (over.phase, over.ended, over.faded, over.still) == (Phase.RECOVERING, NOW + 370 * 60, None, {})


@pytest.mark.parametrize(
    ("signals", "held"),
    [
        ({Signal.PROBE: failing(), Signal.OFFICIAL: failing()}, HELD_BY_BOTH),
        ({Signal.PROBE: failing()}, HELD_BY_ONE),
        ({Signal.OFFICIAL: failing(), Signal.PROBE: SignalHistory()}, HELD_BY_ONE),
        ({Signal.OFFICIAL: failing(), Signal.PROBE: SignalHistory(State.UP)}, HELD_AGAINST),
        ({Signal.OFFICIAL: failing(since=NOW - 86_400)}, 0),
        ({Signal.OFFICIAL: replace(failing(), noticed=None, troubled=None, down=None)}, 0),
        ({Signal.OFFICIAL: replace(failing(), state=State.DEGRADED, troubled=NOW - 86_400, down=None)}, 0),
        ({Signal.OFFICIAL: replace(failing(), fixing=True)}, 0),
    ],
)
def test_a_signal_that_is_stuck_holds_the_all_clear_only_so_long(
    signals: dict[Signal, SignalHistory], held: int
) -> None:
    if held:
        before = calm_minutes(on(), signals, held // 60)
        assert before.phase is Phase.ON and before.faded == NOW + 600
    after = calm_minutes(on(), signals, held // 60 + 1)
    assert (after.phase, after.ended) == (Phase.RECOVERING, NOW + 600)
    assert bool(after.still) is bool(held), "it is said that they still fail"


def test_one_good_look_at_a_signal_that_fails_is_no_all_clear() -> None:
    held = calm_minutes(on(), {Signal.PROBE: failing()}, 60)
    up = replace(failing(), state=State.UP, better=NOW + 70 * 60, looked=NOW + 70 * 60)
    for minute, one in ((70, up), (71, replace(up, looked=NOW + 71 * 60)), (72, failing(until=NOW + 72 * 60))):
        held = advance(held, replace(assessed(minute, Level.NORMAL), signals={Signal.PROBE: one}), "s") or held
        assert (held.phase, bool(held.still)) == (Phase.ON, one.state is State.DOWN)


def test_a_signal_that_failed_when_it_was_last_read_holds_the_all_clear_for_an_hour() -> None:
    held = calm_minutes(on(), {Signal.PROBE: failing()}, 60)
    blind = {Signal.PROBE: failing(until=NOW + 69 * 60)}
    for minute in range(70, 130):
        held = advance(held, replace(assessed(minute, Level.NORMAL), signals=blind), "s") or held
        assert (held.phase, bool(held.still)) == (Phase.ON, minute < 80), "unknown is neither failing nor well"
    back = advance(held, replace(assessed(130, Level.NORMAL), signals=blind), "s")
    assert back is not None and (back.phase, back.still) == (Phase.RECOVERING, {})


def test_a_signal_that_says_that_all_is_well_is_believed_once_it_has_said_so_for_an_hour() -> None:
    both = {Signal.PROBE: failing(), Signal.OFFICIAL: failing()}
    held = calm_minutes(on(), both, 4 * 60)
    page = replace(failing(), state=State.UP, better=NOW + 250 * 60)
    for minute in range(250, 310):
        at = NOW + minute * 60
        now = {Signal.PROBE: failing(until=at), Signal.OFFICIAL: replace(page, looked=at)}
        held = advance(held, replace(assessed(minute, Level.NORMAL), signals=now), "s") or held
        assert (held.phase, set(held.still)) == (Phase.ON, {"probe"})
    now = {Signal.PROBE: failing(until=NOW + 310 * 60), Signal.OFFICIAL: replace(page, looked=NOW + 310 * 60)}
    back = advance(held, replace(assessed(310, Level.NORMAL), signals=now), "s")
    assert back is not None and (back.phase, set(back.still)) == (Phase.RECOVERING, {"probe"})


def test_a_signal_that_fails_again_after_the_all_clear_keeps_it_from_being_over() -> None:
    back = live(Level.RECOVERED, start=on(), first=10)
    again = {Signal.PROBE: failing(since=NOW + 1200)}
    for minute in range(20, 100):
        now = {Signal.PROBE: replace(again[Signal.PROBE], looked=NOW + minute * 60)}
        back = advance(back, replace(assessed(minute, Level.NORMAL), signals=now), "s")
        assert back is not None and (back.phase, set(back.still)) == (Phase.RECOVERING, {"probe"})
    well = {Signal.PROBE: replace(again[Signal.PROBE], state=State.UP, better=NOW + 6000, looked=NOW + 6300)}
    over = advance(back, replace(assessed(105, Level.NORMAL), signals=well), "s")
    assert over is not None and (over.phase, over.still) == (Phase.OVER, {})


def test_reports_that_come_back_while_it_is_held_are_the_same_episode() -> None:
    held = calm_minutes(on(), {Signal.PROBE: failing()}, 60)
    again = live(Level.LIKELY, start=held, first=80)
    assert again is not None
    assert (again.phase, again.faded, again.still, again.episodes) == (Phase.ON, None, {}, 1)
    assert again.lasted == 80 * 60


def test_it_is_over_after_half_an_hour_of_calm() -> None:
    outage = live(Level.RECOVERED, start=on(), first=10)
    minutes = ONE_OUTAGE_WITHIN // 60
    nearly = live(*[Level.NORMAL] * (minutes - 1), start=outage, first=11)
    assert nearly is not None and nearly.phase is Phase.RECOVERING
    over = live(Level.NORMAL, start=nearly, first=10 + minutes)
    assert over is not None and over.phase is Phase.OVER and over.lasted == 600


def test_the_end_is_when_the_calm_began_not_when_it_was_sure() -> None:
    outage = advance(on(), assessed(14, Level.RECOVERED, calm_since=NOW + 8 * 60), "s")
    assert outage is not None and outage.ended == NOW + 8 * 60


def test_what_nobody_watched_is_told_apart_and_only_after_a_look_of_a_quarter_of_an_hour() -> None:
    back = live(*[Level.NORMAL] * 15, start=on(), first=200)
    assert back is not None and back.phase is Phase.ON, "its end is not known yet"
    calm = live(Level.NORMAL, start=back, first=215)
    assert calm is not None
    assert (calm.phase, calm.ended, calm.unwatched) == (Phase.RECOVERING, NOW, 200 * 60)
    over = live(*[Level.NORMAL] * 15, start=calm, first=216)
    assert over is not None and over.phase is Phase.OVER
    still_on = live(Level.LIKELY, start=back, first=215)
    assert still_on is not None and still_on.unwatched == 0
    later = live(Level.RECOVERED, start=still_on, first=230)
    assert later is not None and later.lasted == 230 * 60


@pytest.mark.parametrize("off", [-1440, 1440])
def test_a_clock_off_by_a_day_gives_no_negative_time(off: int) -> None:
    outage: Outage | None = on()
    for minute in range(1, 60):
        outage = advance(outage, assessed(minute + off, Level.LIKELY if minute < 5 else Level.NORMAL), "s") or outage
    assert outage is not None and outage.lasted >= 0 and outage.phase is Phase.OVER
    assert outage.ended is not None and outage.ended >= outage.began


def incident(title: str, *, since: float | None, unseen: float | None, seen: float = NOW + 7200) -> IncidentSeen:
    return IncidentSeen(title, title, State.DEGRADED, seen, unseen, since)


def test_lead_over_the_official_word_also_when_it_was_first() -> None:
    outage = on()
    later = attach(outage, incident("Errors", since=NOW + 900, unseen=NOW + 860, seen=NOW + 920))
    earlier = attach(outage, incident("Errors", since=NOW - 600, unseen=NOW - 610, seen=NOW - 550))
    assert (later.lead, earlier.lead, outage.lead) == (900, -600, None)
    assert attach(later, incident("Another", since=NOW, unseen=NOW - 60)) == later, "the first word counts"


def test_incidents_of_another_time_are_not_this_outages() -> None:
    outage = on()
    older = attach(outage, incident("Yesterday", since=NOW - 86_400, unseen=None))
    assert older == replace(outage, official_older=True)
    unsaid = attach(outage, incident("No time given", since=None, unseen=None, seen=NOW + 120))
    assert unsaid.official_at == NOW + 120
    assert unsaid.lead is None, "when we saw it is not when it was said"


def test_an_incident_belongs_to_an_outage_from_half_an_hour_before_it_to_two_hours_after() -> None:
    outage = replace(on(), seen=NOW + 3600)
    ended = replace(outage, ended=NOW + 1800)
    for one, end in ((outage, NOW + 3600), (ended, NOW + 1800)):
        for at, belongs in ((NOW - 1801, False), (NOW - 1800, True), (end + 7200, True), (end + 7201, False)):
            attached = attach(one, incident("Errors", since=at, unseen=at - 9, seen=at + 9))
            assert (attached.official_at == at) is belongs, at - NOW


def test_a_minute_is_known_at_its_end_so_that_no_lead_is_flattered() -> None:
    detector = OutageDetector()
    detector.update(1000, 3, 2)
    seen = Assessment.by(detector, 1000, 3, 2)
    assert (seen.at, seen.reporters, seen.servers, seen.recent) == (1001 * 60, 3, 2, 3)
    assert seen.since is None and seen.calm_since is None
    outage = advance(None, replace(seen, level=Level.LIKELY), "s")
    assert outage is not None and outage.detected == 1001 * 60
    assert attach(outage, incident("Errors", since=1003 * 60, unseen=1003 * 60, seen=1004 * 60)).lead == 120


def test_the_times_of_the_detector_are_the_begins_of_its_minutes() -> None:
    detector, minute = OutageDetector(), 29_000_000
    for _ in range(3 * 1440):
        minute += 1
        detector.update(minute, int(minute % 60 == 0), int(minute % 60 < 15))
    while detector.update(minute := minute + 1, 6, 5) is not Level.LIKELY:
        pass
    seen = Assessment.by(detector, minute, 6, 5)
    assert detector.since is not None and seen.since == detector.since * 60
    while detector.update(minute := minute + 1, 0, 0) is not Level.RECOVERED:
        pass
    seen = Assessment.by(detector, minute, 0, 0)
    assert detector.calm_since is not None and seen.calm_since == detector.calm_since * 60
