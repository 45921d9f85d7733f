"""Status.io: `https://api.status.io/1.0/status/<page id>`, or `hostedstatus.com` in front of the same path.

States are numbers. A component has containers, such as regions or platforms; each is a part.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import link, member, members, text
from bot.status.page import Affected, OfficialPage, Overall
from bot.status.parts import Component
from bot.status.times import began, span

_STATES = {
    100: State.UP,
    200: State.MAINTENANCE,
    300: State.DEGRADED,
    400: State.DEGRADED,
    500: State.DOWN,
    600: State.DEGRADED,
}
"""Operational, maintenance, degraded, partly disrupted, disrupted, and a security event."""
_WORDS = {100: "investigating", 200: "identified", 300: "monitoring", 400: "resolved"}
_RESOLVED = 400


def urls(source: Source) -> tuple[str, ...]:
    """The address itself: it has the page's id."""
    return (source.url,)


def fits(document: Any) -> bool:
    """Whether this is the public status of a Status.io page."""
    return "status_code" in member(member(document, "result"), "status_overall")


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the status."""
    data = member(documents[0], "result")
    overall = member(data, "status_overall")
    label = text(overall.get("status") or "", 200)
    state = _state(overall)
    word = label if state is State.UNKNOWN and label else text(overall.get("status_code"), 100)
    incidents = [one for one in members(data, "incidents") if _progress(one) != _RESOLVED]
    return OfficialPage(
        Overall(state, word, label),
        tuple(_parts(data)),
        tuple((_incident(one, at), _affected(one)) for one in incidents),
        tuple(_maintenances(member(data, "maintenance"), at)),
    )


def _state(data: Mapping[str, Any]) -> State:
    code = data.get("status_code")
    return _STATES.get(code, State.UNKNOWN) if type(code) is int else State.UNKNOWN


def _parts(data: Any) -> Iterator[Component]:
    for one in members(data, "status"):
        id_, name = text(one.get("id") or one.get("_id") or "", 100), text(one.get("name") or "", 100)
        containers = members(one, "containers")
        yield _part(one, id_, name, group=len(containers) > 1)
        if len(containers) > 1:
            for held in containers:
                held_id = text(held.get("id") or held.get("_id") or "", 100)
                yield _part(held, f"{id_}/{held_id}", f"{name}: {text(held.get('name') or '', 100)}", parent=id_)


def _part(data: Mapping[str, Any], id_: str, name: str, *, group: bool = False, parent: str = "") -> Component:
    status = text(data.get("status") or data.get("status_code") or "", 100)
    return Component(id_, name, status, _state(data), group, parent)


def _messages(incident: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Its messages, the newest last."""
    return sorted(members(incident, "messages"), key=lambda one: text(one.get("datetime") or "", 40))


def _progress(incident: Mapping[str, Any]) -> Any:
    """Its progress, from its newest message."""
    messages = _messages(incident)
    return messages[-1].get("state") if messages else None


def _incident(data: Mapping[str, Any], at: float) -> Incident:
    messages = _messages(data)
    impacts = [state for one in messages if (state := _state({"status_code": one.get("status")})) is not State.UNKNOWN]
    progress = _progress(data)
    return Incident(
        title=text(data.get("name") or "", 200),
        state=_WORDS.get(progress, "") if type(progress) is int else "",
        url=link(data.get("url")),
        since=began(data.get("datetime_open"), (one.get("datetime") for one in messages), at),
        id=text(data.get("_id") or data.get("id") or "", 100),
        impact=_of_parts(impacts),
    )


def _of_parts(impacts: Sequence[State]) -> State:
    """The newest state of its impact. Status.io states it for parts, so it never covers the whole service."""
    if not impacts:
        return State.UNKNOWN
    return State.DEGRADED if impacts[-1] is State.DOWN else impacts[-1]


def _maintenances(data: Any, at: float) -> Iterator[tuple[Maintenance, Affected]]:
    for name, active in (("active", True), ("upcoming", False)):
        for one in members(data, name):
            starts, ends = span(one.get("datetime_planned_start"), one.get("datetime_planned_end"), at)
            title = text(one.get("name") or "", 200)
            yield Maintenance(title, active, link(one.get("url")), starts, ends), _affected(one)


def _affected(data: Mapping[str, Any]) -> Affected:
    """The components. A container is named with each of its components, so it is not enough by itself."""
    named = [(one.get("_id") or one.get("id"), one.get("name")) for one in members(data, "components_affected")]
    return tuple((text(id_ or "", 100), text(name or "", 100)) for id_, name in named)
