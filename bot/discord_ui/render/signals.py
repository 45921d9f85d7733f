"""The three signals, each with its own state, age and source; never merged into one."""

from collections.abc import Iterable, Iterator

from bot.core.outage_life import Outage
from bot.core.reports import DAY
from bot.core.signals import TROUBLE, Cause, Incident, Maintenance, Reading, Seen, Signal, State
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import heading
from bot.usecases.reports.answer_help import HelpAnswer

_MOST_INCIDENTS = 3
_LONGEST_NAME = 60
_AHEAD = DAY
"""Seconds in advance from which planned maintenance is shown."""


def signal_lines(texts: Texts, answer: HelpAnswer) -> str:
    """All signals of an answer with the full text of their sources, one per line."""
    return _small([_people(texts, answer), *_sources(texts, answer, full=True)])


def short_lines(texts: Texts, answer: HelpAnswer, *, people: bool = False) -> str:
    """The service's own sources, in short; with `people` also the counts that the headline does not show."""
    return _small([_people(texts, answer) if people else "", *_sources(texts, answer, full=False)])


def _small(lines: Iterable[str]) -> str:
    return "\n".join(f"-# {line}" for line in filter(None, lines))


def _sources(texts: Texts, answer: HelpAnswer, *, full: bool) -> Iterator[str]:
    for signal in (Signal.PROBE, Signal.OFFICIAL):
        if signal in answer.seen:
            yield from _source(texts, signal, answer, full=full)


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


def going_on(texts: Texts, title: str, ends: float | None, now: float, longest: int = _LONGEST_NAME) -> str:
    """Sentence that maintenance is in progress, with its name and end; with the day of the end if it is not soon."""
    name = plain(title, longest)
    if ends is None:
        return texts.say("Maintenance in progress: {name}.", name=name)
    until = words.at(ends) if ends - now < DAY / 2 else words.day_and_time(ends)
    return texts.say("Maintenance until {when}: {name}", name=name, when=until)


def _about(texts: Texts, incident: Incident, now: float) -> str:
    """The beginning of an incident, its age if it is long, and whether it is only a notice."""
    parts: list[str] = []
    if incident.since is not None:
        parts.append(texts.say("began {when}", when=when(incident.since)))
        if incident.old(now):
            parts.append(texts.say("open for {time}", time=words.age(texts, now - incident.since)))
    if incident.harmless:
        parts.append(texts.say("a notice, not an outage"))
    return "".join(f" · {part}" for part in parts)


def when(at: float) -> str:
    """A relative time, which Discord shows in each reader's language."""
    return f"<t:{int(at)}:R>"


def calm(texts: Texts, answer: HelpAnswer, outage: Outage) -> str:
    """The time since which there are no new reports, after an outage."""
    ended = outage.seen if outage.ended is None else outage.ended
    return words.calm(texts, ended, answer.since_end, answer.at)


def _people(texts: Texts, answer: HelpAnswer) -> str:
    """The counts that the headline does not show.

    None after an outage, because each window still contains its reports.
    """
    tally, counts = answer.tally, list[str]()
    if answer.back is not None:
        return ""
    if tally.here is not None:
        counts.append(texts.say("{count} in this server", count=words.number(texts, tally.here.quarter)))
    counts.append(texts.say("{count} in the last hour", count=words.number(texts, tally.everywhere.hour)))
    if tally.whole_day:
        counts.append(texts.say("{count} in the last 24 hours", count=words.number(texts, tally.everywhere.day)))
    return f"**{texts.say(words.SIGNALS[Signal.PEOPLE])}**: {' · '.join(counts)}"


def _source(texts: Texts, signal: Signal, answer: HelpAnswer, *, full: bool) -> list[str]:
    """A source's line, and its caveats. `full` also has the source's own words and its address."""
    name, service, seen = f"**{texts.say(words.SIGNALS[signal])}**", answer.service.name, answer.seen[signal]
    if seen is None:
        not_yet = Reading(signal, State.UNKNOWN, Cause.NOT_YET, 0)
        return [f"{name}: {words.state(texts, not_yet, service)}"]
    reading = seen.now
    line = f"{name}: {words.state(texts, reading, service, cause=full or not reading.known)}"
    if full and reading.detail and reading.known:
        line += f" ({plain(reading.detail, 100)})"
    ago = when(reading.at)
    if reading.state is State.GONE and not full:
        return [line]
    known = reading.state is not State.UNKNOWN
    line += " · " + (texts.say("checked {when}", when=ago) if known else texts.say("last tried {when}", when=ago))
    if full and reading.link:
        line += f" · <{reading.link}>"
    return [line, *limits(texts, seen, answer, full=full)]


def limits(texts: Texts, seen: Seen, answer: HelpAnswer, *, full: bool = True) -> list[str]:
    """The caveats of a source: maintenance, old incidents, doubt, and its last known state."""
    reading, lines = seen.now, _notes(texts, seen.now, answer.at, full=full)
    if seen.in_doubt:
        lines.append(texts.say("It counts as down if the next check finds the same."))
    if not reading.known and seen.last_known is not None:
        before = seen.last_known
        sentence = words.state(texts, before, answer.service.name)
        lines.append(texts.say("Last known {when}: {state}", when=when(before.at), state=sentence))
    return lines


def _notes(texts: Texts, reading: Reading, now: float, *, full: bool) -> list[str]:
    """Further notes on a reading: maintenance in progress, and old incidents."""
    work = [one for one in reading.maintenances if full and one.going_on(now)][:_MOST_INCIDENTS]
    notes = [going_on(texts, one.title, one.ends, now) for one in work]
    since = [one.since for one in reading.incidents if one.since is not None and not one.harmless]
    if reading.state in TROUBLE and not reading.troubled(now) and since:
        time = words.age(texts, now - max(since))
        notes.append(
            texts.say("Its incidents have been open for {time} or longer, so they say little about now.", time=time)
        )
    return notes
