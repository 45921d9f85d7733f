"""`notjustyou services look`: reads each source of a service once, and prints JSON or lines."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from time import time
from typing import Any

import click

from bot.core.service import Service, Source
from bot.core.signals import TROUBLE, Cause, Incident, Maintenance, Reading, State, settle
from bot.settings import Settings
from bot.status.looker import open_looker
from bot.status.registry import PROVIDERS

DOUBT = "counts as down only after a second look in a row that finds it down"
OLD = "old news: its incidents have all been open for more than a day, so it does not count as an outage"
NEVER_THERE = "does not count as down: a name that never led anywhere may be a wrong one"


async def look(service: Service, settings: Settings, *, as_json: bool) -> None:
    """Read each source once, and print the readings."""
    async with open_looker(
        time, allow_private=settings.allow_private_status_hosts, control_urls=settings.control_urls
    ) as looker:
        found = await asyncio.gather(*(looker.look(source) for source in service.sources))
        seen_as = map(looker.seen_as, service.sources)
        readings = [_reading(source, reading) for source, reading in zip(seen_as, found, strict=True)]
    if as_json:
        click.echo(json.dumps({"service": service.id, "name": service.name, "readings": readings}, indent=1))
        return
    click.echo("\n\n".join("\n".join(_lines(reading)) for reading in readings) or f"{service.id} has no sources.")


def _reading(source: Source, reading: Reading) -> dict[str, Any]:
    """A reading. `state` is its counted state as a first reading; `found` is the state found by this reading."""
    state = settle(None, reading).now.state
    return {
        "signal": reading.signal,
        "kind": source.kind,
        "url": PROVIDERS[source.kind].urls(source)[0] if source.kind in PROVIDERS else source.url,
        "link": reading.link,
        "state": state,
        "found": reading.state,
        "note": _note(reading, state),
        "cause": reading.cause,
        "detail": reading.detail,
        **_moment("at", reading.at),
        "incidents": [_incident(incident) for incident in reading.incidents],
        "maintenances": [_maintenance(maintenance) for maintenance in reading.maintenances],
    }


def _note(found: Reading, state: State) -> str | None:
    """What must be known so that the state is not misread."""
    if state is not found.state:
        return NEVER_THERE if found.cause is Cause.DNS else DOUBT
    return OLD if state in TROUBLE and not found.troubled(found.at) else None


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "state": incident.state,
        "impact": incident.impact,
        "url": incident.url,
        **_moment("since", incident.since),
    }


def _maintenance(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "title": maintenance.title,
        "active": maintenance.active,
        "url": maintenance.url,
        **_moment("starts", maintenance.starts),
        **_moment("ends", maintenance.ends),
    }


def _moment(name: str, at: float | None) -> dict[str, Any]:
    """A time in epoch seconds and in ISO 8601."""
    iso = None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return {name: at, f"{name}_iso": iso}


def _lines(reading: Mapping[str, Any]) -> Iterator[str]:
    yield f"{reading['signal']} ({reading['kind']}) {reading['url']}"
    found = f"{reading['found']}: " if reading["found"] != reading["state"] else ""
    yield f"  state: {reading['state']}" + (f" ({found}{reading['note']})" if reading["note"] else "")
    yield f"  cause: {reading['cause']}"
    if reading["detail"]:
        yield f"  detail: {_printable(reading['detail'])}"
    yield f"  read: {reading['at_iso']}"
    for one in reading["incidents"]:
        since = f"since {one['since_iso'] or 'unknown'}"
        yield _listed("incident", one["title"], one["state"], f"impact {one['impact']}", since, one["url"])
    for one in reading["maintenances"]:
        times = f"{one['starts_iso'] or 'unknown'} to {one['ends_iso'] or 'unknown'}"
        yield _listed("maintenance", one["title"], "going on" if one["active"] else "planned", times, one["url"])


def _listed(what: str, *parts: str | None) -> str:
    return f"  {what}: " + ", ".join(_printable(part) for part in parts if part)


def _printable(text: str) -> str:
    """A page's text without control characters for the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
