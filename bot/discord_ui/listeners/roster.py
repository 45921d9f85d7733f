"""Roster: the servers that Discord says we are in.

A new session begins with their names. discord.py keeps the servers that it knew before, so it does not notice one that
removed us while there was no session.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.core.shards import Shards
from bot.discord_ui.answering.interceptor import Parse

_UNKNOWN_FORM = (KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What reading an event raises if its form is not the one we know."""


class Roster:
    """Sees which servers Discord names, sends and takes away, in the order of the events."""

    def __init__(self) -> None:
        self._servers: set[int] = set()

    def of(self, shard: Shards) -> Sequence[int]:
        """The servers of a shard, also unavailable ones."""
        return [server for server in self._servers if shard.owns(server)]

    def intercept(self, event: str, parse: Parse) -> Parse:
        """Note the servers of these events; other events are not touched."""
        reads = {"READY": self._named, "GUILD_CREATE": self._sent, "GUILD_DELETE": self._taken}
        read = reads.get(event)
        if read is None:
            return parse

        def noted(data: Any) -> object:
            with suppress(*_UNKNOWN_FORM):  # discord.py cannot read it either, and that is logged
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
