"""The top of a card in each state: verdict, numbers, what to do, its colour, and its main button."""

from dataclasses import replace

import pytest

from bot.core.reports import MINUTE
from bot.core.signals import Signal
from bot.discord_ui.render import verdict, words
from bot.discord_ui.render.help import guide_card, help_card
from bot.discord_ui.render.layout import Card, Edge
from bot.discord_ui.render.reply import auto_reply
from bot.usecases.reports.answer_help import HelpAnswer
from tests.cards.measure import buttons_of, edge_of
from tests.cards.states import World, service
from tests.discord_ui.test_hostile_pages import texts_of
from tests.resources import resources

NOW = 1_800_000_000
TEXTS = resources().languages.texts("en")
ANSWERS = World(NOW).answers()
STEPS = [step.title for step in service().guide("en").steps]


def text_of(card: Card) -> str:
    return "\n".join(texts_of(card))


@pytest.mark.parametrize(
    ("state", "headline", "edge", "main"),
    [
        ("outage", "It's not just you", Edge.OUTAGE, "I have this too"),
        ("some", "Some others report trouble, too", Edge.SOME, "I have this too"),
        ("service-says-so", "has problems", Edge.SOME, "Broken for me"),
        ("faded", "Fewer reports, but our own check still fails", Edge.SOME, "I have this too"),
        ("faded-unsure", "Fewer reports, but it may not be over", Edge.SOME, "I have this too"),
        ("calm", "No one else has reported", Edge.CALM, "Broken for me"),
        ("unknown", "We can't tell yet whether it's just you", Edge.UNKNOWN, "Broken for me"),
        ("back", "Looks back to normal", Edge.BACK, "Still broken for me"),
    ],
)
def test_each_state_is_told_first_with_a_colour_and_one_main_action(
    state: str, headline: str, edge: Edge, main: str
) -> None:
    for card in (help_card(TEXTS, ANSWERS[state]), auto_reply(TEXTS, ANSWERS[state])):
        first = text_of(card).splitlines()[0]
        assert headline in first and edge_of(card) == edge
    assert buttons_of(help_card(TEXTS, ANSWERS[state]))[0] == main


def test_an_all_clear_against_a_signal_says_what_still_fails_on_every_card() -> None:
    back = ANSWERS["back"]
    assert back.outage is not None
    still = replace(back, outage=replace(back.outage, still={"probe": NOW}))
    for card in (help_card(TEXTS, still), auto_reply(TEXTS, still)):
        assert "Our own check still fails. But reports are back to the usual level." in text_of(card)


@pytest.mark.parametrize("state", ["outage", "service-says-so", "faded", "back"])
def test_who_can_only_wait_is_not_told_to_clear_cookies_but_may_ask(state: str) -> None:
    card = help_card(TEXTS, ANSWERS[state])
    assert not any(step in text_of(card) for step in STEPS)
    assert "What helps?" in buttons_of(card)
    assert all(step in text_of(guide_card(TEXTS, ANSWERS[state])) for step in STEPS)


@pytest.mark.parametrize("state", ["calm", "some", "unknown"])
def test_where_it_may_be_the_person_the_guide_is_the_answer(state: str) -> None:
    text = text_of(help_card(TEXTS, ANSWERS[state]))
    lines = text.splitlines()
    for number, step in enumerate(service().guide("en").steps, start=1):
        at = lines.index(f"**{number}. {step.title}.** {step.do}")
        assert lines[at + 1] == f"-# {step.reason}"


def test_an_outage_says_how_long_most_lasted_until_it_lasts_longer() -> None:
    known = ANSWERS["outage"]
    assert "Most outages end within 25 minutes." in text_of(help_card(TEXTS, known))
    assert known.outage is not None
    longer = replace(known, outage=replace(known.outage, began=known.outage.began - 20 * MINUTE))
    assert "This one has already lasted longer than most." in text_of(help_card(TEXTS, longer))
    unknown = replace(known, typical=None)
    assert "Waiting helps most." in text_of(help_card(TEXTS, unknown)) and "Most outages" not in text_of(
        help_card(TEXTS, unknown)
    )


def test_a_service_without_sources_is_calm_when_nobody_reports_and_one_whose_sources_are_old_is_not() -> None:
    calm = ANSWERS["calm"]
    assert verdict.edge(replace(calm, seen={})) is Edge.CALM
    assert not verdict.unseen(calm)
    later = HelpAnswer(calm.service, calm.verdict, calm.tally, calm.seen, calm.at + 3600)
    assert verdict.unseen(later), "what was read an hour ago says nothing of now"
    assert verdict.unseen(replace(calm, seen={Signal.PROBE: None}))


@pytest.mark.parametrize(
    ("usual", "said"),
    [(0.0, "0 or 1"), (0.7, "0 or 1"), (1.0, "about 1"), (7.4, "about 7"), (41.3, "about 40"),
     (97.0, "about 95"), (143.0, "about 140"), (2345.6, "about 2,300")],
)  # fmt: skip
def test_a_usual_number_is_plain(usual: float, said: str) -> None:
    assert words.usually(TEXTS, usual) == f"usually {said}"


def test_maintenance_is_waited_for_and_the_steps_are_one_press_away() -> None:
    card = help_card(TEXTS, ANSWERS["maintenance"])
    assert "but maintenance is in progress" in text_of(card).splitlines()[0] and edge_of(card) == Edge.SOME
    assert "That may be why it fails for you." in text_of(card) and STEPS[0] not in text_of(card)
    assert "The official page reports maintenance: that may be why." in text_of(
        auto_reply(TEXTS, ANSWERS["maintenance"])
    )


def test_steps_that_are_not_about_what_was_chosen_do_not_say_that_they_are() -> None:
    search, error = service().symptom("search"), service().symptom("error")
    assert "### What you can do" in text_of(guide_card(TEXTS, ANSWERS["calm"], search))
    assert "### Internal server error (500)" in text_of(guide_card(TEXTS, ANSWERS["calm"], error))
