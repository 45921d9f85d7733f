"""The page's content as JSON, for programs; `assets/status.schema.json` describes it."""

from datetime import UTC, datetime
from typing import Any

import orjson

from bot.core.few import EXACT_FROM, is_few
from bot.core.official_delay import OfficialDelay
from bot.core.outage_life import ONGOING, Outage
from bot.core.signals import Seen
from bot.usecases.reports.public_state import PublicService
from bot.web.document import Document, DocumentRequest
from bot.web.states import state_of
from bot.web.views import headline

VERSION = 1


def status_json(request: DocumentRequest) -> Document:
    """All services. Only the sentences depend on the reader's language."""
    document = {
        "version": VERSION,
        "as_of": _time(request.at),
        "language": request.texts.language,
        "services": [_service(request, one) for one in request.services],
    }
    return Document(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), "application/json")


def _service(request: DocumentRequest, one: PublicService) -> dict[str, Any]:
    answer, tally = one.answer, one.answer.tally
    return {
        "id": one.service.id,
        "name": one.service.name,
        "state": state_of(one).value,
        "headline": headline(request.texts, one),
        "confidence": answer.verdict.confidence.value if one.heard else None,
        "people": {
            "known": one.heard,
            "at": None if one.heard_at is None else _time(one.heard_at),
            "last_15_minutes": _people(tally.everywhere.quarter) if one.heard else None,
            "last_hour": _people(tally.everywhere.hour) if one.heard else None,
            "last_24_hours": _people(tally.everywhere.day) if one.heard and tally.whole_day else None,
        },
        "sources": [_source(signal.value, seen) for signal, seen in answer.seen.items()],
        "outages": [_outage(outage) for outage in one.outages],
        "false_alarms": [{"began": _time(alarm.began), "ended": _time(alarm.seen)} for alarm in one.alarms],
        "official_delay": None if one.delay is None else _delay(one.delay),
    }


def _people(count: int) -> dict[str, int]:
    """A number as a range: for a few people only the range is given."""
    return {"least": 1, "most": EXACT_FROM - 1} if is_few(count) else {"least": count, "most": count}


def _source(name: str, seen: Seen | None) -> dict[str, Any]:
    if seen is None:
        return {"signal": name, "state": "unknown", "cause": "not_yet", "at": None}
    return {"signal": name, "state": seen.now.state.value, "cause": seen.now.cause.value, "at": _time(seen.now.at)}


def _outage(outage: Outage) -> dict[str, Any]:
    return {
        "began": _time(outage.began),
        "ended": None if outage.ended is None else _time(outage.ended),
        "going_on": outage.phase in ONGOING,
        "seconds": outage.lasted,
        "episodes": outage.episodes,
        "peak": _people(outage.peak),
        "official_page": None if outage.official_at is None else _time(outage.official_at),
        "lead_seconds": outage.lead,
    }


def _delay(delay: OfficialDelay) -> dict[str, Any]:
    return {"grade": delay.grade.value, "outages": delay.outages, "posted": delay.posted}


def _time(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
