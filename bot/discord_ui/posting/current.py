"""The Discord client in use, which is replaced when the bot has to log in again."""

from collections.abc import Sequence
from typing import Any, Protocol

import discord

from bot.usecases.upkeep.measure import Shard


class DiscordClient(Protocol):
    """The parts of a client that posts, live replies and listeners need."""

    @property
    def reachable(self) -> bool:
        """Whether events from Discord reach us."""
        ...

    @property
    def user(self) -> discord.ClientUser | None:
        """The bot's own account; None before it is logged in."""
        ...

    @property
    def intents(self) -> discord.Intents:
        """The intents: the kinds of events that Discord sends."""
        ...

    @property
    def guilds(self) -> Sequence[discord.Guild]:
        """The servers with the bot."""
        ...

    @property
    def shard_count(self) -> int | None:
        """The number of shards in all processes together; None while unknown."""
        ...

    def seconds_since_event(self) -> float | None:
        """Seconds since the last event from Discord; None if unknown."""
        ...

    def pulses(self) -> Sequence[Shard]:
        """The state of each shard's connection."""
        ...

    def get_guild(self, id: int, /) -> discord.Guild | None:  # noqa: A002 - as discord.py names it
        """A server with the bot, from the cache."""
        ...

    def get_channel(self, id: int, /) -> Any:  # noqa: A002
        """A channel or thread, from the cache."""
        ...

    async def fetch_guild(self, guild_id: int, /, *, with_counts: bool) -> discord.Guild:
        """A server with the bot, requested from Discord."""
        ...

    async def fetch_channel(self, channel_id: int, /) -> Any:
        """A channel or thread, requested from Discord."""
        ...

    async def create_dm(self, user: discord.abc.Snowflake) -> discord.DMChannel:
        """The private channel with a person."""
        ...

    def get_partial_messageable(self, id: int, *, guild_id: int | None = None) -> discord.PartialMessageable:  # noqa: A002
        """A channel to write in, by its id alone."""
        ...


class CurrentClient:
    """Holds the client in use. Parts that post use this holder, so that they outlive a client."""

    def __init__(self) -> None:
        self._client: DiscordClient | None = None

    def use(self, client: DiscordClient) -> None:
        """Set the client in use."""
        self._client = client

    @property
    def client(self) -> DiscordClient | None:
        """The client in use; None before the first one."""
        return self._client

    @property
    def ready(self) -> bool:
        """Whether the client is connected and events reach us."""
        return self._client is not None and self._client.reachable

    @property
    def reads_messages(self) -> bool:
        """Whether Discord sends us the text of ordinary messages."""
        return self._client is not None and self._client.intents.message_content

    def seconds_since_event(self) -> float | None:
        """Seconds since the last event from Discord; None if unknown."""
        return self._client.seconds_since_event() if self._client is not None else None

    def pulses(self) -> Sequence[Shard]:
        """The state of each shard's connection."""
        return self._client.pulses() if self._client is not None else ()

    @property
    def servers(self) -> int:
        """The number of servers with the bot."""
        return len(self._client.guilds) if self._client is not None else 0

    def guild(self, guild_id: int) -> discord.Guild | None:
        """A server, if there is a client and the server has the bot."""
        return self._client.get_guild(guild_id) if self._client is not None else None
