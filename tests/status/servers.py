"""Local servers that send exactly the bytes of a test."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from bot.core.service import Healthy, Source
from bot.core.signals import Signal
from tests.patience import PATIENCE

LINK = "https://status.example.org"

Talk = Callable[[str, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request: gets its head and the stream to write to."""


class Site:
    """A server on the loopback interface. `heads` are the received requests, `visits` the number of connections."""

    def __init__(self, answer: bytes | Talk) -> None:
        self.answer = answer
        self.heads: list[str] = []
        self.visits = 0
        self.host = ""
        self.port = 0
        self._scheme = "http"
        self._left = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self._scheme}://{host}:{self.port}"

    async def open(self, host: str, tls: ssl.SSLContext | None) -> None:
        self._server = await asyncio.start_server(self._welcome, host, 0, ssl=tls)
        self._scheme = "https" if tls else "http"
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def client_left(self) -> bool:
        """Whether the client closes the connection soon."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._left.wait(), PATIENCE)
        return self._left.is_set()

    def header(self, name: str, request: int = -1) -> str | None:
        """A header of a received request."""
        for line in self.heads[request].split("\r\n")[1:]:
            found, _, value = line.partition(": ")
            if found.lower() == name.lower():
                return value
        return None

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        self._talks.add(asyncio.create_task(self._talk(reader, writer)))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            if isinstance(self.answer, bytes):
                writer.write(self.answer)
                await writer.drain()
            else:
                await self.answer(self.heads[-1], writer)
        except (OSError, EOFError):
            self._left.set()
        finally:
            writer.close()


def reply(body: Any = b"", *headers: str | bytes, status: str = "200 OK", length: bool = True) -> bytes:
    """A whole HTTP response. Anything that is not bytes or text is sent as JSON."""
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
        headers = ("Content-Type: application/json", *headers)
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if length:
        lines.append(f"Content-Length: {len(raw)}")
    return b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\r\n\r\n" + raw


def moved(target: str) -> bytes:
    return reply(b"", f"Location: {target}", status="302 Found")


def summary(indicator: Any = "none", **more: Any) -> dict[str, Any]:
    """The summary of an Atlassian status page."""
    return {
        "page": {"id": "x1", "name": "Example", "url": LINK},
        "status": {"indicator": indicator, "description": "All Systems Operational"},
        "components": [{"id": "c1", "name": "API", "status": "operational", "group": False}],
        "incidents": [],
        "scheduled_maintenances": [],
        **more,
    }


def incident(status: Any = "investigating", **more: Any) -> dict[str, Any]:
    return {
        "id": "i1",
        "name": "Messages do not arrive",
        "status": status,
        "impact": "major",
        "shortlink": "https://stspg.io/i1",
        "started_at": "2026-03-01T12:00:00.000Z",
        "created_at": "2026-03-01T12:05:00.000Z",
        **more,
    }


def maintenance(status: Any = "scheduled", **more: Any) -> dict[str, Any]:
    return {
        "id": "m1",
        "name": "Database upgrade",
        "status": status,
        "impact": "maintenance",
        "shortlink": "https://stspg.io/m1",
        "scheduled_for": "2026-03-01T14:00:00.000Z",
        "scheduled_until": "2026-03-01T16:00:00.000Z",
        **more,
    }


def page(at: Site | str, *components: str) -> Source:
    """An official status page as a source, of which only these parts matter."""
    url = at if isinstance(at, str) else at.url
    return Source(Signal.OFFICIAL, "statuspage", url, LINK, components=components)


def probe(at: Site | str, expect: Mapping[str, Healthy] | None = None) -> Source:
    """A plain probe as a source."""
    return Source(Signal.PROBE, "http", at if isinstance(at, str) else f"{at.url}/health", None, expect or {})


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection abruptly, with an RST."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
