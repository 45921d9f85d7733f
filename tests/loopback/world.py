"""The control object: a simulated Discord in this process, on a loopback port, for a bot in another process."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from tests.patience import PATIENCE

from .contract import Contract
from .faults import Buckets, Faults
from .gateway import MEMBERS, MESSAGE_CONTENT, PRESENCES, Gateway
from .model import DM, Channel, Guild, Message, Role, UserData, build_message, emoji_payload, iso, snowflake
from .people import Interaction, NotPossible, User
from .process import Bot, spawn_bot
from .rest import ROUTES, Api, Call

log = logging.getLogger("loopback")


@functools.cache
def _contract() -> Contract:
    """Cached, because the document is large and all worlds can share it."""
    return Contract(template for _, template in ROUTES)


class Discord:
    """
    world = await Discord.start()
    guild = world.guild('Cats', channels=['general']); ada = world.user('Ada')
    bot = await world.spawn(['python', '-m', 'bot']);  await world.ready()
    inter = await ada.slash(guild.channel('general'), '500', locale='pt-BR');  inter.ack_ms, inter.text
    """

    def __init__(self) -> None:
        self.contract, self.faults, self.buckets = _contract(), Faults(), Buckets()
        self.token = "MTE.loopback.token"
        self.users: dict[int, User] = {}
        self.channels: dict[int, Channel] = {}
        self.guilds: dict[int, Guild] = {}
        self.dms: dict[int, Channel] = {}
        self.commands: dict[int | None, dict[str, dict[str, Any]]] = {}  # guild id or None (global) -> id -> command
        self.interactions: dict[str, Interaction] = {}  # by token
        self.emojis: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.presence: dict[str, Any] | None = None
        self.ack_deadline, self.token_lifetime = 3.0, 900.0
        self.check_self = True  # also check our own answers against the contract
        # what was observed
        self.requests: deque[Call] = deque(maxlen=20_000)
        self.violations: list[tuple[str, str]] = []  # (where, what): the bot broke Discord's rules
        self.notices: list[str] = []  # unusual, but accepted by Discord
        self.unimplemented: list[str] = []  # routes that the bot used and this server does not have
        self.self_violations: list[str] = []  # this server broke the contract
        self.rate_limited: list[str] = []  # requests refused by a real bucket
        self.invalid_requests: list[float] = []  # 401, 403, 429: Cloudflare bans at 10,000 in 10 minutes
        self.command_syncs: list[tuple[int | None, int]] = []
        self.command_creates: dict[int | None, int] = {}  # 200 per day and guild are allowed
        self._pulse = asyncio.Event()
        self.port = 0
        self._runner: web.AppRunner | None = None
        self.bots: list[Bot] = []
        self.gateway = Gateway(self)
        self.owner = self.user("Bot owner")
        self.bot = self.user("Loop Bot", bot=True)

    # -- life ----------------------------------------------------------------------------------------------------------
    @classmethod
    async def start(cls, port: int = 0, **settings: Any) -> Discord:
        world = cls()
        for key, value in settings.items():
            if not hasattr(world, key):
                raise TypeError(f"Discord has no setting {key!r}")
            setattr(world, key, value)
        world.port = port
        await world.start_server()
        return world

    async def start_server(self) -> None:
        """Opens the port (again)."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/resume", self.gateway.handle)
        app.router.add_get("/resume/", self.gateway.handle)
        app.router.add_get("/attachments/{key:.*}", self._attachment)
        app.router.add_route("*", "/api/v10/{tail:.*}", Api(self).handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop_server(self, forget_sessions: bool = False) -> None:
        """An outage: connections are cut and the port is closed. Sessions can be resumed later unless forgotten."""
        await self.gateway.drop(None, forget=forget_sessions)
        if forget_sessions:
            self.gateway.sessions.clear()
        for conn in list(self.gateway.connections):
            await conn.close(None)
        await self._runner.cleanup()

    async def close(self) -> None:
        for bot in self.bots:
            await bot.stop()
        await self.stop_server(forget_sessions=True)

    async def __aenter__(self) -> Discord:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    url = property(lambda self: f"http://127.0.0.1:{self.port}")
    api_url = property(lambda self: self.url + "/api/v10")
    gateway_url = property(lambda self: f"ws://127.0.0.1:{self.port}/gateway")

    async def _attachment(self, request: web.Request) -> web.Response:
        blob = self.blobs.get(request.match_info["key"])
        return web.Response(status=404) if blob is None else web.Response(body=blob)

    async def spawn(self, cmd: list[str], cwd: str | None = None, env: dict[str, str] | None = None, **kw: Any) -> Bot:
        """Starts the bot's process; DISCORD_API_URL points it here, and DISCORD_TOKEN holds the token."""
        bot = await spawn_bot(cmd, cwd, {"DISCORD_TOKEN": self.token, **(env or {})}, api=self.api_url, **kw)
        self.bots.append(bot)
        return bot

    async def ready(self, timeout: float = PATIENCE, shards: int | None = None, settle: bool = True) -> None:
        """Waits until the shards have identified and read every GUILD_CREATE (after a heartbeat's round trip)."""

        def done() -> bool:
            live = self.gateway.live()
            want = shards or (live[0].shard[1] if live else 1)
            return len(live) >= want

        await self.until(done, timeout, "the bot to identify", poll=0.01)
        while settle and any(s.streaming or (s.conn and s.conn.queue.qsize()) for s in self.gateway.live()):
            await asyncio.sleep(0.005)
        if settle:
            await self.gateway.roundtrip(timeout)

    # -- the population ------------------------------------------------------------------------------------------------
    def user(self, name: str, *, bot: bool = False, locale: str = "en-US", days_old: int = 0) -> User:
        u = User(self, name, bot=bot, locale=locale)
        u.id -= days_old * 86_400_000 << 22
        self.users[u.id] = u
        return u

    def guild(self, name: str = "Guild", **kw: Any) -> Guild:
        """The guild of this name, or a new one, to which the bot was just invited; a connected bot gets the event."""
        for g in self.guilds.values():
            if g.name == name:
                return g
        return self._new_guild(name, **kw)

    def _new_guild(self, name: str, **kw: Any) -> Guild:
        g = Guild(self, name, **kw)
        # An hour ago, because a bot that greets a new server would write during the test.
        g.members[self.bot.id].joined_at = iso(time.time() - 3600)
        self.guilds[g.id] = g
        if self.gateway.sessions:
            self.gateway.emit(
                "GUILD_CREATE", {k: v for k, v in g.payload().items() if k != "unavailable"}, g.id
            )  # no such key: a join
        return g

    def guild_without_bot(self, name: str, **kw: Any) -> Guild:
        """A server without the bot, where members use the app that they installed for themselves."""
        g = Guild(self, name, **kw)
        del g.members[self.bot.id]
        return g

    def populate(self, guilds: int, channels: int = 20, **kw: Any) -> list[Guild]:
        return [
            self._new_guild(f"Guild {i}", channels=[f"channel-{n}" for n in range(channels)], owner=self.owner, **kw)
            for i in range(guilds)
        ]

    def remove_guild(self, guild: Guild) -> None:
        """Kicks the bot."""
        self.guilds.pop(guild.id, None)
        self.gateway.emit("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    def set_available(self, guild: Guild, available: bool) -> None:
        """Starts or ends a guild outage."""
        guild.available = available
        self.gateway.emit(
            "GUILD_CREATE" if available else "GUILD_DELETE",
            guild.payload() if available else {"id": str(guild.id), "unavailable": True},
            guild.id,
        )

    def delete_channel(self, channel: Channel) -> None:
        self.channels.pop(channel.id)
        channel.guild.channels.pop(channel.id)
        self.gateway.emit("CHANNEL_DELETE", channel.payload(), channel.guild_id)

    def delete_thread(self, thread: Channel) -> None:
        """Deletes a thread or a forum's post with all its messages, as a moderator."""
        self.channels.pop(thread.id)
        thread.guild.channels.pop(thread.id)
        data = {"id": str(thread.id), "guild_id": str(thread.guild_id), "parent_id": str(thread.parent.id)}
        self.gateway.emit("THREAD_DELETE", data | {"type": thread.type}, thread.guild_id)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Closes a thread. Bots no longer see it, but may still fetch it and, unless it is locked, write there."""
        thread.archived, thread.locked = True, locked
        self.gateway.emit("THREAD_UPDATE", thread.payload(), thread.guild_id)

    def lock(self, thread: Channel) -> None:
        """Locks a thread: from now on only moderators may write there. It stays open."""
        thread.locked = True
        self.gateway.emit("THREAD_UPDATE", thread.payload(), thread.guild_id)

    def unlock(self, thread: Channel) -> None:
        """Unlocks a thread: everybody may write there again. An archived thread stays archived until somebody writes."""
        thread.locked = False
        self.gateway.emit("THREAD_UPDATE", thread.payload(), thread.guild_id)

    def reopen(self, thread: Channel) -> None:
        """Opens an archived thread."""
        thread.archived = False
        self.gateway.emit("THREAD_UPDATE", thread.payload(), thread.guild_id)

    def change_channel(self, channel: Channel, **changed: Any) -> None:
        """Changes a channel's kind, or makes it age-restricted."""
        vars(channel).update(changed)
        self.gateway.emit("CHANNEL_UPDATE", channel.payload(), channel.guild_id)

    def change_role(self, guild: Guild, role: Role, **changed: Any) -> None:
        vars(role).update(changed)
        self.gateway.emit("GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": role.payload()}, guild.id)

    def offer_to_all(self, guild: Guild, name: str) -> None:
        """Gives a command to every member, whatever permission it requires, as the server settings (Integrations) can."""
        guild.commands_for_all.add(name)
        everybody = {"id": str(guild.id), "type": 1, "permission": True}
        command = next(c for c in self.commands[None].values() if c["name"] == name)
        data = {"id": command["id"], "application_id": str(self.bot.id), "guild_id": str(guild.id)}
        self.gateway.emit("APPLICATION_COMMAND_PERMISSIONS_UPDATE", data | {"permissions": [everybody]}, guild.id)

    def set_alerts_channel(self, guild: Guild, channel: Channel) -> None:
        """Sets the channel for safety alerts of a community server."""
        guild.alerts, guild.features = channel, [*guild.features, "COMMUNITY"]
        self.gateway.emit("GUILD_UPDATE", guild.rest_payload(), guild.id)

    def delete_role(self, role: Role) -> None:
        guild = next(g for g in self.guilds.values() if role.id in g.roles)
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles = [one for one in member.roles if one is not role]
        self.gateway.emit("GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)}, guild.id)

    def dm(self, user: UserData) -> Channel:
        if user.id not in self.dms:
            ch = self.dms[user.id] = Channel(self, None, DM, recipient=user)
            self.channels[ch.id] = ch
        return self.dms[user.id]

    def talk(self, other: UserData) -> Channel:
        """Direct messages of a person who installed the app with somebody other than the bot."""
        ch = Channel(self, None, DM, recipient=other)
        ch.private = True
        self.channels[ch.id] = ch
        return ch

    def application_flags(self) -> int:
        p = self.gateway.privileged
        return (
            (1 << 18 if p & MESSAGE_CONTENT else 0)
            | (1 << 14 if p & MEMBERS else 0)
            | (1 << 12 if p & PRESENCES else 0)
            | 1 << 23
        )

    # -- messages ------------------------------------------------------------------------------------------------------
    def post(self, message: Message) -> Message:
        message.channel.messages[message.id] = message
        self.tell_message("MESSAGE_CREATE", message)
        self.changed()
        return message

    def tell_message(self, event: str, message: Message) -> None:
        ch, data = message.channel, message.payload()
        if ch.private or (ch.guild and not ch.guild.has_bot):
            return  # bots get no events there except for their own interactions
        guild = (
            None if message.ephemeral else ch.guild
        )  # events of ephemeral ones look like those of a DM (discord-api-docs issue 4557)
        if guild:
            data["guild_id"] = str(guild.id)
        data["channel_type"] = ch.type
        self.gateway.emit(event, data, guild.id if guild else None)

    def remove(self, message: Message) -> None:
        message.deleted = True
        ch = message.channel
        if not message.ephemeral:
            self.gateway.emit(
                "MESSAGE_DELETE",
                {"id": str(message.id), "channel_id": str(ch.id)}
                | ({"guild_id": str(ch.guild_id)} if ch.guild else {}),
                ch.guild_id,
            )
        self.changed()

    def reaction(self, message: Message, user: UserData, emoji: str, *, add: bool, burst: bool = False) -> None:
        users = (message.bursts if burst else message.reactions).setdefault(emoji, [])
        if (user.id in users) == add:
            return
        users.append(user.id) if add else users.remove(user.id)
        ch, guild = message.channel, message.channel.guild
        data: dict[str, Any] = {
            "user_id": str(user.id),
            "channel_id": str(ch.id),
            "message_id": str(message.id),
            "emoji": emoji_payload(emoji),
            "burst": burst,
            "type": int(burst),
        }
        if guild:
            data["guild_id"] = str(guild.id)
        if add:
            data |= {"message_author_id": str(message.author.id)} | (
                {"member": guild.members[user.id].payload()} if guild else {}
            )
        self.gateway.emit("MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE", data, ch.guild_id)
        self.changed()

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Removes all reactions of a message, or those of one emoji, as a moderator."""
        ch = message.channel
        data: dict[str, Any] = {"channel_id": str(ch.id), "message_id": str(message.id), "guild_id": str(ch.guild_id)}
        if emoji is None:
            message.reactions.clear()
            message.bursts.clear()
            self.gateway.emit("MESSAGE_REACTION_REMOVE_ALL", data, ch.guild_id)
        else:
            message.reactions.pop(emoji, None)
            message.bursts.pop(emoji, None)
            data["emoji"] = emoji_payload(emoji)
            self.gateway.emit("MESSAGE_REACTION_REMOVE_EMOJI", data, ch.guild_id)
        self.changed()

    def automod(
        self, channel: Channel, user: UserData, text: str, keyword: str, *, action: int = 1, rule_id: int | None = None
    ) -> None:
        """AUTO_MODERATION_ACTION_EXECUTION: a keyword rule of the guild matched (1 block, 2 alert, 3 timeout)."""
        self.gateway.emit(
            "AUTO_MODERATION_ACTION_EXECUTION",
            {
                "guild_id": str(channel.guild.id),
                "action": {"type": action, "metadata": {"channel_id": str(channel.id)} if action == 2 else {}},
                "rule_id": str(rule_id or snowflake()),
                "rule_trigger_type": 1,
                "user_id": str(user.id),
                "channel_id": str(channel.id),
                "content": text,
                "matched_keyword": keyword,
                "matched_content": keyword,
            },
            channel.guild_id,
        )

    def messages(
        self, channel: Channel, *, by: UserData | None = None, deleted: bool = False, ephemeral: bool | None = None
    ) -> list[Message]:
        return [
            m
            for m in channel.messages.values()
            if (deleted or not m.deleted) and (by is None or m.author is by) and ephemeral in (None, m.ephemeral)
        ]

    # -- commands ------------------------------------------------------------------------------------------------------
    def registered_commands(self, guild: Guild | None = None) -> dict[str, dict[str, Any]]:
        return {c["name"]: c for c in self.commands.get(guild.id if guild else None, {}).values()}

    def find_command(self, name: str, kind: int, channel: Channel) -> dict[str, Any]:
        for scope in ([channel.guild_id] if channel.guild else []) + [None]:
            for cmd in self.commands.get(scope, {}).values():
                if cmd["name"] == name and cmd["type"] == kind:
                    return cmd
        names = sorted(cmd["name"] for scope in self.commands.values() for cmd in scope.values())
        raise NotPossible(f"no command {name!r} of type {kind} is registered (there are: {names})")

    # -- waiting -------------------------------------------------------------------------------------------------------
    def changed(self) -> None:
        """Wakes those who wait for an action of the bot."""
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()

    async def until(
        self,
        condition: Callable[[], Any],
        timeout: float = PATIENCE,
        what: str = "it",
        *,
        quiet: bool = False,
        poll: float = 0.25,
    ) -> Any:
        """Waits until `condition()` is true. -> its value."""
        end = time.monotonic() + timeout
        while not (value := condition()):
            left = end - time.monotonic()
            if left <= 0:
                if quiet:
                    return value
                raise TimeoutError(
                    f"waited {timeout:g} s for {what}" + "".join(f"\n--- {b}\n{b.tail()}" for b in self.bots)
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._pulse.wait(), min(left, poll))
        return value

    async def next_message(self, channel: Channel, after: Message | None = None, timeout: float = PATIENCE) -> Message:
        """The bot's first message in the channel after `after` (None: any)."""
        return await self.until(
            lambda: next(
                (m for m in self.messages(channel, by=self.bot, ephemeral=False) if after is None or m.id > after.id),
                None,
            ),
            timeout,
            f"a message in {channel}",
        )

    async def quiet(self, channel: Channel, after: Message | None = None, seconds: float = 1.0) -> list[Message]:
        """The bot's messages in the channel within some seconds (to test that there are none)."""
        await asyncio.sleep(seconds)
        return [m for m in self.messages(channel, by=self.bot, ephemeral=False) if after is None or m.id > after.id]

    # -- load ----------------------------------------------------------------------------------------------------------
    async def flood(
        self,
        channel: Channel | list[Channel],
        messages: Iterable[str | tuple[User, str]],
        rate: float | None = None,
        *,
        author: User | None = None,
        drain: bool = True,
        store: bool = False,
    ) -> dict[str, float]:
        """Pushes MESSAGE_CREATE at `rate` a second (None: as fast as the sockets allow). -> 'sent', 'cpu_s' ...

        With `drain` it waits until the bot has read all of them and run its loop once more ('drain_s').
        """
        channels = channel if isinstance(channel, list) else [channel]
        author = author or self.user("Flooder")
        for ch in channels:
            author._present(ch)
        shapes: dict[Any, dict[str, Any]] = {}
        cpu, start, n, lag = sum(b.cpu() for b in self.bots), time.monotonic(), 0, 0.0
        for item in messages:
            who, text = item if isinstance(item, tuple) else (author, item)
            ch = channels[n % len(channels)]
            base = shapes.get((who.id, ch.guild_id or ch.id))
            if base is None or store or "@" in text:
                message = build_message(ch, who, {"content": text})
                if store:
                    ch.messages[message.id] = message
                base = shapes[who.id, ch.guild_id or ch.id] = message.data | (
                    {"guild_id": str(ch.guild_id)} if ch.guild else {}
                )
                self.tell_message("MESSAGE_CREATE", message)
            else:  # faster: copy the message and change what differs
                self.gateway.emit(
                    "MESSAGE_CREATE",
                    base
                    | {
                        "id": str(snowflake()),
                        "channel_id": str(ch.id),
                        "content": text,
                        "timestamp": iso(),
                        "channel_type": ch.type,
                    },
                    ch.guild_id,
                )
            n += 1
            if rate:
                ahead = start + n / rate - time.monotonic()
                lag = max(lag, -ahead)
                if ahead > 0.002 or n % 50 == 0:
                    await asyncio.sleep(max(ahead, 0))
            elif n % 50 == 0:
                await asyncio.sleep(0)
            while any(s.conn and s.conn.queue.qsize() > 1000 for s in self.gateway.live()):
                await asyncio.sleep(0.001)
        sent = time.monotonic()
        if drain:
            await self.gateway.roundtrip(600)
            await self.gateway.roundtrip(600)
        end = time.monotonic()
        return {
            "sent": n,
            "send_s": sent - start,
            "drain_s": end - start,
            "lag_s": lag,
            "cpu_s": sum(b.cpu() for b in self.bots) - cpu,
        }

    async def hammer(self, make: Callable[[int], Any], count: int, rate: float) -> list[Interaction]:
        """Open-loop load: starts `make(i)` (such as lambda i: user.slash(...)) at `rate` a second; -> the results."""
        start, tasks = time.monotonic(), []
        for i in range(count):
            if (ahead := start + i / rate - time.monotonic()) > 0:
                await asyncio.sleep(ahead)
            tasks.append(asyncio.ensure_future(make(i)))
        return list(await asyncio.gather(*tasks))

    # -- verdict -------------------------------------------------------------------------------------------------------
    def violation(self, where: str, what: str) -> None:
        log.warning("VIOLATION %s: %s", where, what)
        self.violations.append((where, what))

    def assert_clean(self) -> None:
        """Checks that no rule was broken, no route was missing, and this server had no fault."""
        problems = {k: v for k in ("violations", "unimplemented", "self_violations") if (v := getattr(self, k))}
        assert not problems, problems
