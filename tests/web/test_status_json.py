"""The page's JSON: each fact in its place."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.signals import Signal
from bot.core.tally import Counts
from bot.usecases.reports.public_state import PublicService
from bot.web.document import DocumentRequest
from bot.web.status_json import status_json
from tests.web.served import LANGUAGES
from tests.web.states import NOW, worlds

WORLDS = worlds()
BEGAN = NOW - 2 * DAY


def read(one: PublicService) -> dict[str, Any]:
    document = json.loads(status_json(DocumentRequest(LANGUAGES.texts("en"), [one], NOW)).text)
    assert document["as_of"] == "2026-11-30T12:00:00Z"
    (service,) = document["services"]
    return service


def of_outage(**more: object) -> dict[str, Any]:
    one = Outage("character-ai", Phase.OVER, BEGAN, id=1, detected=BEGAN + 240, ended=BEGAN + 41 * MINUTE, peak=58)
    changed = replace(one, **more)  # type: ignore[arg-type]
    (outage,) = read(replace(WORLDS["calm"][0], outages=(changed,)))["outages"]
    return outage


def test_an_outage_says_when_it_was_how_many_there_were_and_who_was_first() -> None:
    assert of_outage(official_at=BEGAN + 26 * MINUTE) == {
        "began": "2026-11-28T12:00:00Z",
        "ended": "2026-11-28T12:41:00Z",
        "going_on": False,
        "seconds": 41 * MINUTE,
        "episodes": 1,
        "peak": {"least": 58, "most": 58},
        "official_page": "2026-11-28T12:26:00Z",
        "lead_seconds": 22 * MINUTE,
    }
    assert of_outage()["official_page"] is None and of_outage()["lead_seconds"] is None


@pytest.mark.parametrize(
    ("phase", "going_on"),
    [(Phase.SUSPECTED, True), (Phase.ON, True), (Phase.RECOVERING, False), (Phase.OVER, False)],
)
def test_what_goes_on_is_told_so(phase: Phase, going_on: bool) -> None:
    assert of_outage(phase=phase)["going_on"] is going_on
    assert of_outage(phase=Phase.ON, ended=None, seen=BEGAN + HOUR)["ended"] is None


@pytest.mark.parametrize(("people", "bounds"), [(0, (0, 0)), (1, (1, 4)), (4, (1, 4)), (5, (5, 5)), (41, (41, 41))])
def test_a_few_people_are_only_a_range(people: int, bounds: tuple[int, int]) -> None:
    peak = of_outage(peak=people)["peak"]
    assert (peak["least"], peak["most"]) == bounds


def test_people_are_counted_in_three_windows_and_the_day_is_not_told_before_it_is_read() -> None:
    one = WORLDS["calm"][0]
    tally = one.answer.tally._replace(everywhere=Counts(6, 7, 8))
    known = read(replace(one, answer=replace(one.answer, tally=tally)))["people"]
    assert [known[name]["least"] for name in ("last_15_minutes", "last_hour", "last_24_hours")] == [6, 7, 8]
    assert known["known"] is True and known["at"] == "2026-11-30T12:00:00Z"
    reading = read(replace(one, answer=replace(one.answer, tally=tally._replace(whole_day=False))))["people"]
    assert reading["last_24_hours"] is None and reading["last_hour"]["least"] == 7


def test_a_source_says_what_it_said_when_and_one_that_was_not_read_is_unknown() -> None:
    one = WORLDS["outage"][0]
    probe = read(one)["sources"][0]
    assert probe == {"signal": "probe", "state": "down", "cause": "server_error", "at": "2026-11-30T11:59:00Z"}
    unread = replace(one, answer=replace(one.answer, seen={Signal.PROBE: None}))
    assert read(unread)["sources"] == [{"signal": "probe", "state": "unknown", "cause": "not_yet", "at": None}]


def test_a_false_alarm_and_the_grade_of_the_page_are_told() -> None:
    document = read(WORLDS["calm"][0])
    assert document["false_alarms"] == [{"began": "2026-11-26T12:00:00Z", "ended": "2026-11-26T12:15:00Z"}]
    assert document["official_delay"] == {"grade": "slow", "outages": 4, "posted": 2}
    assert read(replace(WORLDS["calm"][0], delay=None))["official_delay"] is None
