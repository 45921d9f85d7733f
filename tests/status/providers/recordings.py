"""Answers of each kind of status page, written by us from the providers' documentation. None is a real page.

Each kind has the same stories: all is well, an incident, planned and current maintenance, an unknown state. A story
that a kind cannot express is None.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.status.servers import incident, maintenance, summary

BEGAN = "2026-03-01T12:00:00Z"
"""An hour before the clock of the tests."""
PLANNED = ("2026-03-01T14:00:00Z", "2026-03-01T16:00:00Z")
GOING_ON = ("2026-03-01T12:30:00Z", "2026-03-01T16:00:00Z")
TITLE = "Messages do not arrive"

Answers = Mapping[str, Any]
"""The answers of a site by path; any other path is not found."""


@dataclass(frozen=True)
class Plain:
    """An answer that is not JSON."""

    content_type: str
    text: str


@dataclass(frozen=True)
class Recording:
    """A kind of page. Each story holds the answers of a site by path; `path` is added to its address."""

    kind: str
    well: Answers
    trouble: Mapping[str, Answers]
    """Incidents by their state: `degraded`, `down`."""
    planned: Answers | None
    working: Answers | None
    unknown: Answers | None
    part: Callable[[str, str], Answers] | None = None
    """A page whose parts "Chat" and "Voices" have these states: `up`, `degraded`, or `strange`."""
    path: str = ""
    burst: Callable[[int], Answers] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


# --- Atlassian Statuspage -------------------------------------------------------------------------------------------


def _statuspage(**fields: Any) -> Answers:
    return {"/api/v2/summary.json": summary(**fields)}


def _statuspage_parts(first: str, second: str) -> Answers:
    words = {"up": "operational", "degraded": "partial_outage", "strange": "on fire"}
    parts = [
        {"id": "p1", "name": "Chat", "status": words[first], "group": False},
        {"id": "p2", "name": "Voices", "status": words[second], "group": False},
    ]
    return _statuspage(components=parts)


STATUSPAGE = Recording(
    "statuspage",
    well=_statuspage(),
    trouble={
        "degraded": _statuspage(indicator="major", incidents=[incident()]),
        "down": _statuspage(indicator="critical", incidents=[incident(impact="critical")]),
    },
    planned=_statuspage(scheduled_maintenances=[maintenance()]),
    working=_statuspage(
        scheduled_maintenances=[maintenance("in_progress", scheduled_for=GOING_ON[0], scheduled_until=GOING_ON[1])]
    ),
    unknown=_statuspage(indicator="purple"),
    part=_statuspage_parts,
    burst=lambda count: _statuspage(incidents=[incident(id=f"i{n}") for n in range(count)]),
)

# --- incident.io ----------------------------------------------------------------------------------------------------


def _incident_io(**fields: Any) -> Answers:
    """Its pages also answer at Statuspage's address, without components and updates."""
    hollow = summary("none", components=[], incidents=[])
    page = {"page_title": "Example", "page_url": "https://status.example.org"}
    lists: dict[str, list[Any]] = {
        "ongoing_incidents": [],
        "in_progress_maintenances": [],
        "scheduled_maintenances": [],
    }
    return {"/api/v1/summary": {**page, **lists, **fields}, "/api/v2/summary.json": hollow}


def _incident_io_incident(impact: str = "partial_outage", **fields: Any) -> dict[str, Any]:
    return {
        "id": "01HX",
        "name": TITLE,
        "status": "investigating",
        "url": "https://status.example.org/incidents/01HX",
        "last_update_at": BEGAN,
        "last_update_message": "We are looking into it.",
        "current_worst_impact": impact,
        "affected_components": [],
        **fields,
    }


def _incident_io_maintenance(*span: str, status: str) -> dict[str, Any]:
    names = ("starts_at", "ends_at") if status == "maintenance_scheduled" else ("started_at", "scheduled_end_at")
    return {
        "id": "01HM",
        "name": "Database upgrade",
        "status": status,
        "url": "https://status.example.org/maintenances/01HM",
        "last_update_at": BEGAN,
        "last_update_message": "",
        "affected_components": [],
        **dict(zip(names, span, strict=True)),
    }


def _incident_io_parts(first: str, second: str) -> Answers:
    words = {"degraded": "partial_outage", "strange": "on fire"}
    hit = [
        {"id": id_, "name": name, "group_name": "All", "current_status": words[state]}
        for id_, name, state in (("p1", "Chat", first), ("p2", "Voices", second))
        if state in words
    ]
    incidents = [_incident_io_incident(affected_components=hit)] if hit else []
    return _incident_io(ongoing_incidents=incidents)


