"""Responses that are not from Discord's API, although their status says success: a page of a proxy, or nothing.

discord.py would read them as JSON and fail somewhere else.
"""

from typing import Any

import aiohttp
from discord.http import Route

from bot.core.errors import NotJustYouError

_GOOD, _NO_CONTENT = range(200, 300), 204


class ForeignPageError(NotJustYouError, aiohttp.ClientConnectionError):
    """Something else answered instead of Discord. Callers treat it as if Discord could not be reached."""


async def refuse_foreign_pages(_session: Any, _context: Any, answer: aiohttp.TraceRequestEndParams) -> None:
    """A hook for a client's HTTP session. Raises ForeignPageError."""
    response = answer.response
    if not str(answer.url).startswith(Route.BASE) or response.status not in _GOOD or response.status == _NO_CONTENT:
        return
    if response.content_type == "application/json" and response.headers.get("Content-Length") != "0":
        return
    response.close()
    raise ForeignPageError(f"{response.status} without JSON ({response.content_type})")
