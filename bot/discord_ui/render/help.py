"""The cards of `/500`: the guide with the live evidence, the causes, and the short auto-reply."""

from typing import Any

from discord import ui

from bot.core.guide import Guide
from bot.core.outage_life import Phase
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, heading
from bot.discord_ui.render.outage import back_button, faded, named_symptoms
from bot.discord_ui.render.signals import incident_lines, signal_lines, when
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
    lines = [f"## {words.headline(texts, answer.verdict)}", f"**{answer.service.name}**: {counted(texts, answer)}"]
    symptoms = named_symptoms(texts, answer.service, answer.tally.symptoms)
    if symptoms and answer.back_since is None:
        lines.append(texts.say("Mostly: {symptoms}", symptoms=symptoms))
    lines += _outage_lines(texts, answer)
    lines.append(f"-# {words.why(texts, answer.verdict, answer.tally)}")
    return "\n".join(lines)


def counted(texts: Texts, answer: HelpAnswer) -> str:
    """How many people report it now. After an outage the last 15 minutes still hold its reports, so not their count."""
    if answer.back_since is None:
        return words.crowd(texts, answer.tally)
    return texts.say("reports have been back to usual since {when}", when=words.at(answer.back_since))


def _outage_lines(texts: Texts, answer: HelpAnswer) -> list[str]:
    outage = answer.outage
    if outage is None:
        return []
    began = words.at(outage.began)
    if outage.phase is Phase.ON:
        lines = [texts.say("It began about {when} ({ago}).", when=began, ago=when(outage.began))]
        lines += faded(texts, outage) if outage.faded is not None else []
    else:
        lasted = words.duration(texts, outage.lasted)
        lines = [texts.say("It began about {when} and lasted about {lasted}.", when=began, lasted=lasted)]
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


def auto_reply(texts: Texts, answer: HelpAnswer, about: str | None = None, *, preview: bool = False) -> Card:
    """The short answer to a mention, updated with the live state. `about` links to the message.

    The buttons of a preview do nothing.
    """
    guide = answer.service.guide(texts.language)
    lines = [texts.say("About {message}:", message=about)] if about else []
    lines += [f"**{words.headline(texts, answer.verdict)}.** {answer.service.name}: {counted(texts, answer)}."]
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
        button(texts.say("Me too"), "too", service, style=Style.primary),
        button(texts.say("Works for me again"), "ok", service),
        button(texts.say("What can I do?"), "help", service),
    ]
    if unasked:
        made += [button(texts.say("Don't reply to me"), "quiet"), button(texts.say("Wrong reply?"), "wrong")]
    for one in made:
        one.disabled = preview
    return buttons(*made)


def _report_buttons(texts: Texts, answer: HelpAnswer) -> tuple[ui.Button[Any], ...]:
    service = answer.service.id
    if answer.back_since is not None:
        return (button(texts.say("Still fails for me"), "too", service),)
    return (
        button(texts.say("I have this too"), "too", service, style=Style.primary),
        button(texts.say("Works for me again"), "ok", service),
        back_button(texts, answer.service, answer.outage),
    )


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
