"""Gateway v10: sessions, sharding, compression, intents, resume, and the ways a gateway can fail."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import struct
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSMsgType, web

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from .world import Discord

log = logging.getLogger("loopback.gateway")
GUILDS, MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 15
KNOWN_INTENTS = sum(1 << n for n in [*range(17), 20, 21, 24, 25])
# event -> (intent in a guild, intent in a DM); events not listed need none
INTENTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"], (1 << 9, 1 << 12)),
    **dict.fromkeys(["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"], (1 << 10, 1 << 13)),
    **dict.fromkeys(
        [
            "GUILD_CREATE",
            "GUILD_UPDATE",
            "GUILD_DELETE",
            "GUILD_ROLE_CREATE",
            "CHANNEL_CREATE",
            "CHANNEL_UPDATE",
            "CHANNEL_DELETE",
            "THREAD_CREATE",
            "THREAD_UPDATE",
            "THREAD_DELETE",
        ],
        (GUILDS, 0),
    ),
    **dict.fromkeys(["GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "GUILD_MEMBER_UPDATE"], (MEMBERS, 0)),
    "AUTO_MODERATION_ACTION_EXECUTION": (1 << 21, 0),
    "TYPING_START": (1 << 11, 1 << 14),
    "CHANNEL_PINS_UPDATE": (GUILDS, 0),
}
CONTENT_FIELDS = {"content": "", "embeds": [], "attachments": [], "components": []}


class Session:
    """The session of one shard's identify, connected or not."""

    def __init__(self, gateway: Gateway, intents: int, shard: tuple[int, int]):
        self.id, self.intents, self.shard = secrets.token_hex(16), intents, shard
        self.seq, self.ready_at = 0, 0.0
        self.buffer: deque[tuple[int, bytes]] = deque(maxlen=gateway.replay_limit)
        self.conn: Connection | None = None
        self.streaming = False  # the task `stream` is still sending GUILD_CREATEs
        self.stream: asyncio.Task[None] | None = None

    def emit(self, event: str, data: Any, on_sent: Callable[[], None] | None = None) -> None:
        self.seq += 1
        payload = b'{"op":0,"t":"%b","s":%d,"d":%b}' % (event.encode(), self.seq, orjson.dumps(data))
        self.buffer.append((self.seq, payload))
        if self.conn is not None:
            self.conn.send(payload, on_sent)


