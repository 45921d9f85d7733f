"""Cached cards: many people get the same card, and nobody gets an outdated one."""

from dataclasses import replace

import pytest

from bot.core.reports import MINUTE
from bot.core.service import Service, Symptom
from bot.core.tally import Counts
from bot.core.texts import Texts
from bot.discord_ui.answering.card_cache import CardCache, PartCache
from bot.discord_ui.render.layout import Card, note
from bot.usecases.reports.answer_help import HelpAnswer
from tests.cards.states import World, service
from tests.resources import resources

LANGUAGES = resources().languages
ENGLISH, GERMAN = LANGUAGES.texts("en"), LANGUAGES.texts("de")
NOW = 30_000_000 * MINUTE
CALM, OUTAGE = World(NOW).answers()["calm"], World(NOW).answers()["outage"]


class Drawn:
    """Counts what is drawn."""

    def __init__(self) -> None:
        self.times = 0
        self.cache = CardCache(self.draw)

    def draw(self, texts: Texts, answer: HelpAnswer, symptom: Symptom | None) -> Card:
        self.times += 1
        return note("a card")


@pytest.fixture
def drawn() -> Drawn:
    return Drawn()


def test_many_who_ask_within_a_minute_get_one_card(drawn: Drawn) -> None:
    cards = {id(drawn.cache.card(ENGLISH, replace(CALM, at=NOW + second))) for second in range(MINUTE)}
    assert len(cards) == drawn.times == 1


def test_in_the_next_minute_it_says_the_time_anew(drawn: Drawn) -> None:
    for second in (MINUTE - 1, MINUTE, 2 * MINUTE):
        drawn.cache.card(ENGLISH, replace(CALM, at=NOW + second))
    assert drawn.times == 3


def test_what_has_changed_is_drawn_anew(drawn: Drawn) -> None:
    more = CALM.tally._replace(everywhere=Counts(1, 1, 1))
    for answer in (CALM, replace(CALM, tally=more), OUTAGE, CALM):
        drawn.cache.card(ENGLISH, answer)
    assert drawn.times == 4


def test_each_place_that_sees_another_card_has_its_own_and_they_do_not_push_one_another_out(drawn: Drawn) -> None:
    login, chats = service().symptom("login"), service().symptom("chats")
    places = [
        (ENGLISH, CALM, None),
        (GERMAN, CALM, None),
        (ENGLISH, CALM, login),
        (ENGLISH, CALM, chats),
        (ENGLISH, replace(CALM, thread=5), None),
        (ENGLISH, replace(CALM, tally=CALM.tally._replace(here=Counts(1, 0, 0))), None),
        (ENGLISH, replace(CALM, tally=CALM.tally._replace(asker_counted=True)), None),
    ]
    for _ in range(3):
        for texts, answer, symptom in places:
            drawn.cache.card(texts, answer, symptom)
    assert drawn.times == len(places)


def test_thousands_of_places_fill_no_memory(drawn: Drawn) -> None:
    for thread in range(5000):
        drawn.cache.card(ENGLISH, replace(CALM, thread=thread))
    assert len(drawn.cache._newest) <= 1000
    before = drawn.times
    drawn.cache.card(ENGLISH, replace(CALM, thread=4999))
    assert drawn.times == before, "the newest is still there"


def test_a_part_is_drawn_once_for_each_language_and_anew_when_the_service_has_changed() -> None:
    drawn = list[tuple[str, str]]()

    def draw(texts: Texts, of: Service) -> str:
        drawn.append((texts.language, of.name))
        return of.name

    parts, one = PartCache(draw), service()
    for texts in (ENGLISH, GERMAN, ENGLISH, GERMAN):
        assert parts.part(texts, one) == one.name
    assert len(drawn) == 2
    assert parts.part(ENGLISH, replace(one, name="New")) == "New", "its files have changed"
