"""What the providers' readings of answers have in common."""

from bot.core.signals import Cause


def http_cause(status: int) -> Cause:
    """The name of an HTTP status that is not an answer."""
    if 500 <= status < 600:  # noqa: PLR2004 - HTTP's server errors
        return Cause.SERVER_ERROR
    return {403: Cause.BLOCKED, 429: Cause.RATE_LIMITED}.get(status, Cause.HTTP_ERROR)


def text(value: object, limit: int) -> str:
    """The start of somebody's text, fit to be sent: JSON may hold half characters, UTF-8 may not."""
    return str(value)[:limit].encode(errors="replace").decode()
