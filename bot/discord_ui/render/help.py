"""The cards of `/500` and `/help`: guides with the live evidence, the causes, and the short auto-reply."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord import ui

from bot.core.guide import Guide, GuideStep
from bot.core.outage_life import Phase
from bot.core.reports import DAY
from bot.core.service import Counted, Nature, Service, Symptom
from bot.core.texts import N_, Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, choice, heading, note, option
from bot.discord_ui.render.outage import back_button, faded, lasted, named_symptoms
from bot.discord_ui.render.report import ids
from bot.discord_ui.render.signals import calm, incident_lines, planned_lines, signal_lines
from bot.usecases.reports.answer_help import HelpAnswer

NOTHING_HELPED = "nothing"
"""In the menu *Did it help?*, in place of the number of a step."""
_NO_OUTAGE: Mapping[Nature, str] = {
    Nature.LIMIT: N_("This is no outage: {service} itself holds you back for a while."),
    Nature.ACCOUNT: N_("This is no outage: it is about your account with {service}."),
    Nature.FILTER: N_("This is no outage: the content filter of {service} took something away."),
}


def help_card(texts: Texts, answer: HelpAnswer, symptom: Symptom | None = None) -> Card:
    """The answer to `/500`: the guide of the service, or that of a symptom if it has one of its own."""
    if symptom is not None and symptom.guides:
        return _symptom_card(texts, answer, symptom)
    guide = answer.service.guide(texts.language)
    return card(
        evidence(texts, answer),
        signal_lines(texts, answer),
        _steps(texts, guide, answer.orders.get("")),
        rows=[
            symptom_menu(texts, answer.service, symptom),
            _helped_menu(texts, answer.service, guide, None),
            buttons(*_report_buttons(texts, answer, symptom)),
            _more_row(texts, answer),
        ],
    )


def first_card(texts: Texts, answer: HelpAnswer, _symptom: Symptom | None = None) -> Card:
    """The answer to `/help`: what is known, and the question what the person sees."""
    ask = texts.say("Choose below what you see. I'll tell you what it means, whether it's just you, and what helps.")
    more = texts.say(
        "`/500` has the steps for the internal server error, `/status` what can be measured, `/support` the way to "
        "the support."
    )
    return card(
        evidence(texts, answer),
        f"{ask}\n-# {more}",
        rows=[symptom_menu(texts, answer.service, None), buttons(*_report_buttons(texts, answer, None))],
    )


def _symptom_card(texts: Texts, answer: HelpAnswer, symptom: Symptom) -> Card:
    """The guide of one symptom; with the live evidence, if it can be an outage."""
    service = answer.service
    guide = service.guide(texts.language, symptom)
    menus = [symptom_menu(texts, service, symptom), _helped_menu(texts, service, guide, symptom)]
    steps = _steps(texts, guide, answer.orders.get(service.guide_id(symptom)), contact=True)
    support = button(texts.say("Contact support"), "support", service.id)
    if symptom.counted is Counted.NEVER:
        uncounted = texts.say("Reports of it are not counted.")
        told = f"## {guide.error}\n**{no_outage(texts, service, symptom)}** {uncounted}\n{guide.meaning}"
        return card(told, steps, rows=[*menus, buttons(support)])
    return card(
        evidence(texts, answer),
        signal_lines(texts, answer),
        guide.meaning,
        steps,
        rows=[*menus, buttons(*_report_buttons(texts, answer, symptom), support)],
    )


def no_outage(texts: Texts, service: Service, symptom: Symptom) -> str:
    """A sentence that says what it is instead of an outage."""
    sentence = _NO_OUTAGE.get(symptom.nature, N_("This is no outage: it is something between you and {service}."))
    return texts.say(sentence, service=service.name)


def symptom_menu(texts: Texts, service: Service, shown: Symptom | None) -> Row:
    """The menu *What do you see?*; `shown` is the one whose guide is on the card."""
    options = [option(s.name(texts.language), s.id, chosen=s == shown) for s in service.symptoms]
    return choice(texts.say("What do you see?"), "see", service.id, options=options)


def _helped_menu(texts: Texts, service: Service, guide: Guide, symptom: Symptom | None) -> Row:
    about = ids(service, symptom)
    options = [option(step.title, str(number)) for number, step in enumerate(guide.steps)]
    options.append(option(texts.say("Nothing of it helped"), NOTHING_HELPED))
    return choice(texts.say("Did it help? Choose the step that did"), "helped", *about, options=options)


def thanks(texts: Texts, *, counted: bool) -> Card:
    """The answer to *Did it help?*."""
    if counted:
        return note(texts.say("Thank you! That is counted without your name: what helps most is shown first."))
    return note(texts.say("You have told me already today. Thank you!"))


def status_card(texts: Texts, answer: HelpAnswer, picture: str) -> Card:
    """The answer to `/status`; `picture` is the alt text of the attached picture."""
    return card(
        evidence(texts, answer),
        signal_lines(texts, answer),
        incident_lines(texts, answer),
        planned_lines(texts, answer),
        rows=[
            buttons(
                *_report_buttons(texts, answer, None),
                button(texts.say("What can I do?"), "help", answer.service.id),
                button(texts.say("All outages"), "outages", answer.service.id),
            )
        ],
        picture=picture,
    )


def evidence(texts: Texts, answer: HelpAnswer) -> str:
    """The headline with the numbers below it."""
    tally = answer.tally
    lines = [f"## {words.headline(texts, answer.verdict)}"]
    if answer.back is not None:
        lines.append(f"**{answer.service.name}**: {calm(texts, answer, answer.back)}")
    else:
        lines.append(f"**{answer.service.name}**: {words.told_at(texts, words.crowd(texts, tally), answer.at)}")
        if symptoms := named_symptoms(texts, answer.service, tally.symptoms):
            lines.append(texts.say("Mostly: {symptoms}", symptoms=symptoms))
    lines += _outage_lines(texts, answer)
    lines += words.failing_too(texts, answer.too)
    lines.append(f"-# {words.why(texts, answer.verdict, tally)}")
    return "\n".join(lines)


def _outage_lines(texts: Texts, answer: HelpAnswer) -> list[str]:
    outage = answer.outage
    if outage is None:
        return []
    began = words.at(outage.began) if answer.at - outage.began < DAY / 2 else words.day_and_time(outage.began)
    if outage.phase is Phase.ON:
        # No age, which would go on under a count that does not.
        lines = [texts.say("It began about {when}.", when=began)]
        lines += faded(texts, outage) if outage.faded is not None else []
    elif outage.unstable:
        lines = lasted(texts, outage)
    else:
        time = words.duration(texts, outage.lasted)
        lines = [texts.say("It began about {when} and lasted about {lasted}.", when=began, lasted=time)]
    if answer.thread is not None:
        lines.append(texts.say("Talk about it in {thread}.", thread=f"<#{answer.thread}>"))
    return lines


def why_card(texts: Texts, answer: HelpAnswer) -> Card:
    """What the error means, why it happens, what others say, and the summary."""
    guide = answer.service.guide(texts.language)
    causes = "\n".join((heading(texts.say("Why it happens")), *(f"- {cause}" for cause in guide.causes)))
    others = "\n".join((heading(texts.say("What others say")), *(f"> {said}" for said in guide.others_say)))
    summary = "\n".join((heading(texts.say("In short")), guide.summary))
    return card(
        f"## {guide.error}\n{guide.meaning}",
        causes,
        others if guide.others_say else "",
        summary,
        rows=[buttons(button(texts.say("Contact support"), "support", answer.service.id))],
    )


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

    A `live` one is kept up to date; another one says at what time it was true. The buttons of a preview do nothing.
    """
    if symptom is not None and symptom.counted is Counted.NEVER:
        return _no_outage_reply(texts, answer, symptom)
    guide = answer.service.guide(texts.language, symptom)
    lines = [texts.say("About {message}:", message=about)] if about else []
    if answer.back is not None:
        told = calm(texts, answer, answer.back)
    else:
        told = words.crowd(texts, answer.tally) if live else words.crowd_at(texts, answer.tally, answer.at)
    lines += [f"**{words.headline(texts, answer.verdict)}.** {answer.service.name}: {told}."]
    if answer.back is not None:
        lines += _outage_lines(texts, answer)
    elif answer.outage is not None and answer.outage.faded is not None:
        lines += faded(texts, answer.outage)
    if answer.verdict.trouble:
        lines.append(texts.say("Most likely it is their servers, not you. Waiting helps most."))
        lines += words.failing_too(texts, answer.too)
        if answer.thread is not None:
            lines.append(texts.say("Talk about it in {thread}.", thread=f"<#{answer.thread}>"))
    else:
        lines.append(_first_steps(texts, guide, answer.orders.get(answer.service.guide_id(symptom))))
    if about is None:
        lines.append(
            "-# "
            + texts.say(
                "You have it too? React with 👍 ✋ ➕ 😭, or press the button. "
                "Take it back and you are no longer counted."
            )
        )
    row = _reply_row(texts, answer, symptom, unasked=about is None, preview=preview)
    return card("\n".join(lines), rows=[row])


