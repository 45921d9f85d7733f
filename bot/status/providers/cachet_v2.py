"""Cachet v2: `/api/v1/status`, `/api/v1/components`, `/api/v1/incidents` and `/api/v1/schedules`.

https://docs.cachethq.io/v2.x/api (the states are those of v3, see `cachet`)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import link, member, members, text, word
from bot.status.page import Affected, OfficialPage, Overall
from bot.status.parts import Component
from bot.status.providers.cachet import COMPLETE, COMPONENT_STATES, FIXED, IN_PROGRESS
from bot.status.times import began, span

_NEWEST = "?per_page=50&sort=id&order=desc"
PATHS = (
    "/api/v1/status",
    "/api/v1/components?per_page=100",
    f"/api/v1/incidents{_NEWEST}",
    f"/api/v1/schedules{_NEWEST}",
)
_SYSTEM = {"success": State.UP, "info": State.DEGRADED, "warning": State.DEGRADED, "danger": State.DOWN}
"""The colours of the page's own sentence."""
_INCIDENTS = {1: "investigating", 2: "identified", 3: "watching"}
_SCHEDULED = 0
"""Before 2.4, maintenance is an incident of this state."""


def urls(source: Source) -> tuple[str, ...]:
    """The four addresses."""
    base = source.url.rstrip("/")
    return tuple(base + path for path in PATHS)


def fits(document: Any) -> bool:
    """Whether this is the state of a Cachet page."""
    data = member(document, "data")
    return isinstance(data.get("status"), str) and isinstance(data.get("message"), str)


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the answers; all but the state may be missing."""
    status = member(documents[0], "data")
    colour = word(status.get("status"))
    components, incidents, schedules = (*documents[1:], None, None, None)[:3]
    live = [one for one in members(incidents, "data") if _progress(one) != FIXED and one.get("is_resolved") is not True]
    return OfficialPage(
        Overall(_SYSTEM.get(colour, State.UNKNOWN), colour, text(status.get("message") or "", 200)),
        tuple(_parts(components)),
        tuple((_incident(one, at), _affected(one)) for one in live if _progress(one) != _SCHEDULED),
        tuple(_maintenances(live, members(schedules, "data"), at)),
    )


def _parts(document: Any) -> Iterator[Component]:
    for one in members(document, "data"):
        if one.get("enabled") is False:
            continue
        shown = text(one.get("status_name") or one.get("status"), 40)
        said, state = COMPONENT_STATES.get(_number(one.get("status")), (shown, State.UNKNOWN))
        yield Component(text(one.get("id") or "", 100), text(one.get("name") or "", 100), said, state)


def _incident(data: Mapping[str, Any], at: float) -> Incident:
    return Incident(
        title=text(data.get("name") or "", 200),
        state=_INCIDENTS.get(_progress(data) or 0, ""),
        url=link(data.get("permalink")),
        since=began(data.get("occurred_at") or data.get("created_at"), (data.get("updated_at"),), at),
        id=text(data.get("id") or "", 100),
    )


def _maintenances(
    live: Sequence[Mapping[str, Any]], schedules: Sequence[Mapping[str, Any]], at: float
) -> Iterator[tuple[Maintenance, Affected]]:
    old = [one for one in live if _progress(one) == _SCHEDULED]
    for one in (*schedules, *old):
        starts, ends = span(one.get("scheduled_at"), one.get("completed_at"), at)
        active = one.get("status") == IN_PROGRESS
        work = Maintenance(text(one.get("name") or "", 200), active, link(one.get("permalink")), starts, ends)
        if one.get("status") != COMPLETE and (active or not _past(work, at)):
            yield work, _affected(one)


def _past(work: Maintenance, at: float) -> bool:
    """Whether it is over, or should have begun while the page neither says so nor gives an end."""
    return work.over(at) or (work.ends is None and work.starts is not None and work.starts <= at)


def _affected(data: Mapping[str, Any]) -> Affected:
    listed = [one.get("component_id") or one.get("id") for one in members(data, "components")]
    named = [data.get("component_id"), *listed]
    return tuple((text(one, 100), "") for one in named if one)


def _progress(incident: Mapping[str, Any]) -> int | None:
    """Its progress, from its newest update if the page has one."""
    newest = _number(incident.get("latest_status"))
    return newest if newest is not None else _number(incident.get("status"))


def _number(value: Any) -> int | None:
    """A state as a number; some versions put it into a text."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) == 1:
        return int(value)
    return value if type(value) is int else None
