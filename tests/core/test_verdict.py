"""Verdicts: the combined result of the signals, never better or worse than the evidence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signals import Cause, Incident, Maintenance, Reading, Seen, Signal, State
from bot.core.tally import Counts, Tally
from bot.core.verdict import Confidence, Word, at_least, decide

NOW, DAY = 1_800_000_000.0, 86_400


def seen(signal: Signal, state: State, age: float = 0) -> dict[Signal, Seen | None]:
    return {signal: Seen(Reading(signal, state, Cause.ANSWERED, NOW - age))}


def tally(people: int, *, servers: int = 1, usual: float | None = None, me: bool = False) -> Tally:
    return Tally(Counts(people, people, people), servers=servers, usual=usual, asker_counted=me)


@pytest.mark.parametrize(
    ("people", "usual", "word"),
    [
        (0, None, Word.NOBODY_ELSE),
        (1, None, Word.SOME_OTHERS),
        (5, None, Word.SOME_OTHERS),
        (6, None, Word.NOT_JUST_YOU),
        (6, 2.0, Word.SOME_OTHERS),
        (41, 2.0, Word.NOT_JUST_YOU),
        (12, 10.0, Word.SOME_OTHERS),
        (400, 300.0, Word.NOT_JUST_YOU),
        (2050, 2000.0, Word.SOME_OTHERS),
        (3000, 2000.0, Word.NOT_JUST_YOU),
        (1010, 1000.0, Word.SOME_OTHERS),
        (1_200, 1000.0, Word.NOT_JUST_YOU),
        (1_000_000, 2.0, Word.NOT_JUST_YOU),
    ],
)
def test_a_crowd_is_more_than_usual_brings_by_chance(people: int, usual: float | None, word: Word) -> None:
    assert decide(tally(people, usual=usual), {}, NOW).word is word


def test_the_askers_own_report_is_nobody_else() -> None:
    assert decide(tally(1, me=True), {}, NOW).word is Word.NOBODY_ELSE


def test_other_signals_back_people_up_but_never_become_people() -> None:
    down = seen(Signal.PROBE, State.DOWN)
    alone = decide(tally(0), down, NOW)
    together = decide(tally(30, servers=1), down, NOW)
    assert (alone.word, alone.backed_by) == (Word.SERVICE_SAYS_SO, (Signal.PROBE,))
    assert (together.word, together.confidence) == (Word.NOT_JUST_YOU, Confidence.HIGH)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.GONE, State.UP, State.MAINTENANCE])
def test_what_is_unknown_gone_or_fine_backs_nothing(state: State) -> None:
    assert decide(tally(0), seen(Signal.OFFICIAL, state), NOW).word is Word.NOBODY_ELSE


def page(state: State, *incidents: Incident, work: Maintenance | None = None) -> dict[Signal, Seen | None]:
    reading = Reading(Signal.OFFICIAL, state, Cause.ANSWERED, NOW, incidents=incidents)
    return {Signal.OFFICIAL: Seen(replace(reading, maintenances=(work,) if work else ()))}


NOTICE = Incident("Read this", "monitoring", since=NOW - 60, impact=State.UP)
FORGOTTEN = Incident("Slow", "monitoring", since=NOW - 90 * DAY)
NEW = Incident("Slow", "investigating", since=NOW - 600)
UNDATED = Incident("Slow", "investigating")


@pytest.mark.parametrize(
    ("incidents", "backs"),
    [
        ((), True),
        ((NEW,), True),
        ((UNDATED,), True),
        ((FORGOTTEN, NEW), True),
        ((NOTICE,), True),
        ((FORGOTTEN,), False),
        ((FORGOTTEN, NOTICE), False),
        ((FORGOTTEN, FORGOTTEN), False),
    ],
)
def test_a_page_whose_incidents_are_all_old_backs_nothing(incidents: tuple[Incident, ...], backs: bool) -> None:
    verdict = decide(tally(0), page(State.DEGRADED, *incidents), NOW)
    assert (verdict.word, verdict.backed_by) == (
        (Word.SERVICE_SAYS_SO, (Signal.OFFICIAL,)) if backs else (Word.NOBODY_ELSE, ())
    )


def test_a_notice_backs_nothing() -> None:
    assert decide(tally(0), page(State.UP, NOTICE), NOW).word is Word.NOBODY_ELSE


@pytest.mark.parametrize(
    ("state", "work", "going_on"),
    [
        (State.MAINTENANCE, None, True),
        (State.MAINTENANCE, Maintenance("Upgrade", True), True),
        (State.DEGRADED, Maintenance("Upgrade", True, ends=NOW + 60), True),
        (State.UP, Maintenance("Upgrade", True, ends=NOW - 3600), True),
        (State.UP, Maintenance("Upgrade", True, ends=NOW - 2 * DAY), False),
        (State.UP, Maintenance("Upgrade", False, starts=NOW + 60), False),
    ],
)
def test_maintenance_that_goes_on_is_told_beside_the_verdict(
    state: State, work: Maintenance | None, going_on: bool
) -> None:
    assert decide(tally(3), page(state, work=work), NOW).maintenance == going_on


def test_an_old_reading_says_nothing_about_now() -> None:
    assert decide(tally(0), seen(Signal.PROBE, State.DOWN, age=3600), NOW).word is Word.NOBODY_ELSE


def test_one_server_alone_is_never_a_sure_crowd() -> None:
    assert decide(tally(100, servers=1), {}, NOW).confidence is Confidence.MEDIUM
    assert decide(tally(100, servers=5), {}, NOW).confidence is Confidence.HIGH


@given(st.integers(0, 500), st.floats(0, 200))
def test_chance_is_a_chance_and_falls_with_the_count(count: int, mean: float) -> None:
    assert 0.0 <= at_least(count + 1, mean) <= at_least(count, mean) <= 1.0
