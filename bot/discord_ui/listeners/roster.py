"""Roster: the servers with the bot, according to Discord.

A new session begins with their ids. discord.py keeps the servers that it knew before, so it does not notice a server
that removed the bot while there was no session.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.core.shards import Shards
from bot.discord_ui.answering.interceptor import Parse

_UNKNOWN_FORM = (KeyError, TypeError, ValueError, IndexError, AttributeError)
"""The errors when an event has an unknown form."""


class Roster:
    """Tracks the servers that Discord names, adds and removes, in the order of the events."""

    def __init__(self) -> None:
        self._servers: set[int] = set()

    def of(self, shard: Shards) -> Sequence[int]:
        """The servers of a shard, including unavailable ones."""
        return [server for server in self._servers if shard.owns(server)]

    def intercept(self, event: str, parse: Parse) -> Parse:
        """Record the servers of these events; other events are not touched."""
        reads = {"READY": self._named, "GUILD_CREATE": self._sent, "GUILD_DELETE": self._taken}
        read = reads.get(event)
        if read is None:
            return parse

        def noted(data: Any) -> object:
            with suppress(*_UNKNOWN_FORM):  # discord.py cannot read it either, and logs that
                read(data)
            return parse(data)

        return noted

    def _named(self, ready: Any) -> None:
        number, count = ready["shard"]
        named = {int(server["id"]) for server in ready["guilds"]}
        self._servers.difference_update(self.of(Shards((number,), count)))
        self._servers |= named

    def _sent(self, server: Any) -> None:
        self._servers.add(int(server["id"]))

    def _taken(self, server: Any) -> None:
        if not server.get("unavailable"):
            self._servers.discard(int(server["id"]))
