"""The Discord client: few intents, no unneeded caches, and no event whose failure ends the process."""

import asyncio
import logging
import random
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import aiohttp
import discord
import yarl
from discord.ext import commands

from bot.core.shards import Shards
from bot.core.texts import Languages
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.interceptor import Interceptor
from bot.discord_ui.answering.router import Router
from bot.discord_ui.answering.tree import Tree
from bot.discord_ui.connection.acknowledgements import Acknowledgements
from bot.discord_ui.connection.circuit_breaker import CircuitBreaker
from bot.discord_ui.connection.endpoint import Endpoint
from bot.discord_ui.connection.foreign_pages import refuse_foreign_pages
from bot.discord_ui.connection.gateway import Backoff, IdentifyTurn, NotConnectedError, Pace, wait_for_sessions
from bot.discord_ui.connection.handover import Handover
from bot.discord_ui.connection.internals import Internals
from bot.discord_ui.connection.odd_events import OddEvents
from bot.discord_ui.connection.sync import sync_commands
from bot.discord_ui.connection.translator import CommandTranslator
from bot.discord_ui.permissions import invite_link
from bot.usecases.ports import Meta
from bot.usecases.upkeep.measure import Shard

_logger = logging.getLogger(__name__)
_LONGEST_WAIT = 30.0
"""The longest wait for a rate limit in seconds. A longer one is an error for the caller."""

_TURN_STANDS_FOR = 60.0
"""Seconds for which a reserved identify slot stays valid."""

_SERVERS_WITHIN = 1.5
"""Discord names most servers of a shard within this many seconds. People wait three seconds for an answer."""

_DEAF_AFTER = 90.0
"""Seconds of silence after which a connection counts as dead. Discord answers a heartbeat every 41 seconds."""


