"""The report for the support: it contains what was typed, and nothing that contradicts its sender."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.signals import Cause, Reading, Seen, Signal, State
from bot.core.support import SupportDraft
from bot.core.tally import Counts
from bot.discord_ui.render.support import report_text
from bot.usecases.reports.answer_help import HelpAnswer
from tests.cards.states import World, service
from tests.resources import resources

TEXTS = resources().languages.texts("en")
NOW = 1_796_040_000
ANSWERS = World(NOW).answers()
CALM = ANSWERS["calm"]
STEPS = [step.title for step in service().guide("en").steps]
BARE = SupportDraft(happened=" It fails. ", since="", device="", steps_tried=[], symptom=None, all_evidence=False)


def lines(answer: HelpAnswer, **typed: Any) -> list[str]:
    return report_text(TEXTS, answer, replace(BARE, **typed)).splitlines()


def evidence(answer: HelpAnswer, *, everything: bool = False) -> list[str]:
    """What the bot knows, without its heading."""
    report = lines(answer, all_evidence=everything)
    heads = [number for number, line in enumerate(report) if line.startswith("What the Discord bot NotJustYou knows")]
    return report[heads[0] + 1 :] if heads else []


def test_only_what_was_typed_is_told() -> None:
    assert lines(CALM) == ["Hello Character.AI team,", "", "What happened: It fails.", "Steps tried: none yet"]
    report = lines(CALM, since=" an hour ", device="Android", steps_tried=[0, 2], symptom=service().symptom("login"))
    assert report[2:] == [
        "Kind of trouble: Cannot log in",
        "What happened: It fails.",
        "For how long: an hour",
        "Device: Android",
        "Steps tried: " + "; ".join(step.title for n, step in enumerate(login_steps()) if n in {0, 2}),
    ]


def login_steps() -> Any:
    return service().guide("en", service().symptom("login")).steps


def test_steps_that_there_are_not_are_left_out() -> None:
    report = lines(CALM, steps_tried=[0, len(STEPS) - 1, len(STEPS), 99, -1])
    assert report[-1] == f"Steps tried: {STEPS[0]}; {STEPS[-1]}"


@pytest.mark.parametrize(
    ("people", "asker", "usual", "mentioned"),
    [
        (3, False, 2.0, True),
        (2, False, 2.0, False),
        (3, True, 2.0, False),
        (1, False, None, True),
        (0, False, None, False),
    ],
)
def test_others_are_told_of_if_there_are_more_than_usual(
    people: int, asker: bool, usual: float | None, mentioned: bool
) -> None:
    tally = CALM.tally._replace(everywhere=Counts(people, people, people), asker_counted=asker, usual=usual)
    assert any(line.startswith("- People: ") for line in evidence(replace(CALM, tally=tally))) is mentioned


def test_an_outage_is_told_with_its_times() -> None:
    assert "- Outage #7, seen since 2026-11-30 11:48 UTC" in evidence(ANSWERS["outage"])
    back = evidence(ANSWERS["back"])
    assert "- Outage #7, seen from 2026-11-30 11:37 to 2026-11-30 11:51 UTC" in back
    assert not any(line.startswith("- People: ") for line in back), "its reports say nothing about now"


def of(state: State, cause: Cause = Cause.ANSWERED) -> HelpAnswer:
    """People report it, and our check reads this."""
    reading = Reading(Signal.PROBE, state, cause, NOW - 60)
    tally = CALM.tally._replace(everywhere=Counts(9, 9, 9), servers=3)
    return replace(CALM, tally=tally, seen={Signal.PROBE: Seen(reading, reading if reading.known else None)})


@pytest.mark.parametrize(
    ("state", "mentioned"),
    [(State.UP, False), (State.DEGRADED, True), (State.DOWN, True), (State.MAINTENANCE, True), (State.UNKNOWN, True)],
)
def test_our_check_is_told_of_if_it_supports_the_report_or_is_not_known(state: State, mentioned: bool) -> None:
    assert any(line.startswith("- Our own check: ") for line in evidence(of(state))) is mentioned
    assert any(line.startswith("- Our own check: ") for line in evidence(of(state), everything=True))


def test_what_is_not_known_is_told_last_and_only_beside_what_supports_it() -> None:
    known = evidence(of(State.UNKNOWN, Cause.TIMEOUT))
    names = [line.partition(":")[0] for line in known]
    assert names[0] == "- People" and sorted(names[1:]) == ["- Official status page", "- Our own check"]
    assert evidence(CALM) == []
    assert len(evidence(CALM, everything=True)) == 3
