"""The three signals, each with its own state, age and source; never merged into one."""

from bot.core.outage_life import Outage
from bot.core.signals import TROUBLE, Cause, Incident, Maintenance, Reading, Seen, Signal, State
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import heading
from bot.usecases.reports.answer_help import HelpAnswer

_MOST_INCIDENTS = 3
_AHEAD = 86_400.0
"""Seconds by which planned maintenance is told ahead."""


def signal_lines(texts: Texts, answer: HelpAnswer) -> str:
    """All signals of an answer, one per line."""
    lines = [_people(texts, answer)]
    for signal in (Signal.PROBE, Signal.OFFICIAL):
        if signal in answer.seen:
            lines.extend(_source(texts, signal, answer.seen[signal], answer.at))
    return "\n".join(lines)


def incident_lines(texts: Texts, answer: HelpAnswer) -> str:
    """The open incidents of the official page, if it could be read and has any."""
    seen = answer.seen.get(Signal.OFFICIAL)
    if seen is None or not seen.now.incidents:
        return ""
    lines = [heading(texts.say("Open incidents on the official page"))]
    lines += [
        f"- {plain(incident.title)} ({plain(incident.state, 40)}){_about(texts, incident, answer.at)}"
        for incident in sorted(seen.now.incidents, key=lambda one: one.harmless)[:_MOST_INCIDENTS]
    ]
    if (more := len(seen.now.incidents) - _MOST_INCIDENTS) > 0:
        lines.append("- " + texts.many("and {n} more", "and {n} more", more))
    return "\n".join(lines)


def planned_lines(texts: Texts, answer: HelpAnswer) -> str:
    """The maintenance that the official page has planned for the next day, if any."""
    seen = answer.seen.get(Signal.OFFICIAL)
    planned = () if seen is None else seen.now.maintenances
    soon = [
        one
        for one in planned
        if not one.active and one.starts is not None and answer.at < one.starts <= answer.at + _AHEAD
    ]
    if not soon:
        return ""
    lines = [heading(texts.say("Maintenance planned on the official page"))]
    lines += [f"- {plain(one.title)} · {_from_to(texts, one)}" for one in soon[:_MOST_INCIDENTS]]
    return "\n".join(lines)


def _from_to(texts: Texts, planned: Maintenance) -> str:
    assert planned.starts is not None, "only what has a begin is told ahead"
    begins = words.day_and_time(planned.starts)
    if planned.ends is None:
        return texts.say("from {begin}", begin=begins)
    return texts.say("from {begin} to {end}", begin=begins, end=words.day_and_time(planned.ends))


def going_on(texts: Texts, title: str, ends: float | None) -> str:
    """That maintenance is going on, with its name and end."""
    name = plain(title, 80)
    if ends is None:
        return texts.say("Maintenance is going on: {name}.", name=name)
    return texts.say("Maintenance is going on: {name}, planned until {when}.", name=name, when=words.day_and_time(ends))


def _about(texts: Texts, incident: Incident, now: float) -> str:
    """When an incident began, how long it has been open if that is long, and whether it is only a notice."""
    parts: list[str] = []
    if incident.since is not None:
        parts.append(texts.say("began {when}", when=when(incident.since)))
        if incident.old(now):
            parts.append(texts.say("open for {time}", time=words.age(texts, now - incident.since)))
    if incident.harmless:
        parts.append(texts.say("a notice, no trouble"))
    return "".join(f" · {part}" for part in parts)


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


def _source(texts: Texts, signal: Signal, seen: Seen | None, now: float) -> list[str]:
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
    lines = [line, *_notes(texts, reading, now)]
    if seen.in_doubt:
        lines.append("-# " + texts.say("It counts as down if the next look finds the same."))
    if not reading.known and seen.last_known is not None:
        before = seen.last_known
        lines.append(
            "-# " + texts.say("Last known {when}: {state}", when=when(before.at), state=words.state(texts, before))
        )
    return lines


def _notes(texts: Texts, reading: Reading, now: float) -> list[str]:
    """What else a reading says: maintenance that is going on, and that its incidents are old."""
    work = [one for one in reading.maintenances if one.going_on(now)][:_MOST_INCIDENTS]
    notes = [going_on(texts, one.title, one.ends) for one in work]
    since = [one.since for one in reading.incidents if one.since is not None and not one.harmless]
    if reading.state in TROUBLE and not reading.troubled(now) and since:
        time = words.age(texts, now - max(since))
        notes.append(texts.say("Its incidents have been open for {time} or longer, so they are not news.", time=time))
    return [f"-# {note}" for note in notes]
