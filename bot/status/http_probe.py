"""The plain probe: does an address answer, and with what a healthy service says?"""

import json
from collections.abc import Mapping
from typing import Any, cast

from bot.core.service import Source
from bot.core.signals import Cause, Reading, State
from bot.status.answers import http_cause, is_challenge, text
from bot.status.fetch import TOO_LARGE, HttpAnswer


def url(source: Source) -> str:
    """Where to look."""
    return source.url


def read(source: Source, answer: HttpAnswer, at: float) -> Reading:
    """What the answer tells. Only a server error or a wrong health counts against the service."""

    def reading(state: State, cause: Cause, detail: str = "") -> Reading:
        return Reading(source.signal, state, cause, at, source.link, detail)

    told, cause, walled = f"HTTP {answer.status}", http_cause(answer), is_challenge(answer)
    if cause in {Cause.SERVER_ERROR, Cause.GATE}:
        return reading(State.DOWN, cause, told)
    if answer.status in {404, 410} and not walled:
        return reading(State.GONE, Cause.PAGE_GONE, told)
    if walled or not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's success
        return reading(State.UNKNOWN, Cause.BLOCKED if answer.status == 401 else cause, told)  # noqa: PLR2004
    if source.expect:
        return reading(*_health(source.expect, answer))
    return reading(State.UP, Cause.ANSWERED, told)


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
    found = cast("dict[str, Any]", data)
    for name, wanted in expect.items():
        if name not in found:
            return State.UNKNOWN, Cause.WRONG_SHAPE, name
        if found[name] != wanted:
            return State.DEGRADED, Cause.UNEXPECTED_HEALTH, text(f"{name}: {found[name]}", 100)
    return State.UP, Cause.ANSWERED, f"HTTP {answer.status}"
