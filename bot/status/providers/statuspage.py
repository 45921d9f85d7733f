"""Atlassian Statuspage v2: `/api/v2/summary.json`.

An answer is valid only if it has `page.id` and `status.indicator`. Closed pages answer in many ways: with 401, or with
a redirect to a web page that answers 200. incident.io's pages also answer here, with little content, so they are tried
first.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import link, member, members, text, word
from bot.status.page import Affected, OfficialPage, Overall
from bot.status.parts import Component
from bot.status.times import began, span

PATH = "/api/v2/summary.json"

# Atlassian's "major" is a partial outage.
_INDICATORS = {
    "none": State.UP,
    "minor": State.DEGRADED,
    "major": State.DEGRADED,
    "critical": State.DOWN,
    "maintenance": State.MAINTENANCE,
}
"""These words are also used for the impact of an incident."""
_COMPONENTS = {
    "operational": State.UP,
    "degraded_performance": State.DEGRADED,
    "partial_outage": State.DEGRADED,
    "major_outage": State.DOWN,
    "under_maintenance": State.MAINTENANCE,
}
_CLOSED = frozenset({"resolved", "postmortem", "completed"})
_GOING_ON = frozenset({"in_progress", "verifying"})
_OF_MAINTENANCE = frozenset({"scheduled", *_GOING_ON})


def urls(source: Source) -> tuple[str, ...]:
    """The address of the summary."""
    return (source.url.rstrip("/") + PATH,)


def fits(document: Any) -> bool:
    """Whether this is a Statuspage summary."""
    return isinstance(member(document, "page").get("id"), str) and isinstance(
        member(document, "status").get("indicator"), str
    )


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the summary."""
    data = documents[0]
    status = member(data, "status")
    indicator = text(status["indicator"], 100)
    label = text(status.get("description") or "", 200)
    overall = Overall(_INDICATORS.get(indicator, State.UNKNOWN), indicator, label)
    parts = tuple(_part(one) for one in members(data, "components"))
    return OfficialPage(overall, parts, tuple(_incidents(data, at)), tuple(_maintenances(data, at).values()))


def _part(data: Mapping[str, Any]) -> Component:
    status = text(data.get("status") or "", 100)
    return Component(
        id=text(data.get("id") or "", 100),
        name=text(data.get("name") or "", 100),
        word=status,
        state=_COMPONENTS.get(status, State.UNKNOWN),
        group=data.get("group") is True,
        parent=text(data.get("group_id") or "", 100),
    )


def _incidents(data: Any, at: float) -> Iterator[tuple[Incident, Affected]]:
    for one in members(data, "incidents"):
        if _word(one) not in _CLOSED | _OF_MAINTENANCE:
            incident = Incident(
                title=text(one.get("name") or "", 200),
                state=text(one.get("status") or "", 40),
                url=link(one.get("shortlink")),
                since=_since(one, at),
                id=text(one.get("id") or "", 100),
                impact=_INDICATORS.get(str(one.get("impact")), State.UNKNOWN),
            )
            yield incident, _affected(one)


def _maintenances(data: Any, at: float) -> dict[str, tuple[Maintenance, Affected]]:
    """The maintenance, planned or in progress, by id. Some pages also list it among the incidents."""
    found: dict[str, tuple[Maintenance, Affected]] = {}
    listed = [one for one in members(data, "incidents") if _word(one) in _OF_MAINTENANCE]
    for one in (*listed, *members(data, "scheduled_maintenances")):
        if _word(one) in _CLOSED:
            continue
        active = _word(one) in _GOING_ON
        starts, ends = span(one.get("scheduled_for"), one.get("scheduled_until"), at)
        work = Maintenance(text(one.get("name") or "", 200), active, link(one.get("shortlink")), starts, ends)
        if not work.over(at):  # the same one may be listed twice, once with a past time
            found[text(one.get("id") or f"{work.title} {starts}", 300)] = work, _affected(one)
    return found


def _word(data: Mapping[str, Any]) -> str:
    return word(data.get("status"))


def _since(data: Mapping[str, Any], at: float) -> float | None:
    later = (data.get(name) for name in ("monitoring_at", "updated_at", "resolved_at"))
    return began(data.get("started_at") or data.get("created_at"), later, at)


def _affected(data: Mapping[str, Any]) -> Affected:
    """Id and name of each part that an incident names; older pages name them only in its updates."""
    named = [(one.get("id"), one.get("name")) for one in members(data, "components")]
    if not named:
        updates = members(data, "incident_updates")
        named = [
            (one.get("code"), one.get("name")) for update in updates for one in members(update, "affected_components")
        ]
    return tuple((text(id_ or "", 100), text(name or "", 100)) for id_, name in named)
