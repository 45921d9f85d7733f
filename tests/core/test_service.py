"""A service: its names, and its guide and symptoms in a reader's language."""

from dataclasses import replace

import pytest

from bot.core.guide import Guide
from bot.core.service import KnownService, Symptom, pick
from tests.usecases.fakes import a_service

SERVICE = replace(a_service("examplia"), name="Example AI", aliases=("EX", "Straße"))
TEXTS = {"en": 1, "pt": 2, "pt-BR": 3}


KNOWN = KnownService.of(SERVICE)


@pytest.mark.parametrize("typed", ["examplia", " EXAMPLE ai ", "ex", "STRASSE"])
def test_it_answers_to_its_id_name_and_aliases(typed: str) -> None:
    assert KNOWN.answers_to(typed)
    assert not KNOWN.answers_to(typed + "x") and not KNOWN.answers_to("")


@pytest.mark.parametrize(("language", "text"), [("pt-BR", 3), ("pt-PT", 2), ("pt", 2), ("de", 1), ("en-GB", 1)])
def test_a_language_stands_in_for_its_regions_and_english_for_all(language: str, text: int) -> None:
    assert pick(TEXTS, language) == text


def test_nothing_is_picked_where_there_is_nothing() -> None:
    assert pick({"de": 1}, "fr") is None


def test_guides_and_symptoms_are_in_the_readers_language_where_there_is_one() -> None:
    german = Guide("de", "Fehler", "", (), (), (), "", "")
    service = replace(SERVICE, guides={**SERVICE.guides, "de": german})
    assert service.guide("de-AT") is german and service.guide("fr").language == "en"
    symptom = Symptom("login", {"en": "Login", "de": "Anmeldung"})
    assert (symptom.name("de"), symptom.name("fr")) == ("Anmeldung", "Login")
    assert Symptom("login", {}).name("en") == "login"


def test_a_symptom_is_found_by_its_id() -> None:
    found = SERVICE.symptom("login")
    assert found is not None and found.id == "login"
    assert SERVICE.symptom("Login") is None