def _no_outage_reply(texts: Texts, answer: HelpAnswer, symptom: Symptom) -> Card:
    service = answer.service
    guide = service.guide(texts.language, symptom)
    lines = [
        f"**{guide.error}.** {no_outage(texts, service, symptom)}",
        _first_steps(texts, guide, answer.orders.get(service.guide_id(symptom))),
    ]
    made = [button(texts.say("What can I do?"), "help", *ids(service, symptom)), *_unasked(texts)]
    return card("\n".join(lines), rows=[buttons(*made)])


def _ordered(guide: Guide, order: Sequence[int] | None) -> list[GuideStep]:
    return [guide.steps[number] for number in order or range(len(guide.steps)) if number < len(guide.steps)]


def _first_steps(texts: Texts, guide: Guide, order: Sequence[int] | None) -> str:
    first = [step.title for step in _ordered(guide, order)[:3]]
    return texts.say("Try this first: {steps}.", steps=" → ".join(first))


def _unasked(texts: Texts) -> list[ui.Button[Any]]:
    return [button(texts.say("Don't reply to me"), "quiet"), button(texts.say("Wrong reply?"), "wrong")]


def _reply_row(texts: Texts, answer: HelpAnswer, symptom: Symptom | None, *, unasked: bool, preview: bool) -> Row:
    service = answer.service.id
    made = [
        _still(texts, answer) or button(texts.say("Me too"), "too", service, style=Style.primary),
        button(texts.say("Works for me again"), "ok", service),
        button(texts.say("What can I do?"), "help", *ids(answer.service, symptom)),
    ]
    if unasked:
        made += _unasked(texts)
    for one in made:
        one.disabled = preview
    return buttons(*made)


