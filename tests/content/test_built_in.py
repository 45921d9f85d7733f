"""The services that come with the bot: complete in two languages, with sources, and distinguished by their words."""

import re
from collections import Counter
from pathlib import Path

import pytest

import bot.content
from bot.content.everyday import everyday_words
from bot.content.services import DEFAULT, read_services
from bot.content.words import Vocabulary
from bot.core.guide import Guide
from bot.core.service import Service
from bot.core.signals import Signal
from tests.resources import resources

FOLDER = Path(bot.content.__file__).parent / "services"
SERVICES = {service.id: service for service in read_services()}
NEW = [pytest.param(service, id=name) for name, service in SERVICES.items() if name != DEFAULT]
LANGUAGES = {"en", "de"}
MOST_IN_A_GUIDE = 2600
MOST_IN_A_SYMPTOM = 1800
"""What fits on a card of Discord beside the buttons and the evidence."""


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return resources().vocabulary


def test_character_ai_is_the_default() -> None:
    assert next(iter(SERVICES)) == DEFAULT


@pytest.mark.parametrize("service", NEW)
def test_the_guide_is_there_in_both_languages_with_the_same_steps(service: Service) -> None:
    assert service.guides.keys() == LANGUAGES
    english, german = service.guide("en"), service.guide("de")
    assert len(english.causes) == len(german.causes) >= 3
    assert len(english.steps) == len(german.steps) >= 5
    assert len(english.others_say) == len(german.others_say) >= 2
    for guide in service.guides.values():
        assert sum(len(s.title) + len(s.do) + len(s.reason) + 12 for s in guide.steps) < MOST_IN_A_GUIDE


@pytest.mark.parametrize("service", NEW)
def test_each_symptom_is_named_and_known_in_both_languages(service: Service) -> None:
    ids = [symptom.id for symptom in service.symptoms]
    assert ids[0] == "error" and ids[-1] == "other" and len(ids) >= 10
    for symptom in service.symptoms:
        assert symptom.names.keys() == LANGUAGES
        files = sorted(file.name for file in (FOLDER / service.id / "symptoms").glob(f"{symptom.id}.*.toml"))
        assert files == ([] if symptom.id == "other" else [f"{symptom.id}.de.toml", f"{symptom.id}.en.toml"])
        assert symptom.known or symptom.id == "other"


@pytest.mark.parametrize("service", NEW)
def test_what_often_goes_wrong_has_a_guide_of_its_own(service: Service) -> None:
    own = [symptom for symptom in service.symptoms if symptom.guides]
    assert len(own) >= 3
    for symptom in own:
        assert symptom.guides.keys() == LANGUAGES
        assert len(symptom.guides["en"].steps) == len(symptom.guides["de"].steps) >= 2
        assert all(length(guide) < MOST_IN_A_SYMPTOM for guide in symptom.guides.values()), symptom.id


def length(guide: Guide) -> int:
    texts = [guide.meaning, guide.contact, *(f"{step.title}{step.do}{step.reason}" for step in guide.steps)]
    return sum(map(len, texts))


def test_no_guide_is_a_copy_of_another() -> None:
    guides = [guide for one in SERVICES.values() for guide in one.guides.values()]
    guides += [guide for one in SERVICES.values() for symptom in one.symptoms for guide in symptom.guides.values()]
    meanings = Counter(guide.meaning for guide in guides)
    assert [meaning for meaning, times in meanings.items() if times > 1] == []


@pytest.mark.parametrize("service", NEW)
def test_each_fact_has_its_source_and_what_there_is_not_is_said(service: Service) -> None:
    text = (FOLDER / service.id / "service.toml").read_text("utf-8")
    for signal, none in ((Signal.OFFICIAL, "# No official source: "), (Signal.PROBE, "# No probe: ")):
        assert (none in text) != any(source.signal is signal for source in service.sources), signal
        if none not in text:
            assert re.search(rf"^#.*\n\[sources\.{signal}\]", text, re.MULTILINE), "its source stands above it"
    assert re.search(r"^#.*\n\[symptoms\]", text, re.MULTILINE)


@pytest.mark.parametrize("service", NEW)
def test_every_address_is_safe_and_every_source_says_its_kind(service: Service) -> None:
    links = service.links
    addresses = [links.website, links.support, links.help_centre, links.community, links.status_page]
    assert all(address.startswith("https://") for address in addresses if address)
    assert all(source.url.startswith("https://") for source in service.sources)
    for source in service.sources:
        assert source.kind != "auto" and (source.signal is Signal.PROBE or source.link)


def test_no_word_means_two_services() -> None:
    words = Counter(word for service in SERVICES.values() for word in service.words)
    assert [word for word, times in words.items() if times > 1] == []
    names = Counter(
        name for one in SERVICES.values() for name in {one.id, one.name.casefold(), *map(str.casefold, one.aliases)}
    )
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("service", NEW)
def test_a_service_is_heard_by_each_of_its_words(service: Service, vocabulary: Vocabulary) -> None:
    detector = vocabulary.detector(service)
    mentions = {word: detector.detect(f"is {word} down for anyone else?") for word in service.words}
    assert [word for word, mention in mentions.items() if mention is None or not detector.replies(mention)] == []


@pytest.mark.parametrize("service", NEW)
def test_each_phrase_names_its_own_symptom_beside_the_service(service: Service, vocabulary: Vocabulary) -> None:
    finder, wrong = vocabulary.symptom_finder(service), dict[str, str | None]()
    for symptom in service.symptoms:
        for phrase in (*symptom.phrases.words, *symptom.phrases.named, *symptom.phrases.shown):
            found = finder.find(f"{service.words[0]} {phrase.rstrip('*')}")
            if found is None or found.symptom is not symptom:
                wrong[f"{symptom.id}: {phrase}"] = found and found.symptom.id
    assert wrong == {}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_word_that_is_an_everyday_word_is_marked(service: Service) -> None:
    for language, everyday in everyday_words().items():
        assert all(language in service.careful_words.get(word, ()) for word in everyday.intersection(service.words))
