"""The cards of `/outages` (recent outages, and one in detail) and of `/back` (a person's subscriptions)."""

from collections.abc import Sequence
from operator import itemgetter

from bot.core.outage_life import Outage, Phase
from bot.core.service import Service
from bot.core.texts import N_, Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Card, Picture, Row, button, buttons, card, choice, heading, note, option
from bot.discord_ui.render.outage import peak_at, still_button, story

_MOST_LISTED = 10


def outages_card(texts: Texts, service: Service, outages: Sequence[Outage], picture: Picture) -> Card:
    """The newest outages of the last 30 days, with their picture."""
    lines = ["## " + texts.say("{service}: outages of the last 30 days", service=service.name)]
    if not outages:
        lines.append(texts.say("None that we noticed."))
    lines += [f"- {_line(texts, outage)}" for outage in outages[:_MOST_LISTED]]
    if (more := len(outages) - _MOST_LISTED) > 0:
        lines.append("- " + texts.many("and {n} more", "and {n} more", more))
    noticed = "-# " + texts.say("Noticed from people's reports, not from the official page.")
    rows: list[Row] = []
    if outages:
        options = [option(_label(texts, outage), str(outage.id)) for outage in outages]
        rows.append(choice(texts.say("Look at one outage"), "outage", service.id, options=options))
    return card(("\n".join(lines), noticed), rows=rows, picture=picture)


def outage_card(texts: Texts, service: Service, outage: Outage, picture: Picture) -> Card:
    """One outage: timeline, symptoms, lead time over the official page, and the evidence of each signal."""
    title = "## " + texts.say("{service}: outage #{number}", service=service.name, number=outage.id)
    return card(
        "\n".join((title, *story(texts, service, outage))),
        "\n".join((heading(texts.say("Timeline")), *_timeline(texts, outage))),
        "\n".join((heading(texts.say("Evidence")), *_evidence(texts, outage))),
        rows=[buttons(button(texts.say("All outages"), "outages", service.id))],
        picture=picture,
    )


def waiting_card(texts: Texts, names: Sequence[tuple[Service, bool]]) -> Card:
    """The services that a person waits for, each with the kind of notification."""
    if not names:
        return note(texts.say("You're not waiting for anything."))
    lines = [texts.say("I'll ping you once, when it looks back to normal:")]
    for service, by_message in names:
        how = texts.say("by direct message") if by_message else texts.say("where you asked")
        lines.append(f"- **{service.name}**: {how}")
    lines.append(
        "-# " + texts.say("Your ID is kept only for this. It is deleted once you've been pinged, or after 7 days.")
    )
    stop = [button(texts.say("Don't ping me"), "backstop")]
    return note("\n".join(lines), rows=[buttons(*stop)])


def will_call(texts: Texts, service: Service, scope: int, *, going_on: bool, by_message: bool) -> Card:
    """The answer to *Tell me when it's back*."""
    if by_message:
        sentence = N_("I'll send you one direct message when {service} looks back to normal.")
        later = N_("I see no outage of {service} yet. If one starts, I'll send you a direct message when it's over.")
    else:
        sentence = N_("I'll ping you here once, when {service} looks back to normal.")
        later = N_("I see no outage of {service} yet. If one starts, I'll ping you here when it's over.")
    made = [button(texts.say("Don't ping me"), "backstop", service.id)]
    if not by_message:
        made.insert(0, button(texts.say("Send me a message instead"), "backdm", service.id, str(scope)))
    return note(texts.say(sentence if going_on else later, service=service.name), rows=[buttons(*made)])


def back_already(texts: Texts, service: Service, outage: Outage) -> Card:
    """The answer if the outage is already over."""
    when = words.at(outage.seen if outage.ended is None else outage.ended)
    sentence = texts.say("{service} has looked back to normal since about {when}.", service=service.name, when=when)
    return note(sentence, rows=[buttons(still_button(texts, service))])


def only_by_message(texts: Texts, service: Service, scope: int) -> Card:
    """The question for a place where the bot may not write on its own."""
    sentence = texts.say("I can't post here on my own. May I send you a direct message when it's back?")
    made = button(texts.say("Yes, send me a message"), "backdm", service.id, str(scope))
    return note(sentence, rows=[buttons(made)])


def _line(texts: Texts, outage: Outage) -> str:
    people = words.people(texts, outage.peak)
    if outage.phase is Phase.ON:
        line = texts.say("**#{number}** since {when}, still going on; peak: {people}", number=outage.id,
                         when=words.day_and_time(outage.began), people=people)  # fmt: skip
        return words.as_of(texts, line, outage.seen)
    return texts.say(
        "**#{number}** {when}, {lasted}; peak: {people}",
        number=outage.id,
        when=words.day_and_time(outage.began),
        lasted=words.duration(texts, outage.lasted),
        people=people,
    )


def _label(texts: Texts, outage: Outage) -> str:
    when = words.utc(outage.began)
    lasted = texts.say("still going on") if outage.phase is Phase.ON else words.duration(texts, outage.lasted)
    return f"#{outage.id} · {when} · {lasted}"


def _timeline(texts: Texts, outage: Outage) -> list[str]:
    # Events at the same moment, in this order.
    moments = [(outage.began, texts.say("First reports"))]
    if outage.official_at is not None and outage.official_exact:
        moments.append((outage.official_at, texts.say("Posted on the official page")))
    if outage.detected is not None:
        moments.append((outage.detected, texts.say("Confirmed")))
    if outage.unstable and outage.episode_began is not None:
        moments.append((outage.episode_began, texts.say("Failed again")))
    moments.append((peak_at(outage), texts.say("Peak: {people}", people=words.people(texts, outage.peak))))
    if outage.ended is not None:
        moments.append((outage.ended, texts.say("Back to normal")))
    return [f"- {words.day_and_time(when)}: {what}" for when, what in sorted(moments, key=itemgetter(0))]


def _evidence(texts: Texts, outage: Outage) -> list[str]:
    lines = [
        texts.say(
            "- {reports} reports in all, from up to {servers} at a time",
            reports=words.number(texts, outage.reports),
            servers=words.servers(texts, outage.servers),
        )
    ]
    sentences = {
        "probe": texts.say("- Our own check failed, too, when it was confirmed"),
        "official": texts.say("- The official page reported trouble when it was confirmed"),
        "talk": texts.say("- More people than usual wrote about trouble without reporting it"),
    }
    lines += [sentence for name, sentence in sentences.items() if outage.evidence.get(name)]
    return lines
