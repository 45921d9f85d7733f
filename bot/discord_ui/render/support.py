"""The cards of `/support`: the link, the form, and the text to copy."""

from datetime import UTC, datetime
from typing import Any

import discord
from discord import ui

from bot.core.guide import Guide
from bot.core.outage_life import Outage
from bot.core.service import Symptom
from bot.core.signals import TROUBLE, Signal, State
from bot.core.support import SupportDraft
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import code_block
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import Card, Style, button, buttons, card, link, shorten
from bot.discord_ui.render.report import ids
from bot.usecases.reports.answer_help import HelpAnswer

HAPPENED, SINCE, DEVICE, STEPS, EVIDENCE = "happened", "since", "device", "steps", "evidence"
ALL_EVIDENCE = "all"
_SUPPORTING = TROUBLE | {State.MAINTENANCE}
_MAX_HAPPENED, _MAX_SHORT, _MAX_REPORT = 1000, 100, 3000


def support_card(texts: Texts, answer: HelpAnswer, symptom: Symptom | None = None) -> Card:
    """Advice before writing to the support about this symptom, the link, and a button for the form."""
    service = answer.service
    rows = [
        buttons(
            button(texts.say("Write the report for me"), "supform", *ids(service, symptom), style=Style.primary),
            link(texts.say("Open the support form"), service.links.support),
        )
    ]
    if service.links.help_centre:
        rows[0].add_item(link(texts.say("Help centre"), service.links.help_centre))
    if service.links.community:
        rows[0].add_item(link(texts.say("Community"), service.links.community))
    heading = texts.say("Contact {service}'s support", service=service.name)
    return card(f"## {heading}\n{service.guide(texts.language, symptom).contact}", rows=rows)


def support_form(texts: Texts, answer: HelpAnswer, nonce: str, symptom: Symptom | None = None) -> ui.Modal:
    """The form, with the steps of the symptom's guide. Its custom id is unique, so forms of two people never mix."""
    service_id, *about = ids(answer.service, symptom)
    guide, custom_id = answer.service.guide(texts.language, symptom), pack("supsend", service_id, nonce, *about)
    form = ui.Modal(title=shorten(texts.say("Report for support"), 45), custom_id=custom_id)
    for field in (_happened(texts, guide), _tried(texts, guide), *_circumstances(texts), _choose_evidence(texts)):
        form.add_item(field)
    form.stop()
    return form


def _happened(texts: Texts, guide: Guide) -> ui.Label[Any]:
    example = texts.say("For example: every message I send ends in {error}", error=guide.error)
    answer = ui.TextInput[Any](
        custom_id=HAPPENED,
        style=discord.TextStyle.paragraph,
        max_length=_MAX_HAPPENED,
        placeholder=shorten(example, 100),
    )
    return _field(texts.say("What happened?"), answer)


def _tried(texts: Texts, guide: Guide) -> ui.Label[Any]:
    steps = [option_of(number, step.title) for number, step in enumerate(guide.steps)]
    answer = ui.CheckboxGroup[Any](custom_id=STEPS, options=steps, min_values=0, max_values=len(steps), required=False)
    return _field(texts.say("Which steps did you try?"), answer)


def _circumstances(texts: Texts) -> tuple[ui.Label[Any], ui.Label[Any]]:
    since = ui.TextInput[Any](
        custom_id=SINCE, max_length=_MAX_SHORT, required=False, placeholder=texts.say("about an hour")
    )
    device = ui.TextInput[Any](custom_id=DEVICE, max_length=_MAX_SHORT, required=False, placeholder="Android, Chrome")
    return _field(texts.say("For how long?"), since), _field(texts.say("Device and app or browser"), device)


def _choose_evidence(texts: Texts) -> ui.Label[Any]:
    everything = discord.CheckboxGroupOption(
        label=shorten(texts.say("Include what doesn't support it, such as “no problems”"), 100), value=ALL_EVIDENCE
    )
    return _field(
        texts.say("What others and our own check say"),
        ui.CheckboxGroup(custom_id=EVIDENCE, options=[everything], min_values=0, max_values=1, required=False),
        texts.say("What supports your report is always included."),
    )


