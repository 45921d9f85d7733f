"""The cards of `/500`: the guide with the live evidence, the causes, and the short auto-reply."""

from typing import Any

from discord import ui

from bot.core.guide import Guide
from bot.core.outage_life import Phase
from bot.core.reports import DAY
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, heading
from bot.discord_ui.render.outage import back_button, faded, lasted, named_symptoms
from bot.discord_ui.render.signals import calm, incident_lines, planned_lines, signal_lines
from bot.usecases.reports.answer_help import HelpAnswer


def help_card(texts: Texts, answer: HelpAnswer) -> Card:
    """The answer to `/500`."""
    guide = answer.service.guide(texts.language)
    return card(
        evidence(texts, answer),
        signal_lines(texts, answer),
        _steps(texts, guide),
        rows=[buttons(*_report_buttons(texts, answer)), _more_row(texts, answer)],
    )


def status_card(texts: Texts, answer: HelpAnswer, picture: str) -> Card:
    """The answer to `/status`; `picture` is the alt text of the attached picture."""
    return card(
        evidence(texts, answer),
        signal_lines(texts, answer),
        incident_lines(texts, answer),
        planned_lines(texts, answer),
        rows=[
            buttons(
                *_report_buttons(texts, answer),
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
    texts: Texts, answer: HelpAnswer, about: str | None = None, *, preview: bool = False, live: bool = True
) -> Card:
    """The short answer to a mention. `about` links to the message.

    A `live` one is kept up to date; another one says at what time it was true. The buttons of a preview do nothing.
    """
    guide = answer.service.guide(texts.language)
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
        if answer.thread is not None:
            lines.append(texts.say("Talk about it in {thread}.", thread=f"<#{answer.thread}>"))
    else:
        first = [step.title for step in guide.steps[:3]]
        lines.append(texts.say("Try this first: {steps}.", steps=" → ".join(first)))
    if about is None:
        lines.append(
            "-# "
            + texts.say(
                "You have it too? React with 👍 ✋ ➕ 😭, or press the button. "
                "Take it back and you are no longer counted."
            )
        )
    return card("\n".join(lines), rows=[_reply_row(texts, answer, unasked=about is None, preview=preview)])


def _reply_row(texts: Texts, answer: HelpAnswer, *, unasked: bool, preview: bool) -> Row:
    service = answer.service.id
    made = [
        _still(texts, answer) or button(texts.say("Me too"), "too", service, style=Style.primary),
        button(texts.say("Works for me again"), "ok", service),
        button(texts.say("What can I do?"), "help", service),
    ]
    if unasked:
        made += [button(texts.say("Don't reply to me"), "quiet"), button(texts.say("Wrong reply?"), "wrong")]
    for one in made:
        one.disabled = preview
    return buttons(*made)


def _still(texts: Texts, answer: HelpAnswer) -> ui.Button[Any] | None:
    """The first button after an outage, None at any other time."""
    return button(texts.say("Still fails for me"), "too", answer.service.id) if answer.back is not None else None


def _report_buttons(texts: Texts, answer: HelpAnswer) -> list[ui.Button[Any]]:
    service = answer.service.id
    made = [
        _still(texts, answer) or button(texts.say("I have this too"), "too", service, style=Style.primary),
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


def _steps(texts: Texts, guide: Guide) -> str:
    lines = [heading(texts.say("{error}: what you can do", error=guide.error))]
    for number, step in enumerate(guide.steps, start=1):
        lines.append(f"{number}. **{step.title}.** {step.do} *{step.reason}*")
    return "\n".join(lines)
