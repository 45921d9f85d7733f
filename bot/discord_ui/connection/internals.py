"""discord.py's private parts: no other module touches them.

There is no public way to see an event before discord.py makes objects of it, to know when a connection last received
something, to choose the pauses between two connects, or to answer without reading the answer back. `verify` compares
the installed discord.py with the parts used here. Parts that another version has changed are not touched: discord.py
then works with its default behaviour.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from math import isfinite
from types import CodeType
from typing import Any, NamedTuple, Protocol

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.discord_ui.answering.interceptor import Interceptor

CHECK_EVERY = 15.0
"""Seconds between two checks whether a connection is dead."""

_logger = logging.getLogger(__name__)


class Delay(Protocol):
    """The wait before the next attempt to connect; discord.py calls it by this name."""

    def delay(self) -> float:
        """Seconds to wait now."""
        ...


class Pulse(NamedTuple):
    """The heartbeats of a shard, in seconds; None if unknown.

    The age of the last event, the age of the last acknowledgement, and the latency.
    """

    heard_age: float | None
    heartbeat_age: float | None
    latency: float | None


class Capability(StrEnum):
    """The capabilities that need private parts of discord.py. The value says what is missing without them."""

    EVENTS = "events are not seen before discord.py reads them"
    SHARDS = "shards are started by discord.py, one after another"
    LINE = "dead connections are found by discord.py's own timer"
    PAUSES = "discord.py chooses the pauses between two connects"
    ANSWERS = "Discord sends each answer back, and discord.py reads it"


_USED: Mapping[Capability, Sequence[tuple[str, str, str]]] = {
    Capability.EVENTS: (
        ("discord.client", "Client.__init__", "_connection"),
        ("discord.state", "ConnectionState.__init__", "parsers"),
        ("discord.gateway", "DiscordWebSocket.from_client", "parsers"),
    ),
    Capability.SHARDS: (
        ("discord.shard", "AutoShardedClient.launch_shards", "_connection"),
        ("discord.shard", "AutoShardedClient.launch_shards", "shard_count"),
        ("discord.shard", "AutoShardedClient.launch_shards", "shard_ids"),
        ("discord.shard", "AutoShardedClient.launch_shards", "launch_shard"),
        ("discord.shard", "AutoShardedClient.launch_shards", "get_bot_gateway"),
        ("discord.shard", "AutoShardedClient.connect", "launch_shards"),
    ),
    Capability.LINE: (
        ("discord.shard", "ShardInfo.__init__", "_parent"),
        ("discord.shard", "Shard.__init__", "ws"),
        ("discord.gateway", "DiscordWebSocket.__init__", "_keep_alive"),
        ("discord.gateway", "DiscordWebSocket.poll_event", "_max_heartbeat_timeout"),
        ("discord.gateway", "KeepAliveHandler.run", "_last_recv"),
        ("discord.gateway", "KeepAliveHandler.ack", "_last_ack"),
        ("discord.gateway", "KeepAliveHandler.ack", "latency"),
    ),
    Capability.PAUSES: (
        ("discord.shard", "ShardInfo.__init__", "_parent"),
        ("discord.shard", "Shard._handle_disconnect", "_backoff"),
        ("discord.shard", "Shard._handle_disconnect", "delay"),
    ),
    Capability.ANSWERS: (
        ("discord.interactions", "InteractionResponse.send_message", "async_context"),
        ("discord.interactions", "InteractionResponse.send_message", "create_interaction_response"),
        ("discord.interactions", "InteractionCallbackResponse._update", "resource"),
        ("discord.webhook.async_", "AsyncWebhookAdapter.create_interaction_response", "request"),
    ),
}
"""The places where discord.py itself uses each name that we rely on: module, function, name."""


def verify() -> Mapping[Capability, Sequence[str]]:
    """The changes in the installed discord.py, by affected part; empty for a known version."""
    changes = {part: [change for use in uses if (change := _changed(*use))] for part, uses in _USED.items()}
    return {part: found for part, found in changes.items() if found}


def _changed(module: str, function: str, name: str) -> str | None:
    found: Any = import_module(module)
    for step in function.split("."):
        found = getattr(found, step, None)
    code = getattr(found, "__code__", None)
    if not isinstance(code, CodeType):
        return f"{module}.{function} is gone"
    return None if name in code.co_names else f"{module}.{function} does not use {name}"


class Internals:
    """Accesses private parts of a discord.py client. Parts that are `changed` are not touched."""

    def __init__(self, changed: Iterable[Capability] = ()) -> None:
        self._changed = frozenset(changed)

    @classmethod
    def verified(cls) -> "Internals":
        """For the installed discord.py, with one warning if its version is unknown."""
        if changes := verify():
            _logger.warning(
                "this version of discord.py differs from the one that NotJustYou was made for",
                extra={
                    "version": discord.__version__,
                    "found": [change for part in changes.values() for change in part],
                    "therefore": [str(part) for part in changes],
                },
            )
        return cls(changes)

    def intercept(self, client: discord.Client, interceptors: Sequence[Interceptor]) -> None:
        """Let these see every event of a client; the first one sees it first."""
        if Capability.EVENTS not in self._changed:
            wrap(client._connection.parsers, interceptors)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def choose_shards(self, client: discord.AutoShardedClient, ids: Sequence[int], count: int) -> bool:
        """Set a client's shards, to start them with `launch_shard`; False if discord.py has to start them itself."""
        if Capability.SHARDS in self._changed:
            return False
        state: Any = client._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        client.shard_count = state.shard_count = count
        state.shard_ids = list(ids)
        return True

    def choose_pauses(self, shard: discord.ShardInfo, delay: Delay) -> None:
        """Use the pauses of `delay` before this shard reconnects."""
        if Capability.PAUSES not in self._changed:
            parent: Any = shard._parent  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            parent._backoff = delay  # noqa: SLF001

    def answer_without_reading(self) -> None:
        """Stop reading our answers back from Discord, in this task and in those that it starts."""
        # Another kind of adapter belongs to the demo or to tests.
        if Capability.ANSWERS not in self._changed and type(async_context.get()) is AsyncWebhookAdapter:
            async_context.set(_Answers())

    def seconds_since_event(self, shards: Iterable[discord.ShardInfo]) -> float | None:
        """Seconds since the last event on any of these shards, including heartbeats.

        None if there was none or it is unknown.
        """
        if Capability.LINE in self._changed:
            return None
        # discord.py's public events do not include heartbeats, and in quiet servers there is nothing else.
        beats = [line._keep_alive for shard in shards if (line := _line(shard)) is not None]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        heard = [beat._last_recv for beat in beats if beat is not None]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return time.perf_counter() - max(heard) if heard else None

    def pulse(self, shard: discord.ShardInfo) -> Pulse:
        """The current heartbeat state of a shard; nothing is known without a connection."""
        line = None if Capability.LINE in self._changed else _line(shard)
        beat = None if line is None else line._keep_alive  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        if beat is None:
            return Pulse(None, None, None)
        now = time.perf_counter()
        latency = beat.latency if isfinite(beat.latency) else None  # infinite before the first acknowledgement
        return Pulse(now - beat._last_recv, now - beat._last_ack, latency)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def watch_line(self, shard: discord.ShardInfo) -> None:
        """Check this shard's connection periodically, and close it if it is dead."""
        if Capability.LINE not in self._changed and (line := _line(shard)) is not None:
            watch(line)