INCIDENT_IO = Recording(
    "incident.io",
    well=_incident_io(),
    trouble={
        "degraded": _incident_io(ongoing_incidents=[_incident_io_incident()]),
        "down": _incident_io(ongoing_incidents=[_incident_io_incident("full_outage")]),
    },
    planned=_incident_io(scheduled_maintenances=[_incident_io_maintenance(*PLANNED, status="maintenance_scheduled")]),
    working=_incident_io(
        in_progress_maintenances=[_incident_io_maintenance(*GOING_ON, status="maintenance_in_progress")]
    ),
    unknown=_incident_io(ongoing_incidents=[_incident_io_incident("purple")]),
    part=_incident_io_parts,
    burst=lambda count: _incident_io(ongoing_incidents=[_incident_io_incident(id=f"i{n}") for n in range(count)]),
)

# --- Instatus -------------------------------------------------------------------------------------------------------


def _instatus(status: str = "UP", **fields: Any) -> Answers:
    """Empty lists are left out."""
    page = {"name": "Example", "url": "https://status.example.org", "status": status}
    return {"/summary.json": {"page": page, **fields}}


def _instatus_incident(impact: str = "PARTIALOUTAGE", **fields: Any) -> dict[str, Any]:
    url = "https://status.example.org/incident/1"
    return {"name": TITLE, "started": BEGAN, "status": "INVESTIGATING", "impact": impact, "url": url, **fields}


def _instatus_maintenance(start: str, status: str, minutes: str) -> dict[str, Any]:
    url = "https://status.example.org/maintenance/1"
    return {"name": "Database upgrade", "start": start, "status": status, "duration": minutes, "url": url}


def _instatus_parts(first: str, second: str) -> Answers:
    words = {"up": "OPERATIONAL", "degraded": "PARTIALOUTAGE", "strange": "ONFIRE"}
    parts: list[dict[str, Any]] = [
        {"id": "p1", "name": "Chat", "status": words[first], "isParent": False, "children": []},
        {"id": "p2", "name": "Voices", "status": words[second], "isParent": False, "children": []},
    ]
    return {**_instatus("UP" if first == second == "up" else "HASISSUES"), "/v2/components.json": {"components": parts}}


INSTATUS = Recording(
    "instatus",
    well=_instatus(),
    trouble={
        "degraded": _instatus("HASISSUES", activeIncidents=[_instatus_incident()]),
        "down": _instatus("HASISSUES", activeIncidents=[_instatus_incident("MAJOROUTAGE")]),
    },
    planned=_instatus(activeMaintenances=[_instatus_maintenance(PLANNED[0], "NOTSTARTEDYET", "120")]),
    working=_instatus("UNDERMAINTENANCE", activeMaintenances=[_instatus_maintenance(GOING_ON[0], "INPROGRESS", "210")]),
    unknown=_instatus("PURPLE"),
    part=_instatus_parts,
    burst=lambda count: _instatus("HASISSUES", activeIncidents=[_instatus_incident(id=f"i{n}") for n in range(count)]),
)

# --- Better Stack ---------------------------------------------------------------------------------------------------


def _better_stack(state: str = "operational", *included: Any) -> Answers:
    attributes = {"company_name": "Example", "aggregate_state": state, "timezone": "UTC"}
    return {"/index.json": {"data": {"id": "7", "type": "status_page", "attributes": attributes}, "included": included}}


def _better_stack_resource(id_: str, name: str, status: str) -> dict[str, Any]:
    attributes = {"public_name": name, "status": status, "status_page_section_id": 3, "resource_type": "Monitor"}
    return {"id": id_, "type": "status_page_resource", "attributes": attributes}


def _better_stack_report(
    state: str, kind: str = "manual", starts: str = BEGAN, ends: str | None = None, id_: str = "11"
) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "title": TITLE if kind != "maintenance" else "Database upgrade",
        "report_type": kind,
        "starts_at": starts,
        "ends_at": ends,
        "aggregate_state": state,
        "affected_resources": [],
    }
    return {"id": id_, "type": "status_report", "attributes": attributes}


def _better_stack_parts(first: str, second: str) -> Answers:
    words = {"up": "operational", "degraded": "downtime", "strange": "not_monitored"}
    section = {"id": "3", "type": "status_page_section", "attributes": {"name": "All"}}
    return _better_stack(
        "operational" if first == second == "up" else "degraded",
        section,
        _better_stack_resource("p1", "Chat", words[first]),
        _better_stack_resource("p2", "Voices", words[second]),
    )


