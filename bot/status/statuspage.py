"""Atlassian Statuspage v2: `/api/v2/summary.json`.

An answer is valid only if it is JSON with `page.id` and `status.indicator`. Closed pages answer in many ways: with
401, or with a redirect to a web page that answers 200. Values that we do not know are read as unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Cause, Incident, Maintenance, Reading, State
from bot.status.answers import Unread, link, member, members, page_document, text
from bot.status.fetch import HttpAnswer
from bot.status.parts import Choice, Part, choose
from bot.status.times import began, span

MAX_INCIDENTS = 50
PATH = "/api/v2/summary.json"

# Atlassian's "major" is a partial outage; and if one component is down, the service is not.
_INDICATORS = {
    "none": State.UP,
    "minor": State.DEGRADED,
    "major": State.DEGRADED,
    "critical": State.DOWN,
    "maintenance": State.MAINTENANCE,
}
"""Also the words for the impact of an incident."""
_COMPONENTS = {
    "operational": State.UP,
    "degraded_performance": State.DEGRADED,
    "partial_outage": State.DEGRADED,
    "major_outage": State.DEGRADED,
    "under_maintenance": State.MAINTENANCE,
}
_CLOSED = frozenset({"resolved", "postmortem", "completed"})
_GOING_ON = frozenset({"in_progress", "verifying"})
_OF_MAINTENANCE = frozenset({"scheduled", *_GOING_ON})
_WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.MAINTENANCE, State.UP)


def url(source: Source) -> str:
    """The address of the summary."""
    return source.url.rstrip("/") + PATH


def read(source: Source, answer: HttpAnswer, at: float) -> Reading:
    """Convert the page to a reading. Never raises, whatever the page contains."""
    data = page_document(answer)
    if isinstance(data, Unread):
        return Reading(source.signal, data.state, data.cause, at, source.link, data.detail)
    status = member(data, "status")
    if not isinstance(member(data, "page").get("id"), str) or not isinstance(status.get("indicator"), str):
        return Reading(source.signal, State.UNKNOWN, Cause.WRONG_SHAPE, at, source.link)
    ours = choose(source.components, [_part(one) for one in members(data, "components")])
    incidents = tuple(_incidents(data, ours, at))[:MAX_INCIDENTS]
    maintenances = tuple(_maintenances(data, ours, at).values())[:MAX_INCIDENTS]
    going_on = [one for one in maintenances if one.going_on(at)]
    state, cause, detail = _overall(status, ours, incidents, going_on)
    return Reading(source.signal, state, cause, at, source.link, detail, incidents, maintenances)


def _part(data: Mapping[str, Any]) -> Part:
    word = text(data.get("status") or "", 100)
    return Part(
        id=text(data.get("id") or "", 100),
        name=text(data.get("name") or "", 100),
        word=word,
        state=_COMPONENTS.get(word, State.UNKNOWN),
        group=data.get("group") is True,
        parent=text(data.get("group_id") or "", 100),
    )


def _overall(
    status: Mapping[str, Any], ours: Choice, incidents: Sequence[Incident], going_on: Sequence[Maintenance]
) -> tuple[State, Cause, str]:
    """The worst that the page says of what is ours, and the words for it.

    The indicator is about the whole page, so it counts only if all of it is ours. Unknown parts count only if no other
    is known, and an incident of unknown impact only by the parts that it affects.
    """
    said: list[tuple[State, str]] = []
    if ours.everything:
        indicator = _INDICATORS.get(status["indicator"])
        if indicator is None:
            return State.UNKNOWN, Cause.UNKNOWN_VALUE, text(status["indicator"], 100)
        said.append((indicator, text(status.get("description") or "", 200)))
    elif not ours.parts:
        said.append((State.UNKNOWN, ""))
    unknown = [part for part in ours.parts if part.state is State.UNKNOWN]
    known = [part for part in ours.parts if part.state is not State.UNKNOWN]
    said += [(part.state, f"{part.name}: {part.word}") for part in known]
    said += [(part.state, part.word) for part in unknown if not known]
    said += [(incident.impact, incident.title) for incident in incidents if incident.impact is not State.UNKNOWN]
    said += [(State.MAINTENANCE, one.title) for one in going_on]
    state, told = min(said, key=lambda one: _WORST_FIRST.index(one[0]))
    if state is State.UNKNOWN and unknown:
        return state, Cause.UNKNOWN_VALUE, told
    told = "; ".join(filter(None, (told, _unknown(unknown), _missing(ours))))
    return state, Cause.PART_MISSING if state is State.UNKNOWN else Cause.ANSWERED, text(told, 200)


def _unknown(parts: list[Part]) -> str:
    return "unknown: " + ", ".join(f"{part.name} ({part.word})" for part in parts) if parts else ""


def _missing(ours: Choice) -> str:
    return "not on the page: " + ", ".join(ours.missing) if ours.missing else ""


def _incidents(data: Any, ours: Choice, at: float) -> Iterator[Incident]:
    """The open incidents that are ours."""
    for one in members(data, "incidents"):
        if _word(one) not in _CLOSED | _OF_MAINTENANCE and ours.concerns(_affected(one)):
            yield Incident(
                title=text(one.get("name") or "", 200),
                state=text(one.get("status") or "", 40),
                url=link(one.get("shortlink")),
                since=_since(one, at),
                id=text(one.get("id") or "", 100),
                impact=_INDICATORS.get(str(one.get("impact")), State.UNKNOWN),
            )


def _maintenances(data: Any, ours: Choice, at: float) -> dict[str, Maintenance]:
    """The maintenance that is ours, planned or going on, by id. Some pages list it among the incidents, too."""
    found: dict[str, Maintenance] = {}
    listed = [one for one in members(data, "incidents") if _word(one) in _OF_MAINTENANCE]
    for one in (*listed, *members(data, "scheduled_maintenances")):
        if _word(one) in _CLOSED or not ours.concerns(_affected(one)):
            continue
        active = _word(one) in _GOING_ON
        starts, ends = span(one.get("scheduled_for"), one.get("scheduled_until"), at)
        if active or ends is None or ends > at:
            name = text(one.get("name") or "", 200)
            key = text(one.get("id") or f"{name} {starts}", 300)
            found[key] = Maintenance(name, active, link(one.get("shortlink")), starts, ends)
    return found


def _word(data: Mapping[str, Any]) -> str:
    return text(data.get("status") or "", 40).strip().lower()


def _since(data: Mapping[str, Any], at: float) -> float | None:
    later = (data.get(name) for name in ("monitoring_at", "updated_at", "resolved_at"))
    return began(data.get("started_at") or data.get("created_at"), later, at)


def _affected(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Id and name of each part that an incident names; older pages name them only in its updates."""
    named = [(one.get("id"), one.get("name")) for one in members(data, "components")]
    if not named:
        updates = members(data, "incident_updates")
        named = [
            (one.get("code"), one.get("name")) for update in updates for one in members(update, "affected_components")
        ]
    return [(text(id_ or "", 100), text(name or "", 100)) for id_, name in named]