class _Answers(AsyncWebhookAdapter):
    """Answers interactions. It does not build the unused message from Discord's response, a fifth of the work."""

    async def create_interaction_response(  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - awaited alike
        self, interaction_id: int, token: str, *, params: Any, **how: Any
    ) -> Any:
        """Send an answer; returns the minimum that discord.py reads.

        Autocomplete suggestions that are too late are only logged: nobody waits for them any more.
        """
        route = Route(
            "POST",
            "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction_id,
            webhook_token=token,
        )
        sent = {"files": params.files, "multipart": params.multipart} if params.files else {"payload": params.payload}
        try:
            await self.request(route, **how, **sent)
        except (discord.HTTPException, aiohttp.ClientError) as error:
            payload: dict[str, Any] = params.payload or {}
            if payload.get("type") != discord.InteractionResponseType.autocomplete_result.value:
                raise
            _logger.info("suggestions not delivered", extra={"error": str(error)})
        return {"interaction": {"id": interaction_id}}


def _line(shard: discord.ShardInfo) -> DiscordWebSocket | None:
    line: Any = shard._parent.ws  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return line if isinstance(line, DiscordWebSocket) else None  # the demo and tests have no sockets


def wrap(parsers: dict[str, Any], interceptors: Sequence[Interceptor]) -> None:
    """Put interceptors around parsers; the first one becomes the outermost."""
    for event, parse in list(parsers.items()):
        wrapped = parse
        for one in reversed(interceptors):
            wrapped = one.intercept(event, wrapped)
        parsers[event] = wrapped


def watch(line: Any) -> None:
    """Check periodically whether a connection is dead, instead of the timer that discord.py sets for every event.

    That timer costs as much as reading the event. The limit of seconds without an event stays the same.
    """
    patience: float | None = line._max_heartbeat_timeout  # noqa: SLF001
    if patience is None or line._keep_alive is None:  # noqa: SLF001
        return  # already watched, or closed
    loop = asyncio.get_running_loop()
    closing = set[asyncio.Task[None]]()

    def look() -> None:
        beat = line._keep_alive  # noqa: SLF001
        if beat is None or not line.open:
            return  # the connection that replaces it gets a check of its own
        if time.perf_counter() - beat._last_recv <= patience:  # noqa: SLF001
            loop.call_later(CHECK_EVERY, look)
            return
        _logger.warning("no gateway events received; reconnecting", extra={"seconds": patience})
        closing.add(loop.create_task(line.close(4000), name="dead line"))

    line._max_heartbeat_timeout = None  # noqa: SLF001
    look()
