"""Webhooks: outage events for other programs, and their signatures (standardwebhooks.com). Pure rules.

Events contain times, and counts of the whole bot without small numbers; nothing about a person or a server.
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
    """It fails again, is known to concern more servers, or appeared on the official page."""
    RECOVERING = "outage.recovering"
    ENDED = "outage.ended"


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """An event to deliver to a receiver. `id` is 0 until it is stored; `at` is when it happened.

    `message_id` is the same for all receivers and all attempts, so that a receiver can recognise duplicates.
    """

    receiver: str
    message_id: str
    document: str
    at: int
    id: int = 0


def event_type(before: Outage | None, after: Outage) -> EventType | None:
    """The event for a change of an outage; None if it is not delivered, such as a suspicion or a simulation."""
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
    body: dict[str, Any] = {"type": kind.value, "timestamp": _moment(outage.seen), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def message_id(document: str) -> str:
    """The id of a message, derived from its content, so an event that is stored twice is one message."""
    return f"msg_{sha256(document.encode()).hexdigest()[:32]}"


def receiver_of(url: str) -> str:
    """The receiver's key in the database: a hash, because its address may contain a secret."""
    return sha256(url.encode()).hexdigest()[:16]


def headers(key: bytes, delivery: WebhookMessage, at: int) -> dict[str, str]:
    """The headers of an attempt at time `at` (epoch seconds); the body is the document in UTF-8."""
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
    """A number of people. A small number could identify someone, so it is not given exactly."""
    return "a few" if is_few(count) else count