BETTER_STACK = Recording(
    "better-stack",
    well=_better_stack("operational", _better_stack_report("resolved", ends="2026-03-01T12:10:00Z")),
    trouble={
        "degraded": _better_stack("degraded", _better_stack_report("degraded")),
        "down": _better_stack("downtime", _better_stack_report("downtime")),
    },
    planned=_better_stack("operational", _better_stack_report("maintenance", "maintenance", *PLANNED)),
    working=_better_stack("maintenance", _better_stack_report("maintenance", "maintenance", *GOING_ON)),
    unknown=_better_stack("purple"),
    part=_better_stack_parts,
    burst=lambda count: _better_stack(
        "degraded", *[_better_stack_report("degraded", id_=str(number)) for number in range(count)]
    ),
)

# --- Cachet v3 ------------------------------------------------------------------------------------------------------


def _cachet(
    status: str = "operational", incidents: Sequence[Any] = (), schedules: Sequence[Any] = (), parts: Sequence[Any] = ()
) -> Answers:
    label = {"operational": "All systems are operational."}.get(status, "Some systems are experiencing issues.")
    attributes = {"name": "Example", "label": label, "status": status}
    return {
        "/api/status": {"data": {"id": "status", "type": "status", "attributes": attributes}},
        "/api/components": {"data": parts},
        "/api/incidents": {"data": incidents},
        "/api/schedules": {"data": schedules},
    }


def _cachet_time(at: str | None) -> dict[str, Any]:
    """A time as Cachet writes it: in UTC, without a time zone."""
    return {"human": "a while ago", "string": at and at.replace("T", " ").removesuffix("Z")}


def _cachet_incident(value: int = 1, id_: str = "1") -> dict[str, Any]:
    human = {1: "Investigating", 2: "Identified", 3: "Watching", 4: "Fixed"}[value]
    times = {name: _cachet_time(BEGAN) for name in ("occurred", "created", "updated")}
    attributes = {"guid": f"g{id_}", "name": TITLE, "component_id": None, "status": {"human": human, "value": value}}
    return {"id": id_, "type": "incidents", "attributes": {**attributes, **times}}


def _cachet_schedule(starts: str, ends: str, value: int) -> dict[str, Any]:
    status = {"human": ["Upcoming", "In progress", "Complete"][value], "value": value}
    times = {"scheduled": _cachet_time(starts), "completed": _cachet_time(ends)}
    return {"id": "1", "type": "schedules", "attributes": {"name": "Database upgrade", "status": status, **times}}


def _cachet_parts(first: str, second: str) -> Answers:
    words = {"up": ("Operational", 1), "degraded": ("Major outage", 4), "strange": ("Unknown", 5)}
    parts = [
        {
            "id": id_,
            "type": "components",
            "attributes": {
                "name": name,
                "status": dict(zip(("human", "value"), words[state], strict=True)),
                "enabled": True,
            },
        }
        for id_, name, state in (("p1", "Chat", first), ("p2", "Voices", second))
    ]
    return _cachet("operational" if first == second == "up" else "partial_outage", parts=parts)


CACHET = Recording(
    "cachet",
    well=_cachet(incidents=[_cachet_incident(4)], schedules=[_cachet_schedule(BEGAN, BEGAN, 2)]),
    trouble={
        "degraded": _cachet("partial_outage", [_cachet_incident()]),
        "down": _cachet("major_outage", [_cachet_incident()]),
    },
    planned=_cachet(schedules=[_cachet_schedule(*PLANNED, 0)]),
    working=_cachet("under_maintenance", schedules=[_cachet_schedule(*GOING_ON, 1)]),
    unknown=_cachet("purple"),
    part=_cachet_parts,
    burst=lambda count: _cachet("partial_outage", [_cachet_incident(id_=str(number)) for number in range(count)]),
)

# --- Cachet v2 ------------------------------------------------------------------------------------------------------


def _cachet_v2(
    colour: str = "success",
    incidents: Sequence[Any] = (),
    schedules: Sequence[Any] = (),
    parts: Sequence[Any] = (),
) -> Answers:
    message = {"success": "System operational"}.get(colour, "Some systems are experiencing issues")
    return {
        "/api/v1/status": {"data": {"status": colour, "message": message}},
        "/api/v1/components": {"meta": {"pagination": {"total": len(parts)}}, "data": parts},
        "/api/v1/incidents": {"meta": {"pagination": {"total": len(incidents)}}, "data": incidents},
        "/api/v1/schedules": {"meta": {"pagination": {"total": len(schedules)}}, "data": schedules},
    }


