"""The cards of `/500` and `/help`: the verdict, and the guide if the reader can do something."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord import ui

from bot.core.guide import Guide, GuideStep
from bot.core.service import Counted, Nature, Service, Symptom
from bot.core.texts import N_, Texts
from bot.discord_ui.render import verdict
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, choice, heading, note, option
from bot.discord_ui.render.outage import back_button, still_button
from bot.discord_ui.render.report import fine_button, ids
from bot.discord_ui.render.signals import short_lines
from bot.usecases.reports.answer_help import HelpAnswer

NOTHING_HELPED = "nothing"
"""Stands for a step's number in the menu *What helped?*."""
_NO_OUTAGE: Mapping[Nature, str] = {
    Nature.LIMIT: N_("This isn't an outage: {service} is slowing you down for now."),
    Nature.ACCOUNT: N_("This isn't an outage: it's about your {service} account."),
    Nature.FILTER: N_("This isn't an outage: {service}'s filter took something away."),
}


def help_card(texts: Texts, answer: HelpAnswer, symptom: Symptom | None = None) -> Card:
    """The answer to `/500`: in an outage only the verdict, otherwise also the guide of the person's symptom."""
    reported = symptom is None or symptom.counted is not Counted.NEVER
    if not reported or not (verdict.waiting_helps(answer) or answer.back is not None):
        return guide_card(texts, answer, symptom)
    made = [main_button(texts, answer, symptom), steps_button(texts, answer.service, symptom)]
    if answer.back is None or answer.back.unstable:  # otherwise there is nothing to wait for
        made.append(back_button(texts, answer.service, answer.outage))
    return _verdict_card(texts, answer, rows=[buttons(*made)])


def _verdict_card(texts: Texts, answer: HelpAnswer, *more: str, rows: Sequence[Row]) -> Card:
    top = verdict.opening(texts, answer, short_lines(texts, answer))
    return card(top, *more, rows=rows, edge=verdict.edge(answer))


def guide_card(texts: Texts, answer: HelpAnswer, symptom: Symptom | None = None) -> Card:
    """The guide for a symptom, with the verdict first. Without a symptom it is that of `/500`.

    Then the menu shows the symptom of a 500, but a report has no symptom, because the person chose none.
    """
    service = answer.service
    if symptom is not None and symptom.counted is Counted.NEVER:
        return _no_outage_card(texts, answer, symptom)
    guide, made = service.guide(texts.language, symptom), [main_button(texts, answer, symptom)]
    if verdict.waiting_helps(answer):
        made.append(fine_button(texts, service))
    made.append(more_button(texts, service, symptom))
    menu = symptom_menu(texts, service, symptom or service.symptom_of_500)
    rows = [menu, _helped_menu(texts, service, guide, symptom), buttons(*made)]
    meaning = guide.meaning if service.guide_id(symptom) else ""  # a person who asks about a 500 has read it
    title = guide.error if _is_about(service, symptom) else texts.say("What you can do")
    steps = _steps(guide, answer.orders.get(service.guide_id(symptom)), title=title, meaning=meaning)
    return card(_before_steps(texts, answer, symptom), steps, rows=rows, edge=verdict.edge(answer))


def _is_about(service: Service, symptom: Symptom | None) -> bool:
    """Whether the guide shown for a symptom is about it: a symptom without a guide gets the steps of a 500."""
    return symptom in (None, service.symptom_of_500) or bool(service.guide_id(symptom))


def _before_steps(texts: Texts, answer: HelpAnswer, symptom: Symptom | None) -> str | tuple[str, ...]:
    """The verdict above a guide: short where the card that led here has told the numbers, and above long guides."""
    if not verdict.waiting_helps(answer) and answer.back is None:
        return verdict.opening(texts, answer, "" if answer.service.guide_id(symptom) else short_lines(texts, answer))
    lines = [f"## {verdict.headline(texts, answer)}", *verdict.what_to_do(texts, answer)]
    return "\n".join((*lines, texts.say("To try something anyway:")))


def _no_outage_card(texts: Texts, answer: HelpAnswer, symptom: Symptom) -> Card:
    """The guide of a symptom that is never counted."""
    service = answer.service
    guide = service.guide(texts.language, symptom)
    uncounted = texts.say("Reports of it are not counted.")
    top = f"## {guide.error}\n**{no_outage(texts, service, symptom)}** {uncounted}\n{guide.meaning}"
    steps = _steps(guide, answer.orders.get(service.guide_id(symptom)), title=texts.say("What you can do"))
    menus = [symptom_menu(texts, service, symptom), _helped_menu(texts, service, guide, symptom)]
    return card(top, steps, rows=[*menus, buttons(more_button(texts, service, symptom))])


