"""The plain probe: whether an address answers, and like a healthy service."""

import json
from collections.abc import Mapping
from typing import Any, cast

from bot.core.service import Source
from bot.core.signals import Cause, Reading, State
from bot.status.answers import http_cause, is_challenge, text
from bot.status.fetch import TOO_LARGE, HttpAnswer


def url(source: Source) -> str:
    """The address to request."""
    return source.url


def read(source: Source, answer: HttpAnswer, at: float) -> Reading:
    """Convert the answer to a reading. Only a server error or unhealthy values count against the service."""

    def reading(state: State, cause: Cause, detail: str = "") -> Reading:
        return Reading(source.signal, state, cause, at, source.link, detail)

    status, cause, challenge = f"HTTP {answer.status}", http_cause(answer), is_challenge(answer)
    if cause in {Cause.SERVER_ERROR, Cause.GATE}:
        return reading(State.DOWN, cause, status)
    if answer.status in {404, 410} and not challenge:
        return reading(State.GONE, Cause.PAGE_GONE, status)
    if challenge or not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's success
        return reading(State.UNKNOWN, Cause.BLOCKED if answer.status == 401 else cause, status)  # noqa: PLR2004
    if source.expect:
        return reading(*_health(source.expect, answer))
    return reading(State.UP, Cause.ANSWERED, status)


def _health(expect: Mapping[str, str], answer: HttpAnswer) -> tuple[State, Cause, str]:
    if answer.is_web_page or answer.cut:
        gone = (State.GONE, Cause.PAGE_GONE, "a web page instead of data")
        return gone if answer.is_web_page else (State.UNKNOWN, Cause.TOO_LARGE, TOO_LARGE)
    try:
        data: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return State.UNKNOWN, Cause.NOT_JSON, ""
    if not isinstance(data, dict):
        return State.UNKNOWN, Cause.WRONG_SHAPE, ""
    members = cast("dict[str, Any]", data)
    for name, wanted in expect.items():
        if name not in members:
            return State.UNKNOWN, Cause.WRONG_SHAPE, name
        if members[name] != wanted:
            return State.DEGRADED, Cause.UNEXPECTED_HEALTH, text(f"{name}: {members[name]}", 100)
    return State.UP, Cause.ANSWERED, f"HTTP {answer.status}"
