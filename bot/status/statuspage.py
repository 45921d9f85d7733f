"""Atlassian Statuspage v2: `/api/v2/summary.json`.

An answer is valid only if it is JSON with `page.id` and `status.indicator`. Closed pages answer in many ways: with
401, or with a redirect to a web page that answers 200. Values that we do not know are read as unknown.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.core.service import Source
from bot.core.signals import Cause, Incident, Reading, State
from bot.status.answers import http_cause, is_challenge, text
from bot.status.fetch import TOO_LARGE, HttpAnswer

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
_COMPONENTS = {
    "operational": State.UP,
    "degraded_performance": State.DEGRADED,
    "partial_outage": State.DEGRADED,
    "major_outage": State.DEGRADED,
    "under_maintenance": State.MAINTENANCE,
}
_CLOSED = frozenset({"resolved", "postmortem"})
_WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.MAINTENANCE, State.UP)


def url(source: Source) -> str:
    """The address of the summary."""
    return source.url.rstrip("/") + PATH


def read(source: Source, answer: HttpAnswer, at: float) -> Reading:
    """Convert the page to a reading. Never raises, whatever the page contains."""
    state, cause, detail, incidents = _parse(answer)
    return Reading(source.signal, state, cause, at, source.link, detail, tuple(incidents))


_Parsed = tuple[State, Cause, str, Sequence[Incident]]


def _parse(answer: HttpAnswer) -> _Parsed:
    status_text, challenge = f"HTTP {answer.status}", is_challenge(answer)
    if answer.status in {401, 404, 410} and not challenge:
        return State.GONE, Cause.PAGE_GONE, status_text, ()
    if answer.status != 200 or challenge:  # noqa: PLR2004 - HTTP's OK
        return State.UNKNOWN, http_cause(answer), status_text, ()
    if answer.is_web_page:
        return State.GONE, Cause.PAGE_GONE, "a web page instead of data", ()
    if answer.cut:
        return State.UNKNOWN, Cause.TOO_LARGE, TOO_LARGE, ()
    try:
        data: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return State.UNKNOWN, Cause.NOT_JSON, "", ()
    return _summary(data)


def _summary(data: Any) -> _Parsed:
    page, status = _member(data, "page"), _member(data, "status")
    indicator = status.get("indicator")
    if not isinstance(page.get("id"), str) or not isinstance(indicator, str):
        return State.UNKNOWN, Cause.WRONG_SHAPE, "", ()
    components = [str(c.get("status")) for c in _members(data, "components") if c.get("group") is not True]
    unknown = [value for value in components if value not in _COMPONENTS]
    still_open = [incident for incident in _members(data, "incidents") if str(incident.get("status")) not in _CLOSED]
    incidents = [_incident(incident) for incident in still_open[:MAX_INCIDENTS]]
    if indicator not in _INDICATORS:
        return State.UNKNOWN, Cause.UNKNOWN_VALUE, text(indicator, 100), incidents
    states = {_INDICATORS[indicator], *(_COMPONENTS.get(value, State.UNKNOWN) for value in components)}
    if incidents:
        states.add(State.DEGRADED)
    state = next(s for s in _WORST_FIRST if s in states)
    if state is State.UNKNOWN:
        return state, Cause.UNKNOWN_VALUE, text(unknown[0], 100), incidents
    return state, Cause.ANSWERED, text(status.get("description") or "", 200), incidents


def _incident(data: Mapping[str, Any]) -> Incident:
    state = text(data.get("status") or "", 40)
    link = data.get("shortlink")
    return Incident(
        title=text(data.get("name") or "", 200),
        state=state,
        url=link if isinstance(link, str) and link.startswith("https://") and link.isprintable() else None,
        since=_epoch(data.get("started_at") or data.get("created_at")),
    )


def _epoch(value: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return None


def _member(data: Any, name: str) -> Mapping[str, Any]:
    value: Any = data.get(name) if isinstance(data, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _members(data: Any, name: str) -> list[Mapping[str, Any]]:
    value: Any = data.get(name)
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]  # pyright: ignore[reportUnknownVariableType]