def first_card(texts: Texts, answer: HelpAnswer, _symptom: Symptom | None = None) -> Card:
    """The answer to `/help`: the current state, and the question what the person sees."""
    ask = texts.say("Choose below what you see. I'll tell you what it means and what helps.")
    made = [main_button(texts, answer, None), more_button(texts, answer.service, None)]
    rows = [symptom_menu(texts, answer.service, None), buttons(*made)]
    return _verdict_card(texts, answer, ask, rows=rows)


def why_card(texts: Texts, answer: HelpAnswer, symptom: Symptom | None = None) -> Card:
    """*More help*: the meaning of the error, its causes, what people commonly say, and how to reach the support."""
    service = answer.service
    guide = service.guide(texts.language, symptom)
    causes = "\n".join((heading(texts.say("Why it happens")), *(f"- {cause}" for cause in guide.causes)))
    others = "\n".join((heading(texts.say("What people commonly say")), *(f"- {said}" for said in guide.others_say)))
    made = [
        button(texts.say("Contact support"), "support", *ids(service, symptom)),
        back_button(texts, service, answer.outage),
    ]
    about = _is_about(service, symptom)
    return card(
        f"## {guide.error}\n{guide.meaning}" if symptom is None or about else f"## {symptom.name(texts.language)}",
        causes if guide.causes and about else "",
        others if guide.others_say else "",
        guide.contact if service.guide_id(symptom) else guide.summary,
        rows=[buttons(*made)],
    )


def no_outage(texts: Texts, service: Service, symptom: Symptom) -> str:
    """A sentence that says what the symptom is instead of an outage."""
    sentence = _NO_OUTAGE.get(symptom.nature, N_("This isn't an outage: it's between you and {service}."))
    return texts.say(sentence, service=service.name)


def symptom_menu(texts: Texts, service: Service, shown: Symptom | None) -> Row:
    """The menu *What do you see?*; `shown` is the one whose guide is on the card."""
    options = [option(s.name(texts.language), s.id, chosen=s == shown) for s in service.symptoms]
    return choice(texts.say("What do you see?"), "see", service.id, options=options)


def _helped_menu(texts: Texts, service: Service, guide: Guide, symptom: Symptom | None) -> Row:
    about = ids(service, symptom)
    options = [option(step.title, str(number)) for number, step in enumerate(guide.steps)]
    options.append(option(texts.say("None of it helped"), NOTHING_HELPED))
    return choice(texts.say("What helped?"), "helped", *about, options=options)


def thanks(texts: Texts, *, counted: bool) -> Card:
    """The answer to *What helped?*."""
    if counted:
        return note(texts.say("Thank you! I count this without your name, and show first what helps most."))
    return note(texts.say("You already told me today. Thank you!"))


def first_steps(texts: Texts, answer: HelpAnswer, symptom: Symptom | None) -> str:
    """The first two steps in one line."""
    guide = answer.service.guide(texts.language, symptom)
    steps = _ordered(guide, answer.orders.get(answer.service.guide_id(symptom)))[:2]
    listed = " ".join(f"{number}. {step.title}." for number, step in enumerate(steps, start=1))
    return texts.say("Try this first: {steps}", steps=listed)


def main_button(texts: Texts, answer: HelpAnswer, symptom: Symptom | None) -> ui.Button[Any]:
    """The main action: *I have this too*, *Broken for me* if nobody else has it, or *Still broken for me*."""
    if answer.back is not None:
        return still_button(texts, answer.service)
    label = texts.say("I have this too") if verdict.others_have_it(answer) else texts.say("Broken for me")
    return button(label, "too", *ids(answer.service, symptom), style=Style.primary)


def steps_button(texts: Texts, service: Service, symptom: Symptom | None = None) -> ui.Button[Any]:
    """*What helps?*, which opens the guide."""
    return button(texts.say("What helps?"), "help", *ids(service, symptom))


def more_button(texts: Texts, service: Service, symptom: Symptom | None) -> ui.Button[Any]:
    """*More help*."""
    return button(texts.say("More help"), "why", *ids(service, symptom))


def _ordered(guide: Guide, order: Sequence[int] | None) -> list[GuideStep]:
    return [guide.steps[number] for number in order or range(len(guide.steps)) if number < len(guide.steps)]


def _steps(guide: Guide, order: Sequence[int] | None, *, title: str, meaning: str = "") -> tuple[str, ...]:
    """Each step with its reason below it in small type; before them what the error means, if given."""
    steps = enumerate(_ordered(guide, order), start=1)
    lines = (f"**{number}. {step.title}.** {step.do}\n-# {step.reason}" for number, step in steps)
    return ("\n".join(filter(None, (heading(title), meaning))), *lines)
