"""The guides of the built-in services fit completely on their cards, together with everything about an outage."""

import pytest

from bot.content.services import read_services
from bot.core.service import Service, Symptom
from bot.core.signals import Cause, Reading, Seen, Signal, State
from bot.core.tally import Counts, Tally
from bot.core.verdict import decide
from bot.discord_ui.render.help import guide_card, help_card, why_card
from bot.discord_ui.render.layout import MAX_TEXT, Card
from bot.discord_ui.render.reply import auto_reply
from bot.usecases.reports.answer_help import HelpAnswer
from tests.discord_ui.test_hostile_pages import texts_of
from tests.resources import resources

NOW = 1_800_000_000
LANGUAGES = resources().languages
SERVICES = [pytest.param(service, id=service.id) for service in read_services()]
LONG = "Elevated errors and long waiting times in all regions, also for people who pay. " * 2


def in_trouble(service: Service) -> HelpAnswer:
    seen: dict[Signal, Seen | None] = {
        source.signal: Seen(Reading(source.signal, State.DEGRADED, Cause.ANSWERED, NOW, source.link, LONG))
        for source in service.sources
    }
    tally = Tally(Counts(4100, 12_000, 90_000), Counts(300, 400, 500), 12, 2.0)
    return HelpAnswer(service, decide(tally, seen, NOW), tally, seen, NOW)


def shown(card: Card) -> str:
    text = "\n".join(texts_of(card))
    assert len(text) < MAX_TEXT
    return text


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("service", SERVICES)
def test_each_step_and_reason_is_on_the_card(service: Service, language: str) -> None:
    texts, answer = LANGUAGES.texts(language), in_trouble(service)
    symptoms: list[Symptom | None] = [None, *service.symptoms]
    for symptom in symptoms:
        guide, text = service.guide(language, symptom), shown(guide_card(texts, answer, symptom))
        shown(help_card(texts, answer, symptom))
        assert all(step.title in text and step.do in text and step.reason in text for step in guide.steps)
        assert symptom is None or not symptom.guides or guide.meaning in text
        more = shown(why_card(texts, answer, symptom))
        assert symptom is None or not symptom.guides or guide.contact in more


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("service", SERVICES)
def test_what_it_means_and_the_short_answers_fit_too(service: Service, language: str) -> None:
    texts, answer = LANGUAGES.texts(language), in_trouble(service)
    guide, text = service.guide(language), shown(why_card(texts, answer))
    assert all(part in text for part in (guide.error, guide.meaning, guide.summary, *guide.causes, *guide.others_say))
    for symptom in service.symptoms:
        shown(auto_reply(texts, answer, symptom=symptom))
