"""Helpers that the providers share for reading answers."""

from bot.core.signals import Cause
from bot.status.fetch import HttpAnswer

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
    """The start of a text from elsewhere, as valid UTF-8: JSON may contain half a character (a lone surrogate)."""
    return str(value)[:limit].encode(errors="replace").decode()
