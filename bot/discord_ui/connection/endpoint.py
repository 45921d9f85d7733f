"""Discord's address, for a proxy in between or a loopback server in tests.

discord.py has no setting for it. `Route.BASE` is where every request, callback and webhook begins; the
gateway's address is asked for over REST, but its default is dialled again after a session was lost.
"""

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

_OFFICIAL = Route.BASE


def use_api(url: str) -> None:
    """Send all requests of this process to `url`, such as http://proxy:8080/api/v10."""
    Route.BASE = url


def use_gateway(url: str) -> None:
    """Dial the gateway that the API in use named, also when a session is begun anew."""
    if Route.BASE != _OFFICIAL:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)


def unreachable(error: Exception) -> str:
    """That Discord cannot be reached, where, and why; for operators."""
    why = str(error.status) if isinstance(error, discord.HTTPException) else type(error).__name__
    return f"cannot be reached at {Route.BASE}: {why}"