def _cachet_v2_time(at: str) -> str:
    return _cachet_time(at)["string"]


def _cachet_v2_incident(status: int = 1, id_: int = 1) -> dict[str, Any]:
    times = {f"{name}_at": _cachet_v2_time(BEGAN) for name in ("occurred", "created", "updated")}
    return {
        "id": id_,
        "component_id": 0,
        "component_status": 0,
        "name": TITLE,
        "status": status,
        "is_resolved": status == 4,
        "latest_status": status,
        "permalink": "https://status.example.org/incidents/1",
        **times,
    }


def _cachet_v2_schedule(starts: str, ends: str, status: int) -> dict[str, Any]:
    times = {"scheduled_at": _cachet_v2_time(starts), "completed_at": _cachet_v2_time(ends)}
    return {"id": 1, "name": "Database upgrade", "status": status, "components": [], **times}


def _cachet_v2_parts(first: str, second: str) -> Answers:
    words = {"up": ("Operational", 1), "degraded": ("Major Outage", 4), "strange": ("Unknown", 0)}
    parts = [
        {"id": id_, "name": name, "enabled": True, "group_id": 0}
        | dict(zip(("status_name", "status"), words[state], strict=True))
        for id_, name, state in (("p1", "Chat", first), ("p2", "Voices", second))
    ]
    return _cachet_v2("success" if first == second == "up" else "info", parts=parts)


CACHET_V2 = Recording(
    "cachet-v2",
    well=_cachet_v2(incidents=[_cachet_v2_incident(4)], schedules=[_cachet_v2_schedule(BEGAN, BEGAN, 2)]),
    trouble={
        "degraded": _cachet_v2("info", [_cachet_v2_incident()]),
        "down": _cachet_v2("danger", [_cachet_v2_incident(2)]),
    },
    planned=_cachet_v2(schedules=[_cachet_v2_schedule(*PLANNED, 0)]),
    working=_cachet_v2(schedules=[_cachet_v2_schedule(*GOING_ON, 1)]),
    unknown=_cachet_v2("purple"),
    part=_cachet_v2_parts,
    burst=lambda count: _cachet_v2("info", [_cachet_v2_incident(id_=number) for number in range(count)]),
)

# --- Status.io ------------------------------------------------------------------------------------------------------

_STATUS_IO_PATH = "/1.0/status/59db90db"


def _status_io(
    code: Any = 100, parts: Sequence[Any] = (), incidents: Sequence[Any] = (), **maintenance: Sequence[Any]
) -> Answers:
    words = {100: "Operational", 200: "Planned Maintenance", 300: "Degraded Performance", 500: "Service Disruption"}
    overall = {"updated": BEGAN, "status": words.get(code, "Purple"), "status_code": code}
    work: dict[str, Any] = {"active": [], "upcoming": [], **maintenance}
    result: dict[str, Any] = {"status_overall": overall, "status": parts, "incidents": incidents, "maintenance": work}
    return {_STATUS_IO_PATH: {"result": result}}


def _status_io_incident(status: int = 300, *, state: int = 100, id_: str = "5a1") -> dict[str, Any]:
    message = {"details": "Looking into it.", "state": state, "status": status, "datetime": BEGAN}
    affected: dict[str, list[Any]] = {"containers_affected": [], "components_affected": []}
    return {"_id": id_, "name": TITLE, "datetime_open": BEGAN, "messages": [message], **affected}


def _status_io_maintenance(starts: str, ends: str) -> dict[str, Any]:
    return {
        "_id": "5m1",
        "name": "Database upgrade",
        "datetime_planned_start": starts,
        "datetime_planned_end": ends,
        "messages": [],
        "components_affected": [],
    }


def _status_io_parts(first: str, second: str) -> Answers:
    codes = {"up": (100, "Operational"), "degraded": (500, "Service Disruption"), "strange": (999, "On fire")}
    parts = [
        {
            "id": id_,
            "name": name,
            "status_code": codes[state][0],
            "status": codes[state][1],
            "containers": [{"id": "c1", "name": "All", "status_code": codes[state][0], "status": codes[state][1]}],
        }
        for id_, name, state in (("p1", "Chat", first), ("p2", "Voices", second))
    ]
    return _status_io(100 if first == second == "up" else 300, parts)


