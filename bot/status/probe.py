"""The plain probe: checks that an address answers, and that it answers like a healthy service."""

import json
from collections.abc import Mapping
from typing import Any, cast

from bot.core.service import Healthy, Source
from bot.core.signals import Cause, Reading, State
from bot.status.answers import http_cause, is_challenge, text
from bot.status.fetch import HttpAnswer


def url(source: Source) -> str:
    """The address to request."""
    return source.url


def read(source: Source, answer: HttpAnswer, at: float) -> Reading:
    """Convert the answer to a reading. Only a server error or unhealthy values count against the service.

    Without expected values, a web page or another host says nothing, because a failing service may answer like that.
    """
    state, cause, detail = _judge(source.expect, answer)
    return Reading(source.signal, state, cause, at, source.link, detail)


def _judge(expect: Mapping[str, Healthy], answer: HttpAnswer) -> tuple[State, Cause, str]:
    status, cause, challenge = f"HTTP {answer.status}", http_cause(answer), is_challenge(answer)
    if answer.elsewhere and not expect:
        return State.UNKNOWN, Cause.ELSEWHERE, text(answer.elsewhere, 100)
    if cause in {Cause.SERVER_ERROR, Cause.GATE}:
        return State.DOWN, cause, status
    if answer.status in {404, 410} and not challenge:
        return State.GONE, Cause.PAGE_GONE, status
    if challenge or not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's success
        return State.UNKNOWN, Cause.BLOCKED if answer.status == 401 else cause, status  # noqa: PLR2004
    return _health(expect, answer) if expect else _plain(answer)


def _plain(answer: HttpAnswer) -> tuple[State, Cause, str]:
    if answer.is_web_page:
        return State.UNKNOWN, Cause.WEB_PAGE, f"HTTP {answer.status}"
    return State.UP, Cause.ANSWERED, f"HTTP {answer.status}"


def _health(expect: Mapping[str, Healthy], answer: HttpAnswer) -> tuple[State, Cause, str]:
    if answer.is_web_page or answer.cut:
        gone = (State.GONE, Cause.PAGE_GONE, "a web page instead of data")
        return gone if answer.is_web_page else (State.UNKNOWN, Cause.TOO_LARGE, answer.size)
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
        if not _same(members[name], wanted):
            return State.DEGRADED, Cause.UNEXPECTED_HEALTH, text(f"{name}: {_shown(members[name])}", 100)
    return State.UP, Cause.ANSWERED, f"HTTP {answer.status}"


def _same(found: Any, wanted: Healthy) -> bool:
    """Whether a JSON value is the wanted one, including its type: `true` is not 1. But 200 and 200.0 are the same."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    return found == wanted


def _shown(found: Any) -> str:
    """A text unchanged, anything else as JSON, so that 200 and "200" look different."""
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
