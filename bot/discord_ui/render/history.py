"""The cards of `/outages` (recent outages, and one in detail) and of `/back` (what a person waits for)."""

from collections.abc import Sequence
from operator import itemgetter

from bot.core.outage_life import Outage, Phase
from bot.core.service import Service
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Row, button, buttons, card, choice, heading, note, option
from bot.discord_ui.render.outage import peak_at, story

_MOST_LISTED = 10


def outages_card(texts: Texts, service: Service, outages: Sequence[Outage], picture: str) -> Card:
    """The newest outages of the last 30 days, with their picture."""
    lines = ["## " + texts.say("{service}: outages of the last 30 days", service=service.name)]
    if not outages:
        lines.append(texts.say("None that I saw."))
    lines += [f"- {_line(texts, outage)}" for outage in outages[:_MOST_LISTED]]
    if (more := len(outages) - _MOST_LISTED) > 0:
        lines.append("- " + texts.many("and {n} more", "and {n} more", more))
    lines.append("-# " + texts.say("Seen from people's reports; the official page is told beside it."))
    rows: list[Row] = []
    if outages:
        options = [option(_label(texts, outage), str(outage.id)) for outage in outages]
        rows.append(choice(texts.say("One outage in full"), "outage", service.id, options=options))
    return card("\n".join(lines), rows=rows, picture=picture)


def outage_card(texts: Texts, service: Service, outage: Outage, picture: str) -> Card:
    """One outage: timeline, symptoms, lead over the official page, and what each signal said."""
    title = "## " + texts.say("{service}: outage #{number}", service=service.name, number=outage.id)
    return card(
        "\n".join((title, *story(texts, service, outage))),
        "\n".join((heading(texts.say("Timeline")), *_timeline(texts, outage))),
        "\n".join((heading(texts.say("What spoke for it")), *_evidence(texts, outage))),
        rows=[buttons(button(texts.say("All outages"), "outages", service.id))],
        picture=picture,
    )


def waiting_card(texts: Texts, names: Sequence[tuple[Service, bool]]) -> Card:
    """The services that a person waits for, each with whether they get a direct message."""
    if not names:
        return note(texts.say("You are not waiting for anything."))
    lines = [texts.say("I call you once, when it looks back to normal:")]
    for service, by_message in names:
        how = texts.say("by direct message") if by_message else texts.say("where you asked")
        lines.append(f"- **{service.name}**: {how}")
    lines.append("-# " + texts.say("Your id is kept for that only, and deleted when you are called, or after 7 days."))
    stop = [button(texts.say("Don't call me"), "backstop")]
    return note("\n".join(lines), rows=[buttons(*stop)])


def will_call(texts: Texts, service: Service, scope: int, *, going_on: bool, by_message: bool) -> Card:
    """The answer to *Tell me when it's back*."""
    if going_on:
        sentence = texts.say("I will call you once, when {service} looks back to normal.", service=service.name)
    else:
        sentence = texts.say(
            "I see no outage of {service} yet. If it becomes one, I will call you when it is over.",
            service=service.name,
        )
    where = texts.say("By direct message.") if by_message else texts.say("Here.")
    made = [button(texts.say("Don't call me"), "backstop", service.id)]
    if not by_message:
        made.insert(0, button(texts.say("By direct message instead"), "backdm", service.id, str(scope)))
    return note(f"{sentence} {where}", rows=[buttons(*made)])


def back_already(texts: Texts, service: Service, outage: Outage) -> str:
    """The answer if the outage is over already."""
    when = words.at(outage.seen if outage.ended is None else outage.ended)
    return texts.say(
        "{service} looks back to normal since about {when}. If it still fails for you, press *I have this too*.",
        service=service.name,
        when=when,
    )


def only_by_message(texts: Texts, service: Service, scope: int) -> Card:
    """The question for a place where the bot may not write on its own."""
    sentence = texts.say("I cannot write here on my own. May I send you a direct message when it is back?")
    made = button(texts.say("Yes, send me a message"), "backdm", service.id, str(scope))
    return note(sentence, rows=[buttons(made)])


def _line(texts: Texts, outage: Outage) -> str:
    people = words.people(texts, outage.peak)
    if outage.phase is Phase.ON:
        told = texts.say("**#{number}** since {when}, still on; at most {people}", number=outage.id,
                         when=words.day_and_time(outage.began), people=people)  # fmt: skip
        return words.told_at(texts, told, outage.seen)
    return texts.say(
        "**#{number}** {when}, {lasted}; at most {people}",
        number=outage.id,
        when=words.day_and_time(outage.began),
        lasted=words.duration(texts, outage.lasted),
        people=people,
    )


def _label(texts: Texts, outage: Outage) -> str:
    when = words.utc(outage.began)
    lasted = texts.say("still on") if outage.phase is Phase.ON else words.duration(texts, outage.lasted)
    return f"#{outage.id} · {when} · {lasted}"


def _timeline(texts: Texts, outage: Outage) -> list[str]:
    # Of the same moment, in this order.
    moments = [(outage.began, texts.say("It began, as far as the reports tell"))]
    if outage.official_at is not None and outage.official_exact:
        moments.append((outage.official_at, texts.say("The official page spoke of it")))
    if outage.detected is not None:
        moments.append((outage.detected, texts.say("I was sure")))
    if outage.unstable and outage.episode_began is not None:
        moments.append((outage.episode_began, texts.say("It began to fail for the last time")))
    moments.append((peak_at(outage), texts.say("Most people: {people}", people=words.people(texts, outage.peak))))
    if outage.ended is not None:
        moments.append((outage.ended, texts.say("Back to normal")))
    return [f"- {words.day_and_time(when)}: {what}" for when, what in sorted(moments, key=itemgetter(0))]


def _evidence(texts: Texts, outage: Outage) -> list[str]:
    lines = [
        texts.say(
            "- People: {reports} reports in all, from {servers} at once",
            reports=words.number(texts, outage.reports),
            servers=texts.many("{n} server", "{n} servers", outage.servers),
        )
    ]
    sentences = {
        "probe": texts.say("- Our probe saw trouble when I was sure"),
        "official": texts.say("- The official page reported trouble when I was sure"),
        "talk": texts.say("- More people than usual talked of trouble without reporting it"),
    }
    lines += [sentence for name, sentence in sentences.items() if outage.evidence.get(name)]
    return lines
