"""The owners of servers, including servers of other processes."""

import logging
from collections.abc import Callable

import discord

from bot.discord_ui.answering.failures import UNDELIVERED
from bot.discord_ui.posting.current import CurrentClient

_KNOWN_FOR = 3600.0
"""Seconds after which an owner is requested again; the old answer is used until then."""
_AT_ONCE = 5
"""Servers requested by one `fetch`."""
_logger = logging.getLogger(__name__)


class ServerOwners:
    """Knows the owners of visible servers; other owners are requested from Discord on demand."""

    def __init__(self, current: CurrentClient, clock: Callable[[], float]) -> None:
        self._current = current
        self._clock = clock
        self._answers: dict[int, tuple[float, int | None]] = {}
        self._wanted: dict[int, None] = {}
        """The servers to request, in the order in which they were needed."""

    def owner(self, guild_id: int) -> int | None:
        """The owner's id; None if unknown. `fetch` requests unknown owners."""
        if (guild := self._current.guild(guild_id)) is not None and guild.owner_id is not None:
            return guild.owner_id
        at, owner = self._answers.get(guild_id, (None, None))
        if at is None or self._clock() - at >= _KNOWN_FOR:
            self._wanted[guild_id] = None
        return owner

    async def fetch(self) -> None:
        """While connected, request the owners of the few servers that have waited longest."""
        client = self._current.client
        if client is None or not client.reachable:
            return
        for guild_id in list(self._wanted)[:_AT_ONCE]:
            del self._wanted[guild_id]  # if this fails, it can be requested again, after the others
            try:
                guild = await client.fetch_guild(guild_id, with_counts=False)
            except (discord.NotFound, discord.Forbidden):
                self._answers[guild_id] = self._clock(), None  # the bot is no longer there
            except UNDELIVERED as error:
                _logger.info("server owner not available", extra={"guild": guild_id, "error": str(error)})
            else:
                self._answers[guild_id] = self._clock(), guild.owner_id
