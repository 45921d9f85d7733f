"""Instatus: `/summary.json`, and `/v2/components.json` for the parts. Empty lists are left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import link, member, members, text
from bot.status.page import OfficialPage, Overall
from bot.status.parts import Component
from bot.status.times import began, span

PATH = "/summary.json"
PARTS_PATH = "/v2/components.json"
_PAGE = {"UP": State.UP, "HASISSUES": State.DEGRADED, "UNDERMAINTENANCE": State.MAINTENANCE}
_IMPACTS = {
    "OPERATIONAL": State.UP,
    "UNDERMAINTENANCE": State.MAINTENANCE,
    "DEGRADEDPERFORMANCE": State.DEGRADED,
    "MINOROUTAGE": State.DEGRADED,
    "PARTIALOUTAGE": State.DEGRADED,
    "MAJOROUTAGE": State.DOWN,
}
_CLOSED = frozenset({"RESOLVED", "COMPLETED"})
_GOING_ON = frozenset({"INPROGRESS", "VERIFYING"})
_MINUTE = 60


def urls(source: Source) -> tuple[str, ...]:
    """The summary, and the parts."""
    base = source.url.rstrip("/")
    return (base + PATH, base + PARTS_PATH)


def fits(document: Any) -> bool:
    """Whether this is Instatus' summary."""
    return isinstance(member(document, "page").get("status"), str) and not member(document, "status")


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the summary, and the parts if they were requested."""
    data = documents[0]
    word = _word(member(data, "page").get("status"))
    parts = tuple(_parts(documents[1])) if len(documents) > 1 else ()
    incidents = (one for one in members(data, "activeIncidents") if _word(one.get("status")) not in _CLOSED)
    return OfficialPage(
        Overall(_PAGE.get(word, State.UNKNOWN), word),
        parts,
        tuple((_incident(one, at), ()) for one in incidents),
        tuple((one, ()) for one in _maintenances(data, at)),
    )


def _incident(data: Mapping[str, Any], at: float) -> Incident:
    return Incident(
        title=text(data.get("name") or "", 200),
        state=text(data.get("status") or "", 40).lower(),
        url=link(data.get("url")),
        since=began(data.get("started"), (data.get("updatedAt"),), at),
        id=text(data.get("id") or data.get("url") or "", 200),
        impact=_IMPACTS.get(_word(data.get("impact")), State.UNKNOWN),
    )


def _maintenances(data: Any, at: float) -> Iterator[Maintenance]:
    for one in members(data, "activeMaintenances"):
        word = _word(one.get("status"))
        starts, ends = span(one.get("start"), None, at)
        minutes = text(one.get("duration") or "", 6)
        if starts is not None and minutes.isdecimal() and minutes.isascii():
            ends = starts + _MINUTE * int(minutes)
        if word not in _CLOSED:
            title = text(one.get("name") or "", 200)
            yield Maintenance(title, word in _GOING_ON, link(one.get("url")), starts, ends)


def _parts(data: Any) -> Iterator[Component]:
    for one in members(data, "components"):
        children = members(one, "children")
        yield _part(one, group=bool(children) or one.get("isParent") is True)
        if held_in := member(one, "group"):
            yield _part(held_in, group=True)
        yield from (_part(child, parent=text(one.get("id") or "", 100)) for child in children)


def _part(data: Mapping[str, Any], *, group: bool = False, parent: str = "") -> Component:
    word = _word(data.get("status"))
    state = _IMPACTS.get(word, State.UNKNOWN)
    held_by = parent or text(member(data, "group").get("id") or "", 100)
    return Component(
        text(data.get("id") or "", 100), text(data.get("name") or "", 100), word.lower(), state, group, held_by
    )


def _word(value: Any) -> str:
    return text(value or "", 40).strip().upper()
