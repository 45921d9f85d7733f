"""The answer to a report: that it counts, and the number of others who reported."""

from collections.abc import Callable, Mapping
from typing import Any

from discord import ui

from bot.core.service import Service, Symptom
from bot.core.texts import N_, Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Row, button, buttons, choice, note, option
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.record_report import Outcome

_SENTENCES: Mapping[Outcome, str] = {
    Outcome.COUNTED: N_("Counted. {others}"),
    Outcome.CHANGED: N_("Thanks: *{symptom}*. {others}"),
    Outcome.ALREADY: N_("You're already counted (once every 15 minutes). {others}"),
    Outcome.WITHDRAWN: N_("Good to hear! Your report no longer counts. {others}"),
    Outcome.NOTHING: N_("You have no report from the last 15 minutes to take back. {others}"),
}


def what_next(texts: Texts, service: Service) -> tuple[Row, Row]:
    """The controls after a report: the menu of symptoms, and the buttons."""
    options = [option(s.name(texts.language), s.id) for s in service.symptoms]
    return (
        choice(texts.say("What's wrong? (optional)"), "symptom", service.id, options=options),
        _buttons(texts, service, None),
    )


def ids(service: Service, symptom: Symptom | None) -> tuple[str, ...]:
    """The arguments of a press: the service, and the symptom that it is about."""
    return (service.id,) if symptom is None else (service.id, symptom.id)


def _buttons(texts: Texts, service: Service, symptom: Symptom | None) -> Row:
    return buttons(fine_button(texts, service), button(texts.say("What helps?"), "help", *ids(service, symptom)))


def fine_button(texts: Texts, service: Service) -> ui.Button[Any]:
    """*Works for me again*, which withdraws a report."""
    return button(texts.say("Works for me again"), "ok", service.id)


def recorded(
    texts: Texts,
    answer: HelpAnswer,
    outcome: Outcome,
    symptom: Symptom | None = None,
    rows: Callable[[Texts, Service], tuple[Row, Row]] = what_next,
) -> Card:
    """The answer to a report or its withdrawal. With a `symptom`, a button opens its guide."""
    taken_back = outcome in {Outcome.WITHDRAWN, Outcome.NOTHING}
    others = _others(texts, answer.tally.others) if taken_back else _with_others(texts, answer.tally.others)
    named = "" if symptom is None else symptom.name(texts.language)
    sentence = texts.say(_SENTENCES[outcome], others=others, symptom=named)
    if taken_back:
        return note(sentence)
    choose, press = rows(texts, answer.service)
    if symptom is not None:
        press = _buttons(texts, answer.service, symptom)
    return note(sentence, rows=[press] if outcome is Outcome.CHANGED else [choose, press])


def _with_others(texts: Texts, others: int) -> str:
    if others == 0:
        return texts.say("You're the first in the last 15 minutes.")
    return texts.many(
        "That makes you and {count} other in the last 15 minutes.",
        "That makes you and {count} others in the last 15 minutes.",
        others,
        count=words.number(texts, others),
    )


def _others(texts: Texts, others: int) -> str:
    if others == 0:
        return texts.say("No one else reported trouble in the last 15 minutes.")
    return texts.many(
        "{count} other reported trouble in the last 15 minutes.",
        "{count} others reported trouble in the last 15 minutes.",
        others,
        count=words.number(texts, others),
    )
