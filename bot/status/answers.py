"""Helpers that the providers share for reading answers."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.signals import Cause, State
from bot.status.fetch import HttpAnswer

_LARGE = 32 * 1024
"""Bytes."""
_ODD_STATUSES = {
    403: Cause.BLOCKED,
    429: Cause.RATE_LIMITED,
    511: Cause.OWN_NETWORK,  # RFC 6585: sent by a network that requires a login, never by the service
}


def is_challenge(answer: HttpAnswer) -> bool:
    """Whether the answer is a Cloudflare challenge for browsers; its status is 403, sometimes 503.

    https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    """
    return answer.headers.get("cf-mitigated", "").strip().lower() == "challenge"


def http_cause(answer: HttpAnswer) -> Cause:
    """The cause for an HTTP status that is not a success."""
    if is_challenge(answer):
        return Cause.BLOCKED
    if answer.status in _ODD_STATUSES:
        return _ODD_STATUSES[answer.status]
    if 520 <= answer.status <= 530:  # noqa: PLR2004 - Cloudflare's own, for errors of the server behind it
        return Cause.GATE
    return Cause.SERVER_ERROR if 500 <= answer.status < 600 else Cause.HTTP_ERROR  # noqa: PLR2004 - HTTP's server errors


def text(value: object, limit: int) -> str:
    """The start of an external text, as valid UTF-8: JSON may contain half a character (a lone surrogate)."""
    return str(value)[:limit].encode(errors="replace").decode()


def word(value: Any) -> str:
    """A state or similar word from a page, in lower case; empty if there is none."""
    return text(value or "", 40).strip().lower()


@dataclass(frozen=True, slots=True)
class Unread:
    """The reason why an answer could not be read."""

    state: State
    cause: Cause
    detail: str = ""


async def document(answer: HttpAnswer, decode: Callable[[bytes], Any]) -> Any | Unread:
    """The document that a status page answered with. A closed page answers with 401, 404, 410 or a web page.

    A large document is decoded in a thread, so that it does not block the event loop.
    """
    status, challenge = f"HTTP {answer.status}", is_challenge(answer)
    if answer.status in {401, 404, 410} and not challenge:
        return Unread(State.GONE, Cause.PAGE_GONE, status)
    if answer.status != 200 or challenge:  # noqa: PLR2004 - HTTP's OK
        return Unread(State.UNKNOWN, http_cause(answer), status)
    if answer.is_web_page:
        return Unread(State.GONE, Cause.PAGE_GONE, "a web page instead of data")
    if answer.cut:
        return Unread(State.UNKNOWN, Cause.TOO_LARGE, answer.size)
    try:
        large = len(answer.body) >= _LARGE
        return await asyncio.to_thread(decode, answer.body) if large else decode(answer.body)
    except (ValueError, RecursionError):
        return Unread(State.UNKNOWN, Cause.NOT_JSON)


def member(data: Any, name: str) -> Mapping[str, Any]:
    """A member that should be an object; empty if it is not."""
    value: Any = data.get(name) if isinstance(data, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def members(data: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in a member that should be a list of them."""
    value: Any = data.get(name) if isinstance(data, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]  # pyright: ignore[reportUnknownVariableType]


def is_list(data: Any, name: str) -> bool:
    """Whether there is a list of this name."""
    return isinstance(data, dict) and isinstance(data.get(name), list)  # pyright: ignore[reportUnknownMemberType]


def link(value: Any) -> str | None:
    """A link that can be shown to people, or None."""
    return value if isinstance(value, str) and value.startswith("https://") and value.isprintable() else None
