"""What the providers' readings of answers have in common."""

from bot.core.signals import Cause
from bot.status.fetch import HttpAnswer

_ODD_STATUSES = {
    403: Cause.BLOCKED,
    429: Cause.RATE_LIMITED,
    511: Cause.OWN_NETWORK,  # RFC 6585: said by a network that wants a login first, never by the service
}


def is_challenge(answer: HttpAnswer) -> bool:
    """Whether Cloudflare wants to see a browser first; it says so with 403, and with 503 at times.

    https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    """
    return answer.headers.get("cf-mitigated", "").strip().lower() == "challenge"


def http_cause(answer: HttpAnswer) -> Cause:
    """The name of an HTTP status that is not an answer."""
    if is_challenge(answer):
        return Cause.BLOCKED
    if answer.status in _ODD_STATUSES:
        return _ODD_STATUSES[answer.status]
    if 520 <= answer.status <= 530:  # noqa: PLR2004 - Cloudflare's own, for what is behind it
        return Cause.GATE
    return Cause.SERVER_ERROR if 500 <= answer.status < 600 else Cause.HTTP_ERROR  # noqa: PLR2004 - HTTP's server errors


def text(value: object, limit: int) -> str:
    """The start of somebody's text, fit to be sent: JSON may hold half characters, UTF-8 may not."""
    return str(value)[:limit].encode(errors="replace").decode()
