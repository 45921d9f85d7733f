"""incident.io: `/api/v1/summary`, the address behind its pages' widget.

It only lists current incidents: a part without one is healthy. Its pages also answer at Statuspage's address, but with
most of the content left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import is_list, link, members, text, word
from bot.status.page import Affected, OfficialPage
from bot.status.parts import Component, worst_of_each
from bot.status.times import span

PATH = "/api/v1/summary"
_ONGOING, _WORKING, _PLANNED = "ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances"
_IMPACTS = {
    "operational": State.UP,
    "degraded_performance": State.DEGRADED,
    "partial_outage": State.DEGRADED,
    "full_outage": State.DOWN,
    "under_maintenance": State.MAINTENANCE,
}
_CLOSED = frozenset({"resolved", "maintenance_complete"})


def urls(source: Source) -> tuple[str, ...]:
    """The address of the summary."""
    return (source.url.rstrip("/") + PATH,)


def fits(document: Any) -> bool:
    """Whether this is incident.io's summary. An empty list may be null."""
    lists = (_ONGOING, _WORKING, _PLANNED)
    return isinstance(document, dict) and all(
        name in document and (document[name] is None or is_list(document, name)) for name in lists
    )


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the summary.

    Its times are those of the last update, so the beginning of an incident is unknown.
    """
    data = documents[0]
    going_on = [one for one in members(data, _ONGOING) if word(one.get("status")) not in _CLOSED]
    parts = worst_of_each(part for one in going_on for part in _parts(one))
    incidents = tuple((_incident(one), _affected(one)) for one in going_on)
    return OfficialPage(None, parts, incidents, tuple(_maintenances(data, at)), complete=False)


def _incident(data: Mapping[str, Any]) -> Incident:
    return Incident(
        title=text(data.get("name") or "", 200),
        state=text(data.get("status") or "", 40),
        url=link(data.get("url")),
        id=text(data.get("id") or "", 100),
        impact=_IMPACTS.get(word(data.get("current_worst_impact")), State.UNKNOWN),
    )


def _parts(data: Mapping[str, Any]) -> Iterator[Component]:
    """The parts that an incident names, and their groups. One without a state of its own gets the incident's state."""
    for one in members(data, "affected_components"):
        impact = word(one.get("current_status") or data.get("current_worst_impact"))
        name, id_ = text(one.get("name") or "", 100), text(one.get("id") or one.get("name") or "", 100)
        group = text(one.get("group_name") or "", 100)
        parent = f"group {group}" if group else ""
        if group:
            yield Component(parent, group, group=True)
        yield Component(id_, name, impact, _IMPACTS.get(impact, State.UNKNOWN), parent=parent)


def _maintenances(data: Any, at: float) -> Iterator[tuple[Maintenance, Affected]]:
    for name, active in ((_WORKING, True), (_PLANNED, False)):
        for one in members(data, name):
            starts, ends = span(
                one.get("started_at") or one.get("starts_at"), one.get("scheduled_end_at") or one.get("ends_at"), at
            )
            title = text(one.get("name") or "", 200)
            yield Maintenance(title, active, link(one.get("url")), starts, ends), _affected(one)


def _affected(data: Mapping[str, Any]) -> Affected:
    named = members(data, "affected_components")
    return tuple((text(one.get("id") or "", 100), text(one.get("name") or "", 100)) for one in named)
