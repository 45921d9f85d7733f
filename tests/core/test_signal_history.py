"""When trouble of another signal was new: according to our readings, never to the page's own dates alone."""

import json
from dataclasses import replace

from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.signal_history import JUDGED_AFTER, STEADY_AFTER, UNREAD_FOR, SignalHistory, judge, look
from bot.core.signals import Cause, Incident, Reading, Signal, State

NOW = 1_700_000_000.0


def page(state: State, *incidents: Incident, at: float = NOW) -> Reading:
    known = state not in {State.UNKNOWN, State.GONE}
    cause = Cause.ANSWERED if known else Cause.TIMEOUT
    return Reading(Signal.OFFICIAL, state, cause, at, incidents=incidents)


def errors(impact: State = State.DEGRADED, *, since: float | None = None, state: str = "investigating") -> Incident:
    return Incident("Errors", state, since=since, id="i1", impact=impact)


def after(*readings: Reading) -> SignalHistory:
    history = SignalHistory()
    for reading in readings:
        history = look(history, reading)
    return history


def test_what_the_first_look_finds_is_not_new() -> None:
    for found in (page(State.DOWN), page(State.DEGRADED, errors()), page(State.DEGRADED, errors(since=None))):
        history = after(found)
        assert (history.worse, history.noticed) == (None, None)
        assert history.trouble(NOW)


def test_the_first_look_believes_a_recent_time_as_no_page_is_dated_later_than_it_was_written() -> None:
    assert after(page(State.DEGRADED, errors(since=NOW - 300))).worse == NOW - 300
    assert after(page(State.DEGRADED, errors(since=NOW + 300))).worse is None, "a time in the future says nothing"


def test_a_new_incident_is_as_old_as_the_last_look_without_it_however_it_is_dated() -> None:
    before = page(State.UP, at=NOW - MINUTE)
    for since, published in ((NOW - 3 * HOUR, NOW - MINUTE), (NOW - 20, NOW - 20), (None, NOW - MINUTE)):
        history = after(before, page(State.DEGRADED, errors(since=since)))
        assert history.worse == published and history.noticed == NOW
        assert history.incidents[0].published == published
        assert history.incidents[0].unseen == NOW - MINUTE


def test_what_stands_gets_no_younger_by_being_seen_again() -> None:
    history = after(*(page(State.DEGRADED, errors(), at=NOW + minute * MINUTE) for minute in range(120)))
    assert history.worse is None
    history = look(after(page(State.UP, at=NOW - 60)), page(State.DEGRADED, errors()))
    later = look(history, page(State.DEGRADED, errors(), at=NOW + 5 * HOUR))
    assert (later.worse, later.noticed) == (history.worse, history.noticed)


def test_what_gets_worse_is_new_and_what_gets_better_is_not() -> None:
    calm = after(page(State.UP, at=NOW - 60), page(State.DEGRADED, errors(), at=NOW))
    day = NOW + DAY
    still = look(calm, page(State.DEGRADED, errors(), at=day - 60))
    assert look(still, page(State.DOWN, errors(State.DOWN), at=day)).worse == day - 60
    second = Incident("More errors", "investigating", id="i2")
    assert look(still, page(State.DEGRADED, errors(), second, at=day)).worse == day - 60
    up = look(still, page(State.UP, at=day))
    assert up.worse == calm.worse and up.better == day and not up.trouble(day)
    assert look(up, page(State.DEGRADED, at=day + 60)).worse == day, "it began again"


def test_what_stood_before_is_told_from_what_began_to_fail() -> None:
    began = NOW - 60
    forgotten = page(State.DEGRADED, errors(), at=NOW - DAY)
    before = after(page(State.UP, at=NOW - DAY - 60), forgotten, replace(forgotten, at=NOW - 60))
    assert before.failing_since(began, NOW) is None
    worse = look(before, page(State.DOWN, errors(State.DOWN)))
    assert worse.failing_since(began, NOW) == NOW
    as_before = look(worse, page(State.DEGRADED, errors(), at=NOW + HOUR))
    assert as_before.trouble(NOW + HOUR) and as_before.failing_since(began, NOW + HOUR) is None
    second = Incident("More errors", "investigating", id="i2")
    assert look(before, page(State.DEGRADED, errors(), second)).failing_since(began, NOW) == NOW
    milder = look(after(page(State.UP, at=began), page(State.DOWN)), page(State.DEGRADED, at=NOW + HOUR))
    assert milder.failing_since(began, NOW + HOUR) == NOW, "it began with the outage and only got better"
    assert after(page(State.DEGRADED, errors())).failing_since(began, NOW) is None, "nobody knows since when"


