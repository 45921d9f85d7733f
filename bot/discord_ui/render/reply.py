"""The short auto-reply to a message, and the card behind its *More*."""

from typing import Any

from discord import ui

from bot.core.outage_life import Outage
from bot.core.service import Counted, Service, Symptom
from bot.core.texts import N_, Texts
from bot.core.verdict import Word
from bot.discord_ui.render import verdict, words
from bot.discord_ui.render.help import first_steps, no_outage, steps_button
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, note
from bot.discord_ui.render.outage import back_button, faded, still_button
from bot.discord_ui.render.report import fine_button
from bot.discord_ui.render.signals import calm
from bot.usecases.reports.answer_help import HelpAnswer


def auto_reply(
    texts: Texts,
    answer: HelpAnswer,
    about: str | None = None,
    *,
    preview: bool = False,
    live: bool = True,
    symptom: Symptom | None = None,
) -> Card:
    """The short answer to a mention, with the first steps for the `symptom` it named. `about` links to the message.

    A `live` one is kept up to date; any other states its time. The buttons of a preview do nothing. It stays within
    five lines on a phone, because it is unprompted.
    """
    if symptom is not None and symptom.counted is Counted.NEVER:
        return _no_outage_reply(texts, answer, symptom)
    lines = [texts.say("About {message}:", message=about)] if about else []
    lines += [_headline(texts, answer, live=live), *_advice(texts, answer, symptom)]
    lines += words.failing_too(texts, answer.too)
    if about is None and live and not answer.too and answer.back is None and answer.thread is None:
        others = verdict.others_have_it(answer)
        ask = N_("Failing for you? Press *Me too* or 👍.") if others else N_("Failing for you? Press *Broken* or 👍.")
        lines.append("-# " + texts.say(ask))
    row = _reply_row(texts, answer, symptom, unasked=about is None, preview=preview)
    return card("\n".join(lines), rows=[row], edge=verdict.edge(answer))


def _headline(texts: Texts, answer: HelpAnswer, *, live: bool) -> str:
    """The verdict with its number, if there is one, and the service's name, because a server may follow several."""
    if counted := _counted(texts, answer, live=live):
        return counted
    title = _named(texts, answer)
    if answer.verdict.word is Word.SERVICE_SAYS_SO and not verdict.has_faded(answer):
        return f"**{title}.** " + texts.say("No one else has reported it.")
    return f"**{title}.**" if live else f"{words.as_of(texts, f'**{title}**', answer.at)}."


def _counted(texts: Texts, answer: HelpAnswer, *, live: bool) -> str:
    """The verdict, and the number of people who report trouble; empty if it is based on something else."""
    service, count, title = answer.service.name, answer.tally.everywhere.quarter, verdict.headline(texts, answer)
    if answer.back is not None:
        return f"**{title}.** {service}: {calm(texts, answer, answer.back)}."
    if not count or verdict.has_faded(answer) or answer.verdict.word is Word.SERVICE_SAYS_SO:
        return ""
    people = words.people(texts, count)
    if answer.verdict.word is Word.SOME_OTHERS:  # the first steps follow, and everything has to fit in five lines
        return f"**{title}** ({service}): {people if live else words.as_of(texts, people, answer.at)}."
    if not live:
        when = words.at(answer.at)
        sentence = texts.say(
            "{people} reported trouble with {service} at {when}.", people=people, service=service, when=when
        )
        return f"**{title}.** {sentence}"
    return f"**{title}.** {words.report_trouble(texts, people, count, service)}."


def _named(texts: Texts, answer: HelpAnswer) -> str:
    """The verdict of a service, with the service's name."""
    service, title = answer.service.name, verdict.headline(texts, answer)
    own_words = not verdict.has_faded(answer) and not verdict.unseen(answer)
    if own_words and answer.verdict.word is Word.SERVICE_SAYS_SO:
        return texts.say("{service} itself has problems", service=service)
    if own_words and answer.verdict.word is Word.NOBODY_ELSE:
        return texts.say("No one else has reported trouble with {service}", service=service)
    return f"{service}: {title}"


def _advice(texts: Texts, answer: HelpAnswer, symptom: Symptom | None) -> list[str]:
    """Advice, in a line or two."""
    outage = answer.outage
    if outage is not None and verdict.has_faded(answer):
        return faded(texts, outage)[1:]
    if answer.back is not None:
        return _after(texts, answer, answer.back)
    if answer.thread is not None and answer.verdict.trouble:
        return [verdict.talk(texts, answer.thread)]
    if answer.verdict.trouble:
        return verdict.what_to_do(texts, answer)
    if answer.verdict.maintenance:
        return [verdict.maintenance_may_be_why(texts)]
    return [first_steps(texts, answer, symptom)]


def _after(texts: Texts, answer: HelpAnswer, outage: Outage) -> list[str]:
    """The past outage, in a line."""
    if not outage.unstable:
        return verdict.how_long(texts, answer, outage)
    times = texts.many("{n} time", "{n} times", outage.episodes)
    return [texts.say("It has failed {times}, and may fail again.", times=times)]


def _no_outage_reply(texts: Texts, answer: HelpAnswer, symptom: Symptom) -> Card:
    service = answer.service
    lines = [f"**{no_outage(texts, service, symptom)}**", first_steps(texts, answer, symptom)]
    made = [steps_button(texts, service, symptom), _more(texts, service)]
    return card("\n".join(lines), rows=[buttons(*made)])


def _reply_row(texts: Texts, answer: HelpAnswer, symptom: Symptom | None, *, unasked: bool, preview: bool) -> Row:
    service = answer.service
    if answer.back is not None:
        made = [still_button(texts, service)]
    else:
        label = texts.say("Me too") if verdict.others_have_it(answer) else texts.say("Broken")
        too = button(label, "too", service.id, style=Style.primary)
        made = [too, steps_button(texts, service, symptom)]
    if unasked:
        made.append(_more(texts, service))
    for one in made:
        one.disabled = preview
    return buttons(*made)


def _more(texts: Texts, service: Service) -> ui.Button[Any]:
    """The button that opens all controls of a reply."""
    return button(texts.say("More"), "more", service.id)


def more_card(texts: Texts, service: Service, reply_id: int) -> Card:
    """Further actions for a reply: withdraw a report, subscribe, mark the reply as wrong, or opt out."""
    lines = [
        texts.say(
            "Reacting with 👍 ✋ ➕ or 😭 counts you, too. Take the reaction back, and you're no longer counted."
        ),
        texts.say("*Wrong reply?* removes my reply, if it was for you or you're a moderator."),
    ]
    report = buttons(fine_button(texts, service), back_button(texts, service, None))
    judge = [
        button(texts.say("Wrong reply?"), "wrong", str(reply_id)),
        button(texts.say("Don't reply to me"), "quiet"),
    ]
    return note("\n".join(lines), rows=[report, buttons(*judge)])