def intents(*, message_content: bool) -> discord.Intents:
    """The intents that are used. `message_content` is privileged, so operators may leave it out."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.guild_reactions = True
    wanted.auto_moderation_execution = True
    wanted.message_content = message_content
    return wanted


def expect_no_voice() -> None:
    """Keep discord.py from warning that voice will not work. It has no other switch for that."""
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False


def _options() -> dict[str, Any]:
    """Options of discord.py that are the same for every process: keep no members or messages, mention no one."""
    return {
        "allowed_mentions": discord.AllowedMentions.none(),
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_ratelimit_timeout": _LONGEST_WAIT,
    }


class Client(commands.AutoShardedBot):
    """Always sharded, even with one shard: discord.py's plain client gives up if the first connect fails."""

    def __init__(
        self,
        *,
        cogs: Sequence[FeatureCog],
        router: Router,
        failures: Failures,
        languages: Languages,
        meta: Meta,
        breaker: CircuitBreaker,
        acknowledgements: Acknowledgements,
        pace: Pace,
        rng: random.Random,
        turn: IdentifyTurn,
        handover: Handover,
        endpoint: Endpoint,
        internals: Internals,
        message_content: bool,
        shards: Shards,
    ) -> None:
        expect_no_voice()
        trace = acknowledgements.trace(breaker.trace())
        trace.on_request_start.append(self._pace_connections)
        trace.on_request_end.append(refuse_foreign_pages)
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=partial(Tree, failures=failures),  # pyright: ignore[reportArgumentType] - called like the class
            help_command=None,
            intents=intents(message_content=message_content),
            shard_count=shards.count,
            shard_ids=list(shards.ids) or None,  # pyright: ignore[reportArgumentType] - None means all
            http_trace=trace,
            connector=endpoint.connector(),
            **_options(),
        )
        self._cogs_to_add = tuple(cogs)
        self._router = router
        self._failures = failures
        self._languages = languages
        self._meta = meta
        self._rng = rng
        self._pace = pace
        self._turn = turn
        self._handover = handover
        self._internals = internals
        self._acknowledgements = acknowledgements
        self.endpoint = endpoint
        self._ours = shards
        self._buckets = 1
        self._turns: dict[int, float] = {}
        self._there: dict[int, float] = {}
        self._has_turn, self._launching, self._lost = set[int](), set[int](), set[int]()

    @property
    def reachable(self) -> bool:
        """Whether we are connected and answer at least one shard.

        During a handover another process still answers ours.
        """
        ours = self.shard_ids or range(self.shard_count or 1)
        return self.connected and len(self._handover.held) < len(ours)

    @property
    def connected(self) -> bool:
        """Whether at least one shard has a live connection."""
        connected = self.is_ready() and not self.is_closed() and len(self._lost) < len(self.shards)
        return connected and (self.seconds_since_event() or 0) < _DEAF_AFTER

    def has_shard(self, shard_id: int) -> bool:
        """Whether we are connected to a shard and know its servers, or at least most of them if there are very many."""
        since = self._there.get(shard_id)
        if since is None:
            return False
        known = all(not guild.unavailable for guild in self.guilds if guild.shard_id == shard_id)
        return known or time.monotonic() - since > _SERVERS_WITHIN

    def seconds_since_event(self) -> float | None:
        """Seconds since the last event from Discord on any shard, including heartbeats; None before the first."""
        return self._internals.seconds_since_event(self.shards.values())

    def pulses(self) -> list[Shard]:
        """The state of each shard's connection."""
        return [
            Shard(number, number not in self._lost and not shard.is_closed(), *self._internals.pulse(shard))
            for number, shard in self.shards.items()
        ]

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Record that this shard lost its connection."""
        self._lost.add(shard_id)
        self._there.pop(shard_id, None)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Record that a shard has a new session."""
        self._lost.discard(shard_id)
        self._began(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Record that a shard continues its session. Discord now sends the missed events."""
        self._lost.discard(shard_id)
        self._began(shard_id)

    def _began(self, shard_id: int) -> None:
        self._there[shard_id] = time.monotonic()
        if (shard := self.shards.get(shard_id)) is not None:
            self._internals.watch_line(shard)

    async def setup_hook(self) -> None:
        """Add commands and listeners, and send our commands to Discord if they changed."""
        await self.tree.set_translator(CommandTranslator(self._languages))
        interceptors: list[Interceptor] = [self._handover, self._acknowledgements]
        for cog in self._cogs_to_add:
            await self.add_cog(cog)
            self._router.add(cog.handlers())
            self._router.add(cog.forms(), forms=True)
            interceptors += cog.interceptors()
            for menu in cog.menus():
                self.tree.add_command(menu)
        self._internals.answer_without_reading()
        self._internals.intercept(self, [*interceptors, OddEvents(self._failures)])
        if self._ours.owns(0):  # one process of many is enough
            await sync_commands(self.tree, self._meta)

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Call the listeners of an event. `socket_event_type` comes with every event, and has no listeners."""
        if event_name != "socket_event_type":
            super().dispatch(event_name, *args, **kwargs)

    async def launch_shards(self) -> None:
        """Connect all shards, as many at a time as Discord allows. Waits if the day's session starts are used up."""
        # discord.py's own method starts one shard after another, and does not look at the session starts.
        recommended, url, limits = await self.http.get_bot_gateway()
        await wait_for_sessions(limits["remaining"], limits["total"], limits["reset_after"] / 1000)
        self._buckets = max(1, limits["max_concurrency"])
        self.endpoint.gateway_is(url)
        count = self._ours.count or recommended
        ids = list(self._ours.ids or range(count))
        if not self._internals.choose_shards(self, ids, count):
            await super().launch_shards()
            return

        async def launch(bucket: int) -> None:
            for shard_id in ids:
                if shard_id % self._buckets == bucket:
                    await self.launch_shard(yarl.URL(url), shard_id, initial=True)

        await asyncio.gather(*map(launch, {shard_id % self._buckets for shard_id in ids}))

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, and retry until it works. After that, the shard reconnects at our pace."""
        if shard_id in self._launching:
            # After a failure discord.py calls this method recursively, until the stack overflows.
            raise NotConnectedError
        self._pace.size(self.shard_count or 1)
        while shard_id not in self.shards and not self.is_closed():
            self._launching.add(shard_id)
            try:
                await self._wait_for_turn(shard_id)  # before connecting, so that no open connection waits
                self._has_turn.add(shard_id)
                await super().launch_shard(gateway, shard_id, initial=initial)
            except NotConnectedError:
                continue
            finally:
                self._launching.discard(shard_id)
        if (shard := self.shards.get(shard_id)) is not None:
            self._internals.choose_pauses(shard, Backoff(self._rng))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Wait for our slot: Discord accepts one identify per five seconds, from all processes together."""
        assert shard_id is not None, "always sharded"
        await self._pace.identify(shard_id)
        if shard_id in self._has_turn:
            self._has_turn.discard(shard_id)
        else:
            await self._wait_for_turn(shard_id)

    async def _wait_for_turn(self, shard_id: int) -> None:
        # discord.py times out after a minute and retries. Its slot is kept, because with many shards reconnecting at
        # once a new slot would be later each time.
        now = time.monotonic()
        if self._turns.get(shard_id, 0.0) < now - _TURN_STANDS_FOR:
            self._turns[shard_id] = now + await self._turn(shard_id % self._buckets)
        await asyncio.sleep(max(0.0, self._turns[shard_id] - time.monotonic()))
        del self._turns[shard_id]

    async def _pace_connections(self, _: Any, __: Any, request: aiohttp.TraceRequestStartParams) -> None:
        if request.url.scheme in {"ws", "wss"}:
            await self._pace.connections.acquire()

    async def on_ready(self) -> None:
        """Log that the bot is connected, and how to invite it. Discord may send this event many times."""
        assert self.application_id is not None, "known since the login"
        servers = len(self.guilds)
        _logger.info(
            "connected, in %s",
            "1 server" if servers == 1 else f"{servers} servers",
            extra={
                "shards": self.shard_count,
                "message_content": self.intents.message_content,
                "invite": invite_link(self.application_id),
            },
        )

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer buttons, menus and forms. The command tree answers commands."""
        await self._router.handle(interaction)

    async def on_message(self, message: discord.Message, /) -> None:
        """Do nothing: there are no text commands, and the message listener handles messages."""

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log an event handler that failed."""
        error = sys.exception()
        if error is not None:
            self._failures.note(error, event_method)
