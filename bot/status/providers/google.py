"""Google's dashboards (Cloud, Workspace): `incidents.json`, all incidents of some years, the newest first.

The schema is public: https://status.cloud.google.com/incidents.schema.json. An incident without an end is open.
Products without an open incident are healthy.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from bot.core.service import Source
from bot.core.signals import Incident, State
from bot.status.answers import link, member, members, text
from bot.status.page import Affected, OfficialPage
from bot.status.parts import Component, worst_of_each
from bot.status.times import began

PATH = "/incidents.json"
_IMPACTS = {
    "AVAILABLE": State.UP,
    "SERVICE_INFORMATION": State.UP,
    "SERVICE_DISRUPTION": State.DEGRADED,
    "SERVICE_OUTAGE": State.DOWN,
}


def urls(source: Source) -> tuple[str, ...]:
    """The address of the list."""
    return (source.url if source.url.endswith(".json") else source.url.rstrip("/") + PATH,)


def fits(document: Any) -> bool:
    """Whether this is a list of Google's incidents. An empty list could be from any provider."""
    listed = members({"": document}, "")
    return bool(listed) and {"begin", "external_desc"} <= listed[0].keys()


def may_be(document: Any) -> bool:
    """Whether it can be such a list, for a page that is known to be Google's."""
    return document == [] or fits(document)


def page(source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the list."""
    [root] = urls(source)
    listed = members({"": documents[0]}, "")
    going_on = [one for one in listed if not one.get("end") and _newest(one) != "AVAILABLE"]
    parts = worst_of_each(part for one in going_on for part in _parts(one))
    return OfficialPage(
        None, parts, tuple((_incident(one, root, at), _affected(one)) for one in going_on), complete=False
    )


def _newest(data: Mapping[str, Any]) -> str:
    return text(member(data, "most_recent_update").get("status") or data.get("status_impact") or "", 40).strip().upper()


def _incident(data: Mapping[str, Any], root: str, at: float) -> Incident:
    update = member(data, "most_recent_update")
    uri = data.get("uri")
    return Incident(
        title=text(data.get("external_desc") or data.get("service_name") or "", 200).strip(),
        state=_newest(data).lower().replace("_", " "),
        url=link(urljoin(root, uri)) if isinstance(uri, str) and uri.startswith("incidents/") else None,
        since=began(data.get("begin"), (update.get("when"), update.get("modified"), data.get("modified")), at),
        id=text(data.get("id") or data.get("number") or "", 100),
        impact=_IMPACTS.get(_newest(data), State.UNKNOWN),
    )


def _parts(data: Mapping[str, Any]) -> list[Component]:
    state = _IMPACTS.get(_newest(data), State.UNKNOWN)
    word = _newest(data).lower().replace("_", " ")
    return [Component(id_ or name, name, word, state) for id_, name in _affected(data)]


def _affected(data: Mapping[str, Any]) -> Affected:
    """The products; older incidents have one service instead."""
    products = [(one.get("id"), one.get("title")) for one in members(data, "affected_products")]
    products = products or [(data.get("service_key"), data.get("service_name"))]
    return tuple((text(id_ or "", 100), text(name or "", 100)) for id_, name in products if id_ or name)