STATUS_IO = Recording(
    "status.io",
    well=_status_io(incidents=[_status_io_incident(100, state=400)]),
    trouble={
        "degraded": _status_io(300, incidents=[_status_io_incident()]),
        "down": _status_io(500, incidents=[_status_io_incident(500)]),
    },
    planned=_status_io(upcoming=[_status_io_maintenance(*PLANNED)]),
    working=_status_io(200, active=[_status_io_maintenance(*GOING_ON)]),
    unknown=_status_io(999),
    part=_status_io_parts,
    path=_STATUS_IO_PATH,
    burst=lambda count: _status_io(300, incidents=[_status_io_incident(id_=str(number)) for number in range(count)]),
)

# --- Google ---------------------------------------------------------------------------------------------------------


def _google(*incidents: Any) -> Answers:
    over = _google_incident("AVAILABLE", end="2026-02-01T13:00:00+00:00", begin="2026-02-01T12:00:00+00:00", id="old")
    return {"/incidents.json": [*incidents, over]}


def _google_incident(status: str = "SERVICE_DISRUPTION", **fields: Any) -> dict[str, Any]:
    begin = fields.get("begin", BEGAN)
    return {
        "id": "abc",
        "number": "123",
        "begin": begin,
        "created": begin,
        "modified": begin,
        "external_desc": TITLE,
        "most_recent_update": {"created": begin, "modified": begin, "when": begin, "text": "…", "status": status},
        "status_impact": status,
        "severity": "medium",
        "service_key": "zall",
        "service_name": "Multiple Products",
        "affected_products": [],
        "uri": "incidents/abc",
        **fields,
    }


def _google_parts(first: str, second: str) -> Answers:
    states = {"degraded": "SERVICE_DISRUPTION", "strange": "PURPLE"}
    return _google(
        *[
            _google_incident(states[state], id=id_, affected_products=[{"title": name, "id": id_}])
            for id_, name, state in (("p1", "Chat", first), ("p2", "Voices", second))
            if state in states
        ]
    )


GOOGLE = Recording(
    "google",
    well=_google(),
    trouble={"degraded": _google(_google_incident()), "down": _google(_google_incident("SERVICE_OUTAGE"))},
    planned=None,
    working=None,
    unknown=None,
    part=_google_parts,
    burst=lambda count: _google(*[_google_incident(id=f"i{number}") for number in range(count)]),
)

# --- RSS and Atom ---------------------------------------------------------------------------------------------------


def _atom(*entries: tuple[str, str, str]) -> Answers:
    """Entries of id, title and body. As on real pages, the body is HTML that starts with the state."""
    elements = "".join(
        f"<entry><id>tag:{id_}</id><published>{BEGAN}</published><updated>{BEGAN}</updated><title>{title}</title>"
        f'<link rel="alternate" type="text/html" href="https://status.example.org/incidents/{id_}"/>'
        f'<content type="html">{body.replace("<", "&lt;")}</content></entry>'
        for id_, title, body in entries
    )
    feed = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Example</title>'
    return {"/history.atom": Plain("application/atom+xml", f"{feed}{elements}</feed>")}


def _state(word: str) -> str:
    return f"<p><small>Mar 1, 12:00 UTC</small><br /><strong>{word}</strong> - Some words about it.</p>"


FEED = Recording(
    "feed",
    well=_atom(("1", TITLE, _state("Resolved") + _state("Investigating"))),
    trouble={"degraded": _atom(("1", TITLE, _state("Investigating")))},
    planned=_atom(("1", "Database upgrade", _state("Scheduled"))),
    working=_atom(("1", "Database upgrade", _state("In progress"))),
    unknown=_atom(("1", "Something", "<p>Some words.</p>")),
    path="/history.atom",
    burst=lambda count: _atom(*[(str(number), TITLE, _state("Identified")) for number in range(count)]),
)

# --- any JSON -------------------------------------------------------------------------------------------------------


def _json(word: Any) -> Answers:
    return {"/state": {"service": {"state": word}}}


JSON = Recording(
    "json",
    well=_json("OK"),
    trouble={"degraded": _json("slow"), "down": _json(False)},
    planned=None,
    working=None,
    unknown=_json("purple"),
    path="/state",
    extra={
        "pointer": "/service/state",
        "states": {"up": ["ok"], "degraded": ["slow"], "down": ["false"], "maintenance": ["work"]},
    },
)

ALL = (INCIDENT_IO, STATUSPAGE, INSTATUS, BETTER_STACK, CACHET, CACHET_V2, STATUS_IO, GOOGLE, FEED, JSON)


def body(answer: Any) -> tuple[str, bytes]:
    """Content type and bytes of an answer."""
    if isinstance(answer, Plain):
        return answer.content_type, answer.text.encode()
    return "application/json", json.dumps(answer).encode()
