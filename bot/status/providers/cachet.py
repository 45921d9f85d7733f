"""Cachet v3: `/api/status`, `/api/components`, `/api/incidents` and `/api/schedules`, as JSON:API.

https://github.com/cachethq/core (src/Http/Resources, src/Enums)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import member, members, text
from bot.status.page import Affected, OfficialPage, Overall
from bot.status.parts import Component
from bot.status.times import began, span

_NEWEST = "?per_page=50&sort=-id"
PATHS = ("/api/status", "/api/components?per_page=100", f"/api/incidents{_NEWEST}", f"/api/schedules{_NEWEST}")
_SYSTEM = {
    "operational": State.UP,
    "partial_outage": State.DEGRADED,
    "major_outage": State.DOWN,
    "under_maintenance": State.MAINTENANCE,
}
COMPONENT_STATES: Mapping[int | None, tuple[str, State]] = {
    1: ("operational", State.UP),
    2: ("performance issues", State.DEGRADED),
    3: ("partial outage", State.DEGRADED),
    4: ("major outage", State.DOWN),
    5: ("unknown", State.UNKNOWN),
    6: ("under maintenance", State.MAINTENANCE),
}
FIXED = 4
IN_PROGRESS, COMPLETE = 1, 2


def urls(source: Source) -> tuple[str, ...]:
    """The four addresses."""
    base = source.url.rstrip("/")
    return tuple(base + path for path in PATHS)


def fits(document: Any) -> bool:
    """Whether this is the state of a Cachet page."""
    return isinstance(_attributes(member(document, "data")).get("status"), str)


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the answers; all but the state may be missing."""
    status = _attributes(member(documents[0], "data"))
    word = text(status["status"], 100)
    components, incidents, schedules = (*documents[1:], None, None, None)[:3]
    return OfficialPage(
        Overall(_SYSTEM.get(word, State.UNKNOWN), word, text(status.get("label") or "", 200)),
        tuple(_parts(components)),
        tuple(_incidents(incidents, at)),
        tuple((one, ()) for one in _maintenances(schedules, at)),
    )


def _parts(document: Any) -> Iterator[Component]:
    for one in members(document, "data"):
        data = _attributes(one)
        if data.get("enabled") is False:
            continue
        value = _value(data.get("status"))
        word, state = COMPONENT_STATES.get(value, (text(value, 40), State.UNKNOWN))
        yield Component(
            text(one.get("id") or data.get("id") or "", 100), text(data.get("name") or "", 100), word, state
        )


def _incidents(document: Any, at: float) -> Iterator[tuple[Incident, Affected]]:
    for one in members(document, "data"):
        data = _attributes(one)
        if _value(data.get("status")) == FIXED:
            continue
        incident = Incident(
            title=text(data.get("name") or "", 200),
            state=text(member(data, "status").get("human") or "", 40).lower(),
            since=began(_time(data, "occurred") or _time(data, "created"), (_time(data, "updated"),), at),
            id=text(data.get("guid") or one.get("id") or "", 100),
        )
        part = data.get("component_id")
        yield incident, ((text(part, 100), ""),) if part else ()


def _maintenances(document: Any, at: float) -> Iterator[Maintenance]:
    for one in members(document, "data"):
        data = _attributes(one)
        value = _value(data.get("status"))
        starts, ends = span(_time(data, "scheduled"), _time(data, "completed"), at)
        if value != COMPLETE and (ends is None or ends > at):
            yield Maintenance(text(data.get("name") or "", 200), value == IN_PROGRESS, None, starts, ends)


def _time(data: Mapping[str, Any], name: str) -> Any:
    return member(data, name).get("string")


def _value(status: Any) -> Any:
    """The number of a state, which comes alone or with its name."""
    number = member({"": status}, "").get("value", status)
    return number if type(number) is int else None


def _attributes(data: Any) -> Mapping[str, Any]:
    return member(data, "attributes")