def support_text(texts: Texts, own: Texts, answer: HelpAnswer, draft: SupportDraft) -> Card:
    """The text to copy. `texts` is in the language of the support, `own` in the member's."""
    written = code_block(report_text(texts, answer, draft), _MAX_REPORT)
    return card(
        own.say("Copy this into the support form. I don't keep it."),
        written,
        rows=[buttons(link(own.say("Open the support form"), answer.service.links.support))],
    )


def report_text(texts: Texts, answer: HelpAnswer, draft: SupportDraft) -> str:
    """The report as plain text, with the live evidence."""
    symptom = draft.symptom
    guide = answer.service.guide(texts.language, symptom)
    tried = [guide.steps[n].title for n in draft.steps_tried if 0 <= n < len(guide.steps)]
    lines = [texts.say("Hello {service} team,", service=answer.service.name), ""]
    if symptom is not None:
        lines.append(texts.say("Kind of trouble: {kind}", kind=symptom.name(texts.language)))
    lines.append(texts.say("What happened: {answer}", answer=draft.happened.strip()))
    if draft.since.strip():
        lines.append(texts.say("For how long: {answer}", answer=draft.since.strip()))
    if draft.device.strip():
        lines.append(texts.say("Device: {answer}", answer=draft.device.strip()))
    lines.append(texts.say("Steps tried: {answer}", answer="; ".join(tried) or texts.say("none yet")))
    if evidence := _evidence(texts, answer, everything=draft.all_evidence):
        lines += ["", texts.say("What the Discord bot NotJustYou knows ({time} UTC):", time=_clock_time(answer.at))]
        lines += [f"- {sentence}" for sentence in evidence]
    return "\n".join(lines)


def _evidence(texts: Texts, answer: HelpAnswer, *, everything: bool) -> list[str]:
    """Evidence that supports the sender, and unknown facts; with `everything` also evidence against.

    A member's own report must not tell the staff that nothing is wrong.
    """
    supporting, unknown = list[str](), list[str]()
    if everything or _crowd_supports(answer):
        supporting.append(f"{texts.say(words.SIGNALS[Signal.PEOPLE])}: {words.crowd(texts, answer.tally)}")
    if answer.outage is not None:
        supporting.append(_outage(texts, answer.outage))
    for source in answer.service.sources:
        seen = answer.seen.get(source.signal)
        sentence = words.state(texts, seen.now, answer.service.name) if seen else texts.say("unknown")
        line = f"{texts.say(words.SIGNALS[source.signal])}: {sentence}"
        if seen is not None and seen.now.known:
            supporting += [line] if everything or seen.now.state in _SUPPORTING else []
        else:
            unknown.append(line)
    return supporting + unknown if supporting else []


def _crowd_supports(answer: HelpAnswer) -> bool:
    """Whether more others than usual report trouble now."""
    return answer.back is None and answer.tally.others > (answer.tally.usual or 0)


def _outage(texts: Texts, outage: Outage) -> str:
    began = _clock_time(outage.began)
    if outage.ended is None:
        return texts.say("Outage #{number}, seen since {time} UTC", number=outage.id, time=began)
    ended = _clock_time(outage.ended)
    return texts.say("Outage #{number}, seen from {began} to {ended} UTC", number=outage.id, began=began, ended=ended)


def option_of(number: int, title: str) -> discord.CheckboxGroupOption:
    """A checkbox for a step."""
    return discord.CheckboxGroupOption(label=shorten(f"{number + 1}. {title}", 100), value=str(number))


def _field(label: str, component: ui.Item[Any], description: str | None = None) -> ui.Label[Any]:
    hint = None if description is None else shorten(description, 100)
    return ui.Label(text=shorten(label, 45), component=component, description=hint)


def _clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
