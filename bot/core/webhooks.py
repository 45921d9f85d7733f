"""Webhooks: what other programs are told of an outage, and how it is signed (standardwebhooks.com). Plain rules.

They are told times, and numbers of the whole bot without small ones; nothing about a person or a server.
"""

import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from bot.core.few import is_few
from bot.core.outage_life import REAL, Outage, Phase
from bot.core.service import Service


class EventType(StrEnum):
    """What happened."""

    ANNOUNCED = "outage.announced"
    UPDATED = "outage.updated"
    """It fails again, is known to concern more servers, or the official page tells of it."""
    RECOVERING = "outage.recovering"
    ENDED = "outage.ended"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that a receiver is to be told. `id` is 0 until it is stored; `at` is when it happened.

    `message_id` is the same for all receivers and all tries: by it a receiver knows what it has had already.
    """

    receiver: str
    message_id: str
    document: str
    at: int
    id: int = 0


def event_type(before: Outage | None, after: Outage) -> EventType | None:
    """What a change of an outage is for others; None if they are not told. A suspicion or a simulation is nothing."""
    if after.simulated or after.phase not in REAL:
        return None
    if before is None or before.phase not in REAL:
        return EventType.ANNOUNCED if after.phase is Phase.ON else None
    if before.phase is not after.phase:
        turns = {Phase.RECOVERING: EventType.RECOVERING, Phase.OVER: EventType.ENDED}
        return turns.get(after.phase, EventType.UPDATED)
    news = before.widespread is not after.widespread or before.official_at != after.official_at
    return EventType.UPDATED if news else None


def document(kind: EventType, service: Service, outage: Outage) -> str:
    """The event as JSON; docs/operators/webhooks.md has its schema."""
    noticed = outage.began if outage.detected is None else outage.detected
    data = {
        "outage": f"{service.id}-{noticed}",
        "service": {"id": service.id, "name": service.name},
        "phase": outage.phase.value,
        "scope": "everywhere" if outage.widespread else "some_servers",
        "began": _moment(outage.began),
        "noticed": _moment(noticed),
        "ended": _moment(outage.ended),
        "failed_seconds": outage.lasted,
        "times_failed": outage.episodes,
        "people": {"now": _people(outage.recent), "peak": _people(outage.peak), "usual": _people(round(outage.usual))},
        "official_page": {"told": _moment(outage.official_at), "seconds_after_us": outage.lead},
    }
    told: dict[str, Any] = {"type": kind.value, "timestamp": _moment(outage.seen), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def message_id(document: str) -> str:
    """The id of a message, from what it says: an event that is written down twice is one message."""
    return f"msg_{sha256(document.encode()).hexdigest()[:32]}"


def receiver_of(url: str) -> str:
    """By what a receiver is known in the database. Its address may hold a secret, so that is not written there."""
    return sha256(url.encode()).hexdigest()[:16]


def headers(key: bytes, delivery: Delivery, at: int) -> dict[str, str]:
    """The headers of a try `at` this moment (epoch seconds); the body is the document in UTF-8."""
    signed = f"{delivery.message_id}.{at}.{delivery.document}".encode()
    signature = b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _people(count: int) -> int | str:
    """A number of people; few of them could point at somebody."""
    return "a few" if is_few(count) else count