def test_for_a_while_nobody_knows_whether_it_has_ended() -> None:
    began = NOW - 60
    down = after(page(State.UP, at=NOW - 60), page(State.DOWN))
    up = look(down, page(State.UP, at=NOW + 60))
    assert up.unsettled(began, NOW + 60) and not up.unsettled(began, NOW + 60 + STEADY_AFTER)
    assert not down.unsettled(began, NOW + 600), "it is known to fail"
    assert down.unsettled(began, NOW + 601) and not down.unsettled(began, NOW + UNREAD_FOR + 1)
    assert not up.unsettled(NOW + 1, NOW + 60), "what is older is no matter"
    assert not after(page(State.DOWN)).unsettled(began, NOW + 601)


def test_notices_and_maintenance_are_not_trouble() -> None:
    notice = Incident("Read our blog", "monitoring", id="n", impact=State.UP)
    history = after(page(State.UP, at=NOW - 60), page(State.UP, notice), page(State.MAINTENANCE, at=NOW + 60))
    assert history.worse is None and history.incidents == () and not history.trouble(NOW + 60)


def test_a_look_that_could_not_be_read_changes_nothing_and_the_last_one_soon_says_nothing() -> None:
    history = after(page(State.UP, at=NOW - 60), page(State.DOWN))
    for state in (State.UNKNOWN, State.GONE):
        assert look(history, page(state, at=NOW + 60)) is history
    assert history.trouble(NOW + 600) and not history.trouble(NOW + 601)
    assert after(page(State.UP)).fine(NOW + 600) and not after(page(State.UP)).fine(NOW + 601)


def test_trouble_after_a_blind_time_may_be_as_old_as_the_blindness() -> None:
    assert after(page(State.UP, at=NOW - 3 * HOUR), page(State.DOWN)).worse == NOW - 3 * HOUR


def test_a_page_that_waits_whether_its_repair_holds_says_so() -> None:
    monitoring = errors(state="monitoring")
    assert after(page(State.DEGRADED, monitoring)).fixing
    assert not after(page(State.DEGRADED, monitoring, Incident("Other", "identified", id="i2"))).fixing
    assert not after(page(State.DEGRADED)).fixing


def test_a_signal_is_trusted_as_often_as_it_was_right() -> None:
    history = after(page(State.UP, at=NOW - 60), page(State.DOWN))
    assert history.trust == 1
    assert judge(history, NOW + JUDGED_AFTER - 1, outage=False).unjudged == NOW
    wrong = judge(history, NOW + JUDGED_AFTER, outage=False)
    right = judge(history, NOW + 60, outage=True)
    assert (wrong.trust, right.trust, wrong.unjudged) == (0.5, 1, None)
    for number in range(1, 20):
        at = NOW + number * DAY
        wrong = look(look(wrong, page(State.UP, at=at - 60)), page(State.DOWN, at=at))
        wrong = judge(wrong, at + JUDGED_AFTER, outage=False)
    assert wrong.trust < 0.15
    assert judge(look(wrong, page(State.UP, at=at + DAY)), at + 2 * DAY, outage=True).right == 0, (
        "no change, no verdict"
    )


def test_a_history_survives_being_written_down() -> None:
    history = judge(after(page(State.UP, at=NOW - 60), page(State.DOWN, errors())), NOW + 60, outage=True)
    history = replace(history, better=NOW)
    assert SignalHistory.read(json.loads(json.dumps(history.document()))) == history
    assert SignalHistory.read(json.loads(json.dumps(SignalHistory().document()))) == SignalHistory()


def test_a_history_that_an_older_version_wrote_fails_since_it_became_worse() -> None:
    document = after(page(State.UP, at=NOW - 60), page(State.DOWN)).document()
    del document["troubled"], document["down"]
    assert SignalHistory.read(document).failing_since(NOW - 60, NOW) == NOW
