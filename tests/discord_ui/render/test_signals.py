"""What cards say about a reading besides its state: maintenance, the age of incidents, and doubt."""

import pytest

from bot.core.signals import Cause, Incident, Maintenance, Reading, Seen, Signal, State, settle
from bot.core.tally import Counts, Tally
from bot.core.verdict import decide
from bot.discord_ui.render import words
from bot.discord_ui.render.help import help_card
from bot.discord_ui.render.layout import Card, Picture
from bot.discord_ui.render.status import details_card, status_card
from bot.usecases.reports.answer_help import HelpAnswer
from tests.discord_ui.test_hostile_pages import texts_of
from tests.resources import resources
from tests.usecases.fakes import a_service

NOW, HOUR, DAY = 1_800_000_000, 3600, 86_400
TEXTS, SERVICE = resources().languages.texts("en"), a_service()


def answer(held: Seen) -> HelpAnswer:
    seen: dict[Signal, Seen | None] = {held.now.signal: held}
    tally = Tally(Counts(3, 4, 5))
    return HelpAnswer(SERVICE, decide(tally, seen, NOW), tally, seen, NOW)


def page(
    state: State, *incidents: Incident, detail: str = "Slow", maintenances: tuple[Maintenance, ...] = ()
) -> HelpAnswer:
    reading = Reading(Signal.OFFICIAL, state, Cause.ANSWERED, NOW, None, detail, incidents, maintenances)
    return answer(Seen(reading, reading))


def lines(card: Card) -> list[str]:
    return "\n".join(texts_of(card)).splitlines()


def status(shown: HelpAnswer) -> list[str]:
    return lines(status_card(TEXTS, shown, Picture("a picture", "bars")))


def details(shown: HelpAnswer) -> list[str]:
    return lines(details_card(TEXTS, shown, Picture("a picture", "bars")))


def help_(shown: HelpAnswer) -> list[str]:
    return lines(help_card(TEXTS, shown))


def test_maintenance_that_goes_on_is_told_with_its_name_and_end_and_reports_count() -> None:
    work = Maintenance("Database upgrade", True, starts=NOW - HOUR, ends=NOW + HOUR)
    shown = page(State.MAINTENANCE, maintenances=(work,), detail="Database upgrade")

    assert f"-# Maintenance until <t:{NOW + HOUR}:t>: Database upgrade" in details(shown)
    for card_lines in (status(shown), help_(shown)):
        assert any("The official page reports maintenance: that may be why." in line for line in card_lines)
        assert any("**3 people** report trouble" in line for line in card_lines)


def test_maintenance_without_an_end_is_told_by_its_name() -> None:
    shown = page(State.DEGRADED, maintenances=(Maintenance("Upgrade", True),))

    assert "-# Maintenance in progress: Upgrade." in details(shown)


@pytest.mark.parametrize(
    ("starts", "mentioned"), [(1, True), (DAY, True), (DAY + 1, False), (-HOUR, False), (None, False)]
)
def test_planned_maintenance_is_told_a_day_ahead(starts: int | None, mentioned: bool) -> None:
    begins = None if starts is None else NOW + starts
    work = Maintenance("Database upgrade", False, starts=begins, ends=NOW + 2 * DAY)
    shown = status(page(State.UP, maintenances=(work,)))

    planned = f"- Database upgrade · from <t:{begins}:f> to <t:{NOW + 2 * DAY}:f>"
    assert (planned in shown) == ("### Maintenance planned on the official page" in shown) == mentioned
    assert not any("going on" in line for line in shown)


def test_planned_maintenance_without_an_end_begins() -> None:
    shown = status(page(State.UP, maintenances=(Maintenance("Upgrade", False, starts=NOW + HOUR),)))

    assert f"- Upgrade · from <t:{NOW + HOUR}:f>" in shown


def test_an_old_incident_is_told_with_its_age_and_backs_nothing() -> None:
    since = NOW - 92 * DAY
    shown = page(State.DEGRADED, Incident("Slow", "monitoring", since=since))

    assert f"- Slow (monitoring) · began <t:{since}:R> · open for 3 months" in status(shown)
    for card_lines in (status(shown), help_(shown)):
        assert "-# Its incidents have been open for 3 months or longer, so they say little about now." in card_lines
        assert any("**Official status page**: reports problems" in line for line in card_lines)
        assert not any("has problems" in line for line in card_lines), "old news back nothing"


def test_a_new_incident_is_told_without_an_age() -> None:
    since = NOW - HOUR
    card_lines = status(page(State.DEGRADED, Incident("Slow", "monitoring", since=since)))

    assert f"- Slow (monitoring) · began <t:{since}:R>" in card_lines
    assert not any("open for" in line for line in card_lines)
    assert any("**Official status page**: reports problems" in line for line in card_lines)
    assert any("Confidence: medium" in line for line in card_lines)


def test_a_notice_is_told_as_one() -> None:
    card_lines = status(page(State.UP, Incident("Read this", "monitoring", impact=State.UP)))

    assert "- Read this (monitoring) · a notice, not an outage" in card_lines


def test_notices_do_not_crowd_out_an_incident() -> None:
    notices = [Incident(f"Read this {number}", "monitoring", impact=State.UP) for number in range(5)]
    card_lines = status(page(State.DEGRADED, *notices, Incident("Slow", "investigating")))

    assert "- Slow (investigating)" in card_lines and "- and 3 more" in card_lines


def test_the_first_look_that_finds_a_service_down_is_told_as_doubt() -> None:
    first = settle(None, Reading(Signal.PROBE, State.DOWN, Cause.SERVER_ERROR, NOW, detail="HTTP 500"))
    second = settle(first, Reading(Signal.PROBE, State.DOWN, Cause.SERVER_ERROR, NOW))
    doubt = "-# It counts as down if the next check finds the same."

    assert doubt in status(answer(first)) and doubt not in status(answer(second))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.5, "1 day"),
        (1.9, "1 day"),
        (45, "45 days"),
        (61, "2 months"),
        (92, "3 months"),
        (700, "22 months"),
        (800, "2 years"),
    ],
)
def test_an_age_is_told_in_one_unit(days: float, expected: str) -> None:
    assert words.age(TEXTS, days * DAY) == expected
