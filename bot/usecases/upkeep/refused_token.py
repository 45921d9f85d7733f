"""Remembers a token that Discord refused, so that the bot does not ask with it again and again.

Docker restarts a bot regardless of its exit code, up to once per minute. Discord allows a bot 1,000 logins per day.
"""

import json
from hashlib import blake2b

from bot.core.errors import DiscordRefusedError
from bot.core.reports import DAY
from bot.usecases.ports import Clock, Meta

REFUSED = "refused_token"
"""The key in `meta` with the hash of the token, and the time at which it was refused."""


class RefusedToken:
    """Remembers a refused token; only its hash is kept."""

    def __init__(self, token: str, meta: Meta, clock: Clock) -> None:
        self._hash = blake2b(token.encode(), digest_size=16).hexdigest()
        self._meta = meta
        self._clock = clock

    async def check(self) -> None:
        """Raise DiscordRefusedError if Discord refused this token within a day.

        After a day it is tried once more, because the fault may have been Discord's.
        """
        known = json.loads(await self._meta.get(REFUSED) or "{}")
        if known.get("token") == self._hash and abs(self._clock() - known["at"]) < DAY:
            raise DiscordRefusedError(before=True)

    async def remember(self) -> None:
        """Remember that Discord has just refused the token at login."""
        await self._meta.put(REFUSED, json.dumps({"token": self._hash, "at": self._clock()}))
