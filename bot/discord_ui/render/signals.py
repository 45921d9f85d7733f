"""The three signals, each with its own state, age and source; never merged into one."""

from bot.core.outage_life import Outage
from bot.core.signals import Cause, Reading, Seen, Signal, State
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import heading
from bot.usecases.reports.answer_help import HelpAnswer

_MOST_INCIDENTS = 3


def signal_lines(texts: Texts, answer: HelpAnswer) -> str:
    """All signals of an answer, one per line."""
    lines = [_people(texts, answer)]
    for signal in (Signal.PROBE, Signal.OFFICIAL):
        if signal in answer.seen:
            lines.extend(_source(texts, signal, answer.seen[signal]))
    return "\n".join(lines)


def incident_lines(texts: Texts, answer: HelpAnswer) -> str:
    """The open incidents of the official page, if it could be read and has any."""
    seen = answer.seen.get(Signal.OFFICIAL)
    if seen is None or not seen.now.incidents:
        return ""
    lines = [heading(texts.say("Open incidents on the official page"))]
    for incident in seen.now.incidents[:_MOST_INCIDENTS]:
        began = " · " + texts.say("began {when}", when=when(incident.since)) if incident.since else ""
        lines.append(f"- {plain(incident.title)} ({plain(incident.state, 40)}){began}")
    if (more := len(seen.now.incidents) - _MOST_INCIDENTS) > 0:
        lines.append("- " + texts.many("and {n} more", "and {n} more", more))
    return "\n".join(lines)


def when(at: float) -> str:
    """A relative time, which Discord shows in each reader's language."""
    return f"<t:{int(at)}:R>"


def calm(texts: Texts, answer: HelpAnswer, outage: Outage) -> str:
    """Since when there are no new reports, after an outage."""
    ended = outage.seen if outage.ended is None else outage.ended
    return words.calm(texts, ended, answer.since_end, answer.at)


def _people(texts: Texts, answer: HelpAnswer) -> str:
    name, tally = texts.say(words.SIGNALS[Signal.PEOPLE]), answer.tally
    if (back := answer.back) is not None:  # each window would still hold reports of the outage
        return f"{words.MARKS[Signal.PEOPLE]} **{name}**: {calm(texts, answer, back)}"
    counts = [
        texts.say("last 15 minutes {count}", count=words.number(texts, tally.everywhere.quarter)),
        texts.say("last hour {count}", count=words.number(texts, tally.everywhere.hour)),
    ]
    if tally.whole_day:
        counts.append(texts.say("last 24 hours {count}", count=words.number(texts, tally.everywhere.day)))
    if tally.here is not None:
        here = words.number(texts, tally.here.quarter)
        counts.insert(1, texts.say("of them in this server {count}", count=here))
    return f"{words.MARKS[Signal.PEOPLE]} **{name}**: {' · '.join(counts)}"


def _source(texts: Texts, signal: Signal, seen: Seen | None) -> list[str]:
    name = f"{words.MARKS[signal]} **{texts.say(words.SIGNALS[signal])}**"
    if seen is None:
        not_yet = Reading(signal, State.UNKNOWN, Cause.NOT_YET, 0)
        return [f"{name}: {words.state(texts, not_yet)}"]
    reading = seen.now
    line = f"{name}: {words.state(texts, reading)}"
    if reading.detail:
        line += f" ({plain(reading.detail, 100)})"
    line += " · " + texts.say("checked {when}", when=when(reading.at))
    if reading.link:
        line += f" · <{reading.link}>"
    lines = [line]
    if seen.in_doubt:
        lines.append("-# " + texts.say("It counts as down if the next look finds the same."))
    if not reading.known and seen.last_known is not None:
        before = seen.last_known
        lines.append(
            "-# " + texts.say("Last known {when}: {state}", when=when(before.at), state=words.state(texts, before))
        )
    return lines
