"""The JSON of change events, and what it says.

The database publishes each change in the tables that processes hold in memory; what is no such change is told.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from bot.core.outage_life import Outage, Phase
from bot.core.reports import Report
from bot.core.signals import Cause, Incident, Reading, Signal, State


class PeerMessage(StrEnum):
    """What processes tell each other beside the changes in the database."""

    HEARTBEAT = "heartbeat"
    READINGS = "readings"
    """Somebody looked at the sources of a service."""
    SHARD_LEFT = "shard left"
    FORGOTTEN = "forgotten"
    """A person deleted all that is kept about them, what is only in memory included."""


def readings(service_id: str, found: Sequence[Reading]) -> Any:
    """What the sources of a service said."""
    return service_id, [asdict(reading) for reading in found]


def as_report(row: Mapping[str, Any]) -> Report:
    """The report of a row."""
    return Report._make(row[name] for name in Report._fields)


def as_outage(row: Mapping[str, Any]) -> Outage:
    """The outage of a row; what a newer version keeps beside is left out. Raises ValueError."""
    values = _known(Outage, {**row, **json.loads(row["document"])})
    values["phase"] = Phase(row["phase"])
    return Outage(**values)


def as_reading(data: Mapping[str, Any]) -> Reading:
    """What a source said."""
    values = _known(Reading, data)
    values |= {"signal": Signal(data["signal"]), "state": State(data["state"]), "cause": Cause(data["cause"])}
    values["incidents"] = tuple(Incident(**_known(Incident, one)) for one in data["incidents"])
    return Reading(**values)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
