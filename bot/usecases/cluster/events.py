"""Reading and writing the JSON of change events.

The database itself publishes each change of a table that processes hold in memory. Other news is sent as messages.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from bot.core.outage_life import Outage, Phase
from bot.core.reports import Report
from bot.core.signals import Cause, Incident, Maintenance, Reading, Signal, State


class PeerMessage(StrEnum):
    """Messages between processes, besides changes in the database."""

    HEARTBEAT = "heartbeat"
    READINGS = "readings"
    """A process has checked the sources of a service."""
    SHARD_LEFT = "shard left"
    FORGOTTEN = "forgotten"
    """A person had all data about them deleted, including data that is only in memory."""


def readings(service_id: str, found: Sequence[Reading]) -> Any:
    """The JSON of the readings of a service."""
    return service_id, [asdict(reading) for reading in found]


def as_report(row: Mapping[str, Any]) -> Report:
    """The report in a row."""
    return Report._make(row[name] for name in Report._fields)


def as_outage(row: Mapping[str, Any]) -> Outage:
    """The outage in a row; fields of a newer version are ignored. Raises ValueError."""
    values = _known(Outage, {**row, **json.loads(row["document"])})
    values["phase"] = Phase(row["phase"])
    return Outage(**values)


def as_reading(data: Mapping[str, Any]) -> Reading:
    """The reading in an event."""
    values = _known(Reading, data)
    values |= {"signal": Signal(data["signal"]), "state": State(data["state"]), "cause": Cause(data["cause"])}
    values["incidents"] = tuple(_incident(one) for one in data["incidents"])
    values["maintenances"] = tuple(
        Maintenance(**_known(Maintenance, one)) for one in data.get("maintenances", ())
    )  # processes of older versions send none
    return Reading(**values)


def _incident(data: Mapping[str, Any]) -> Incident:
    values = _known(Incident, data)
    if "impact" in values:
        values["impact"] = State(values["impact"])
    return Incident(**values)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