def _still(texts: Texts, answer: HelpAnswer) -> ui.Button[Any] | None:
    """The first button after an outage, None at any other time."""
    return button(texts.say("Still fails for me"), "too", answer.service.id) if answer.back is not None else None


def _report_buttons(texts: Texts, answer: HelpAnswer, symptom: Symptom | None) -> list[ui.Button[Any]]:
    service = answer.service.id
    made = [
        _still(texts, answer)
        or button(texts.say("I have this too"), "too", *ids(answer.service, symptom), style=Style.primary),
        button(texts.say("Works for me again"), "ok", service),
    ]
    if answer.back is None or answer.back.unstable:  # otherwise there is nothing to wait for
        made.append(back_button(texts, answer.service, answer.outage))
    return made


def _more_row(texts: Texts, answer: HelpAnswer) -> Row:
    service = answer.service.id
    return buttons(
        button(texts.say("Why does this happen?"), "why", service),
        button(texts.say("Contact support"), "support", service),
    )


def _steps(texts: Texts, guide: Guide, order: Sequence[int] | None, *, contact: bool = False) -> str:
    lines = [heading(texts.say("{error}: what you can do", error=guide.error))]
    for number, step in enumerate(_ordered(guide, order), start=1):
        lines.append(f"{number}. **{step.title}.** {step.do} *{step.reason}*")
    return "\n".join([*lines, guide.contact] if contact else lines)
