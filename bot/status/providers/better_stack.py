"""Better Stack: `/index.json`, as JSON:API.

https://betterstack.com/docs/uptime/status-pages/subscribing-to-status-updates/subscribing-to-api/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import member, members, text, word
from bot.status.page import Affected, OfficialPage, Overall
from bot.status.parts import Component
from bot.status.times import began, moment, span

PATH = "/index.json"
_STATES = {
    "operational": State.UP,
    "resolved": State.UP,
    "degraded": State.DEGRADED,
    "downtime": State.DOWN,
    "maintenance": State.MAINTENANCE,
}


def urls(source: Source) -> tuple[str, ...]:
    """The address of the document."""
    return (source.url.rstrip("/") + PATH,)


def fits(document: Any) -> bool:
    """Whether this is a Better Stack page."""
    return "aggregate_state" in _attributes(member(document, "data"))


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the document."""
    data = documents[0]
    state = word(_attributes(member(data, "data")).get("aggregate_state"))
    included = members(data, "included")
    reports = [one for one in included if one.get("type") == "status_report"]
    names = {part.id: part.name for part in _parts(included)}
    return OfficialPage(
        Overall(_STATES.get(state, State.UNKNOWN), state),
        tuple(_parts(included)),
        tuple((_incident(one, at), _affected(one, names)) for one in reports if _is_open(one, at)),
        tuple((one, affected) for one, affected in _maintenances(reports, names, at)),
    )


def _parts(included: Sequence[Mapping[str, Any]]) -> Iterator[Component]:
    """Resources, in sections. An unmonitored one has no state, rather than a good one."""
    for one in included:
        data, id_ = _attributes(one), text(one.get("id") or "", 100)
        if one.get("type") == "status_page_section":
            yield Component(f"section {id_}", text(data.get("name") or "", 100), group=True)
        elif one.get("type") == "status_page_resource":
            status = word(data.get("status"))
            section = data.get("status_page_section_id")
            parent = f"section {text(section, 100)}" if section is not None else ""
            name, state = text(data.get("public_name") or "", 100), _STATES.get(status, State.UNKNOWN)
            yield Component(id_, name, status, state, parent=parent)


def _is_open(report: Mapping[str, Any], at: float) -> bool:
    data = _attributes(report)
    ends = moment(data.get("ends_at"))
    closed = word(data.get("aggregate_state")) == "resolved" or (ends is not None and ends <= at)
    return not closed and word(data.get("report_type")) != "maintenance"


def _incident(report: Mapping[str, Any], at: float) -> Incident:
    data = _attributes(report)
    state = word(data.get("aggregate_state"))
    return Incident(
        title=text(data.get("title") or "", 200),
        state=state,
        since=began(data.get("starts_at"), (), at),
        id=text(report.get("id") or "", 100),
        impact=_STATES.get(state, State.UNKNOWN),
    )


def _maintenances(
    reports: Sequence[Mapping[str, Any]], names: Mapping[str, str], at: float
) -> Iterator[tuple[Maintenance, Affected]]:
    for report in reports:
        data = _attributes(report)
        starts, ends = span(data.get("starts_at"), data.get("ends_at"), at)
        if word(data.get("report_type")) == "maintenance" and (ends is None or ends > at):
            active = starts is not None and starts <= at
            yield (
                Maintenance(text(data.get("title") or "", 200), active, None, starts, ends),
                _affected(report, names),
            )


def _affected(report: Mapping[str, Any], names: Mapping[str, str]) -> Affected:
    ids = [
        text(one.get("status_page_resource_id") or "", 100)
        for one in members(_attributes(report), "affected_resources")
    ]
    return tuple((id_, names.get(id_, "")) for id_ in ids if id_)


def _attributes(data: Any) -> Mapping[str, Any]:
    return member(data, "attributes")
