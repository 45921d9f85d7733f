"""The answer to a report: that it counts, and how many others reported."""

from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Row, button, buttons, choice, note, option
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.record_report import Outcome


def recorded(texts: Texts, answer: HelpAnswer, outcome: Outcome) -> Card:
    """The answer to a report, or to its withdrawal."""
    service = answer.service
    taken_back = outcome in {Outcome.WITHDRAWN, Outcome.NOTHING}
    others = _others(texts, answer.tally.others) if taken_back else _with_others(texts, answer.tally.others)
    sentence = {
        Outcome.COUNTED: texts.say("Counted. {others}", others=others),
        Outcome.CHANGED: texts.say("Noted what is wrong. {others}", others=others),
        Outcome.ALREADY: texts.say("You are counted already, once per 15 minutes. {others}", others=others),
        Outcome.WITHDRAWN: texts.say("Good to hear! Your report is taken back. {others}", others=others),
        Outcome.NOTHING: texts.say("You have no report in the last 15 minutes to take back. {others}", others=others),
    }[outcome]
    if taken_back:
        return note(sentence)
    rows: list[Row] = []
    if outcome is not Outcome.CHANGED:
        options = [option(s.name(texts.language), s.id) for s in service.symptoms]
        rows.append(choice(texts.say("What is wrong? (if you like)"), "symptom", service.id, options=options))
    rows.append(
        buttons(
            button(texts.say("Works for me again"), "ok", service.id),
            button(texts.say("What can I do?"), "help", service.id),
        )
    )
    return note(sentence, rows=rows)


def _with_others(texts: Texts, others: int) -> str:
    if others == 0:
        return texts.say("You are the first in the last 15 minutes.")
    return texts.many(
        "That makes you and {count} other in the last 15 minutes.",
        "That makes you and {count} others in the last 15 minutes.",
        others,
        count=words.number(texts, others),
    )


def _others(texts: Texts, others: int) -> str:
    if others == 0:
        return texts.say("Nobody else reported trouble in the last 15 minutes.")
    return texts.many(
        "{count} other reported trouble in the last 15 minutes.",
        "{count} others reported trouble in the last 15 minutes.",
        others,
        count=words.number(texts, others),
    )