class Connection:
    """One websocket. Its own task writes the frames, in the order of send()."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport, compress: str | None):
        self.ws, self.transport, self.session = ws, transport, None
        self.last_beat, self.sent_times = time.monotonic(), deque(maxlen=120)
        self.queue: asyncio.Queue[tuple[bytes, Callable[[], None] | None]] = asyncio.Queue()
        self.beats: list[asyncio.Future[int]] = []  # waiters for the answer to our op 1
        if compress == "zlib-stream":
            z = zlib.compressobj(1)
            self.pack = lambda b: z.compress(b) + z.flush(zlib.Z_SYNC_FLUSH)
        elif compress == "zstd-stream":
            import zstandard

            zc = zstandard.ZstdCompressor(level=1).compressobj()
            self.pack = lambda b: zc.compress(b) + zc.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        else:
            self.pack = None
        self.writer = asyncio.create_task(self._write())

    def send(self, payload: bytes, on_sent: Callable[[], None] | None = None) -> None:
        self.queue.put_nowait((payload, on_sent))

    def op(self, op: int, d: Any = None) -> None:
        self.send(orjson.dumps({"op": op, "d": d, "s": None, "t": None}))

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                payload, on_sent = await self.queue.get()
                if on_sent:
                    on_sent()
                if self.pack:
                    await self.ws.send_bytes(self.pack(payload))
                else:
                    await self.ws.send_str(payload.decode())

    async def close(self, code: int | None) -> None:
        """With a code, sends a close frame after the queued frames; None cuts the TCP connection."""
        if code is None:
            self.writer.cancel()
            cut(self.transport)
            return
        for _ in range(200):
            if self.queue.empty():
                break
            await asyncio.sleep(0.005)
        self.writer.cancel()
        with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
            await asyncio.wait_for(self.ws.close(code=code, message=b""), 5)


def cut(transport: asyncio.Transport) -> None:
    """Ends a TCP connection with RST rather than FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Gateway:
    def __init__(self, world: Discord):
        self.world = world
        self.heartbeat_interval = 41.25  # seconds
        self.identify_interval = 5.0  # seconds between identifies of one max_concurrency key
        self.max_concurrency, self.recommended_shards = 1, 1
        self.session_limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000}
        self.privileged = MEMBERS | PRESENCES | MESSAGE_CONTENT  # as selected in the developer portal
        self.replay_limit = 50_000
        self.zombie = False  # True: no acks, no events, the socket stays open
        self.handshake: dict[str, int] = {}  # path (/gateway or /resume) -> status answered instead of a websocket
        self.refuse: int | None = None  # close code for whoever identifies
        self.hang_up: int | None = None  # close code right after READY
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies: list[float] = []
        self.resumes: list[float] = []
        self.closes: list[int] = []  # codes with which the bot or this server ended connections
        self._identified: deque[tuple[float, int]] = deque(maxlen=100)

    # -- sending -------------------------------------------------------------------------------------------------------
    def live(self) -> list[Session]:
        return [s for s in self.sessions.values() if s.conn is not None]

    def session_for(self, guild_id: int | None) -> list[Session]:
        """The sessions of the guild's shard. Events without a guild go to shard 0."""
        return [
            s
            for s in self.sessions.values()
            if s.ready_at and s.shard[0] == ((guild_id >> 22) % s.shard[1] if guild_id else 0)
        ]

    def raw(self, event: str, data: Any) -> None:
        """Sends an event unchanged to every session, for example one in an unexpected form."""
        for session in self.live():
            session.emit(event, data)

    def emit(
        self, event: str, data: dict[str, Any], guild_id: int | None, on_sent: Callable[[], None] | None = None
    ) -> int:
        """Sends an event to the sessions that should get it. -> the number of sessions."""
        need, receivers = INTENTS.get(event, (0, 0))[guild_id is None], 0
        for session in self.session_for(guild_id):
            if need and not session.intents & need:
                continue
            session.emit(event, self._seen_by(session, event, data, guild_id), on_sent)
            receivers += 1
        return receivers

    def _seen_by(self, session: Session, event: str, data: dict[str, Any], guild_id: int | None) -> dict[str, Any]:
        if session.intents & MESSAGE_CONTENT or guild_id is None:
            return data
        if event == "AUTO_MODERATION_ACTION_EXECUTION":
            return data | {"content": "", "matched_content": ""}
        if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            bot = str(self.world.bot.id)
            if data["author"]["id"] != bot and all(u["id"] != bot for u in data["mentions"]):
                data = data | CONTENT_FIELDS
                if data.get("referenced_message") and data["referenced_message"]["author"]["id"] != bot:
                    data["referenced_message"] = data["referenced_message"] | CONTENT_FIELDS
        return data

    async def roundtrip(self, timeout: float = PATIENCE) -> float:
        """Asks every shard for a heartbeat (op 1) and waits for it, so that all earlier events are read. -> seconds."""
        start, waits = time.monotonic(), []
        for session in self.live():
            future = asyncio.get_running_loop().create_future()
            session.conn.beats.append(future)
            session.conn.op(1)
            waits.append(future)
        await asyncio.wait_for(asyncio.gather(*waits), timeout)
        return time.monotonic() - start

    # -- faults --------------------------------------------------------------------------------------------------------
    async def drop(self, code: int | None = 4000, shard: int | None = None, forget: bool = False) -> None:
        """Ends connections; code None cuts the TCP connection. `forget`: the session can't be resumed."""
        for session in self.live():
            if shard is None or session.shard[0] == shard:
                conn, session.conn = session.conn, None
                if forget:
                    self.sessions.pop(session.id, None)
                await conn.close(code)

    def reconnect(self, shard: int | None = None) -> None:
        """Op 7: please reconnect and resume."""
        for s in self.live():
            if shard is None or s.shard[0] == shard:
                s.conn.op(7)

    def invalidate(self, resumable: bool = False, shard: int | None = None) -> None:
        """Op 9."""
        for s in self.live():
            if shard is None or s.shard[0] == shard:
                s.conn.op(9, resumable)
                if not resumable:
                    s.conn = None
                    self.sessions.pop(s.id, None)

    # -- the socket ----------------------------------------------------------------------------------------------------
    async def handle(self, request: web.Request) -> web.StreamResponse:
        if status := self.handshake.get(request.path.rstrip("/")):
            return web.Response(status=status)
        ws = web.WebSocketResponse(max_msg_size=0, autoping=True, compress=False)
        await ws.prepare(request)
        q = request.query
        if q.get("v") != "10" or q.get("encoding", "json") != "json":
            self.world.violation("gateway", f"asked for v={q.get('v')} encoding={q.get('encoding')}")
            await ws.close(code=4012)
            return ws
        conn = Connection(ws, request.transport, q.get("compress"))
        self.connections.add(conn)
        conn.op(10, {"heartbeat_interval": int(self.heartbeat_interval * 1000), "_trace": ["loopback"]})
        watch = asyncio.create_task(self._watch(conn))
        try:
            async for msg in ws:
                if msg.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or len(msg.data) > 4096:
                    await self._refuse(conn, 4002, f"a frame of {len(msg.data)} bytes (up to 4096 are taken)")
                    break
                code = self._receive(conn, orjson.loads(msg.data))
                if code:
                    await self._refuse(conn, code, f"closed with {code} after {msg.data[:200]}")
                    break
        finally:
            watch.cancel()
            conn.writer.cancel()
            self.connections.discard(conn)
            self.closes.append(ws.close_code or 0)
            if conn.session and conn.session.conn is conn:
                conn.session.conn = None
                if ws.close_code in (1000, 1001):  # a clean close by the client ends the session
                    self.sessions.pop(conn.session.id, None)
        return ws

    async def _refuse(self, conn: Connection, code: int, why: str) -> None:
        self.world.violation("gateway", why)
        await conn.close(code)

    async def _watch(self, conn: Connection) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_interval / 2)
            if time.monotonic() - conn.last_beat > self.heartbeat_interval * 1.6 + 1 and not self.zombie:
                await self._refuse(conn, 4009, "no heartbeat in time")
                return

    def _receive(self, conn: Connection, msg: dict[str, Any]) -> int | None:
        """Handles a message of the bot. -> a close code if it is refused."""
        op, d, now = msg.get("op"), msg.get("d"), time.monotonic()
        conn.sent_times.append(now)
        if len(conn.sent_times) == 120 and now - conn.sent_times[0] < 60:
            return 4008
        if op == 1:
            conn.last_beat = now
            if not self.zombie:
                conn.op(11)
            for f in conn.beats:
                if not f.done():
                    f.set_result(d or 0)
            conn.beats.clear()
            return None
        if op == 2:
            return self._identify(conn, d) if conn.session is None else 4005
        if op == 6:
            return self._resume(conn, d) if conn.session is None else 4005
        if conn.session is None:
            return 4003
        if op == 8:
            self._members(conn.session, d)
        elif op == 3:
            self.world.presence = d
        elif op not in (4, 31):
            return 4001
        return None

    def _identify(self, conn: Connection, d: dict[str, Any]) -> int | None:
        world, now = self.world, time.monotonic()
        intents, (shard, count) = d.get("intents", 0), d.get("shard") or (0, 1)
        if d.get("token", "").removeprefix("Bot ") != world.token:
            return 4004
        if not 0 <= shard < count:
            return 4010
        if count == 1 and len(world.guilds) > 2500:
            return 4011
        if intents & ~KNOWN_INTENTS:
            return 4013
        if self.refuse:
            return self.refuse
        if intents & (MEMBERS | PRESENCES | MESSAGE_CONTENT) & ~self.privileged:
            return 4014
        key = shard % self.max_concurrency
        recent = [t for t, k in self._identified if k == key and now - t < self.identify_interval - 0.25]
        self._identified.append((now, key))
        self.identifies.append(now)
        if recent:
            world.violation(
                "gateway", f"shard {shard} identified {now - recent[-1]:.2f} s after the last (max_concurrency)"
            )
            conn.op(9, False)
            return None
        self.session_limit["remaining"] -= 1
        for old in [s for s in self.sessions.values() if s.shard == (shard, count)]:
            del self.sessions[old.id]
        session = conn.session = Session(self, intents, (shard, count))
        session.conn, session.ready_at = conn, now
        self.sessions[session.id] = session
        mine = [g for g in world.guilds.values() if (g.id >> 22) % count == shard]
        session.emit(
            "READY",
            {
                "v": 10,
                "user": world.bot.payload() | {"verified": True, "mfa_enabled": True, "email": None},
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": world.gateway_url.replace("/gateway", "/resume"),
                "shard": [shard, count],
                "relationships": [],
                "private_channels": [],
                "presences": [],
                "geo_ordered_rtc_regions": [],
                "guild_join_requests": [],
                "_trace": ["loopback"],
                "application": {"id": str(world.bot.id), "flags": world.application_flags()},
                "guilds": [{"id": str(g.id), "unavailable": True} for g in mine],
            },
        )
        if self.hang_up:
            self.sessions.pop(session.id)
            self._closing = asyncio.create_task(conn.close(self.hang_up))
            return None
        if intents & GUILDS:
            session.streaming = True
            session.stream = asyncio.create_task(self._stream_guilds(session, mine))
        return None

    async def _stream_guilds(self, session: Session, guilds: list[Any]) -> None:
        for g in guilds:
            if g.available:
                session.emit("GUILD_CREATE", g.payload())
            while session.conn and session.conn.queue.qsize() > 50:
                await asyncio.sleep(0.002)
        session.streaming = False

    def _resume(self, conn: Connection, d: dict[str, Any]) -> int | None:
        session, seq = self.sessions.get(d.get("session_id", "")), d.get("seq") or 0
        if d.get("token", "").removeprefix("Bot ") != self.world.token:
            return 4004
        self.resumes.append(time.monotonic())
        if session is None or (session.buffer and seq < session.buffer[0][0] - 1):
            conn.op(9, False)
            return None
        if seq > session.seq:
            return 4007
        old, session.conn, conn.session = session.conn, conn, session
        if old:
            old.writer.cancel()
        for n, payload in list(session.buffer):
            if n > seq:
                conn.send(payload)
        session.emit("RESUMED", {"_trace": ["loopback"]})
        return None

    def _members(self, session: Session, d: dict[str, Any]) -> None:
        guild = self.world.guilds[int(d["guild_id"])]
        if not d.get("user_ids") and not d.get("query") and not session.intents & MEMBERS:
            self.world.violation("gateway", "asked for all members without the members intent")
            return
        wanted = d.get("user_ids") or []
        wanted = {int(i) for i in (wanted if isinstance(wanted, list) else [wanted])}
        found = [
            m
            for m in guild.members.values()
            if (
                m.user.id in wanted
                if wanted
                else m.user.payload()["username"].startswith((d.get("query") or "").lower())
            )
        ][: d.get("limit") or None]
        chunks = [found[i : i + 1000] for i in range(0, len(found), 1000)] or [[]]
        for i, chunk in enumerate(chunks):
            session.emit(
                "GUILD_MEMBERS_CHUNK",
                {
                    "guild_id": str(guild.id),
                    "members": [m.payload() for m in chunk],
                    "chunk_index": i,
                    "chunk_count": len(chunks),
                    "not_found": [str(i) for i in wanted - set(guild.members)],
                    "nonce": d.get("nonce"),
                },
            )
