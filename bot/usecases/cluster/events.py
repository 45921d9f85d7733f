"""ChangeEvent: what each change of one process is called and how it is written, for the others to take in.

The stores tell them in the transaction of the change itself. Whatever is told twice, or late, does no harm.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from bot.core.guild_settings import GuildSettings, to_document
from bot.core.outage_life import Outage, Phase
from bot.core.reports import Report
from bot.core.signals import Cause, Incident, Reading, Signal, State
from bot.usecases.outages.ports import WatchStep, Written


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """What one process changed that others hold in memory, too. `kind` names the change, `told` is JSON."""

    kind: str
    told: Any


class EventKind(StrEnum):
    """What changed."""

    REPORTED = "reported"
    WITHDRAWN = "withdrawn"
    SYMPTOM = "symptom"
    FORGOTTEN = "forgotten"
    """A person deleted all that is kept about them."""
    SETTINGS = "settings"
    OPT_OUT = "opt_out"
    STEP = "step"
    """The watch, or a simulation, went a step on."""
    POST = "post"
    POST_DONE = "post_done"
    STOPPED = "stopped"
    """A person no longer waits to be called."""
    SERVERS_LEFT = "servers_left"
    SERVERS_BACK = "servers_back"
    SERVER_PURGED = "server_purged"
    LEFT = "left"
    """A process has left a shard to the next one."""
    READ = "read"
    """Somebody looked at the sources of a service."""


def reported(report: Report) -> ChangeEvent:
    """A report was counted."""
    return ChangeEvent(EventKind.REPORTED, tuple(report))


def withdrawn(report: Report) -> ChangeEvent:
    """A report was taken back."""
    return ChangeEvent(EventKind.WITHDRAWN, (report.service, report.reporter, report.id))


def symptom(report: Report) -> ChangeEvent:
    """A report now says what is wrong, or something else."""
    return ChangeEvent(EventKind.SYMPTOM, (report.service, report.reporter, report.id, report.symptom))


def settings(guild_id: int, now: GuildSettings) -> ChangeEvent:
    """A server's settings, as they are now."""
    return ChangeEvent(EventKind.SETTINGS, (guild_id, to_document(now)))


def step(told: WatchStep, written: Written) -> list[ChangeEvent]:
    """What the watch wrote. Its own state and the new posts are read from their tables: they are long."""
    posts = [post.id for post in written.posts]
    document = {
        "service": told.service,
        "watch": told.watch is not None,
        "outage": None if written.outage is None else asdict(written.outage),
        "posts": (min(posts), max(posts)) if posts else None,
        "changed": [(post.id, post.pinged, post.reminded) for post in told.changed],
    }
    return [ChangeEvent(EventKind.STEP, document)]


def post(post_id: int, changed: Mapping[str, Any]) -> ChangeEvent:
    """Members of a post that its announcer wrote."""
    return ChangeEvent(EventKind.POST, (post_id, dict(changed)))


def read(service_id: str, readings: Sequence[Reading]) -> ChangeEvent:
    """What the sources of a service said."""
    return ChangeEvent(EventKind.READ, (service_id, [asdict(reading) for reading in readings]))


def left(shard: int, last: int) -> ChangeEvent:
    """A process leaves a shard to the next; `last` is the newest interaction that it answers there."""
    return ChangeEvent(EventKind.LEFT, (shard, last))


def servers(kind: EventKind, guild_ids: Collection[int]) -> ChangeEvent:
    """Servers removed us, or are back."""
    return ChangeEvent(kind, list(guild_ids))


def as_report(told: Any) -> Report:
    """The report that was counted."""
    return Report(*told)


def as_outage(told: Any) -> Outage:
    """An outage as it was written; what a newer version knows beside is left out. Raises ValueError."""
    values: dict[str, Any] = _known(Outage, told)
    values["phase"] = Phase(told["phase"])
    return Outage(**values)


def as_reading(told: Any) -> Reading:
    """What a source said."""
    enums = {"signal": Signal(told["signal"]), "state": State(told["state"]), "cause": Cause(told["cause"])}
    values: dict[str, Any] = _known(Reading, told) | enums
    values["incidents"] = tuple(Incident(**_known(Incident, one)) for one in told["incidents"])
    return Reading(**values)


def _known(kind: type[Any], told: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in told.items() if name in names}
