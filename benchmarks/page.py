"""(i) The cost of the public page in an outage: `python -m benchmarks.page`, or `python -m benchmarks page`.

Our page and a static "hello" of aiohttp run in their own processes. A client that only counts bytes requests them in
turns over 64 connections that stay open. The server's processor time is measured, because the client uses the same
machine. It is the whole page, compressed, in an outage of five services in which something changes every second.
"""

import argparse
import asyncio
import gzip
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psutil
from aiohttp import web

from benchmarks.figures import Row, Spread, as_the_bot, at_least, at_most, keep
from bot.content.texts import Catalogues
from bot.usecases.reports.public_state import PublicService
from bot.web import assets
from bot.web.document import DocumentRequest
from bot.web.documents import Documents
from bot.web.server import serve_web
from bot.web.serving import serving
from bot.web.site import Site
from tests.web.states import worlds

CONNECTIONS = 64
STREAMS = 1000
AIM = 0.8
SLOWEST = 20.0
"""Milliseconds for which rendering may block the event loop."""


async def serve(what: str) -> None:
    """Run one of the servers until the process is ended."""
    if what == "hello":
        hello = web.Application()

        async def answer(_request: web.Request) -> web.Response:
            return web.Response(text="hello")

        hello.add_routes([web.get("/", answer)])
        async with serving(hello) as port:
            print(port, flush=True)
            await asyncio.Event().wait()
    site = Site(Changing().look, Catalogues.read(), time.time, time.monotonic)
    async with serve_web("127.0.0.1", 0, {}, lambda: site.answer) as port:
        print(port, flush=True)
        while True:
            await asyncio.sleep(1)
            await site.tick()


class Changing:
    """An outage in which the number of people changes with each read."""

    def __init__(self) -> None:
        self._services = worlds(int(time.time()))["all"]
        self._looks = 0

    async def look(self) -> tuple[PublicService, ...]:
        """What the page shows now."""
        self._looks += 1
        return tuple(replace(one, heard_at=float(self._looks)) for one in self._services)


@contextmanager
def server(what: str) -> Generator[tuple[int, psutil.Process]]:
    """Start one of the servers as a process. Yields its port and the process."""
    command = [sys.executable, "-m", "benchmarks.page", "--serve", what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), psutil.Process(process.pid)
        finally:
            process.terminate()


class Asking(asyncio.Protocol):
    """A connection that sends the next request as soon as it has the whole answer."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._left = -1
        self._head = b""
        self.answers = 0
        self.bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Ask."""
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count the bytes. After the last byte of an answer, send the next request."""
        self.bytes += len(data)
        if self._left < 0:
            head, found, rest = (self._head + data).partition(b"\r\n\r\n")
            if not found:
                self._head = head
                return
            self._head = b""
            at = head.lower().find(b"content-length: ")
            self._left = (int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0) - len(rest)
        else:
            self._left -= len(data)
        if self._left <= 0:
            self.answers += 1
            self._left = -1
            self._transport.write(self._request)

    def close(self) -> None:
        """Stop sending requests."""
        self._transport.abort()


async def asked(port: int, process: psutil.Process, seconds: float) -> tuple[float, float]:
    """Answers per CPU second of the server, and the bytes of an answer."""
    lines = ("GET / HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", "Accept-Language: de-DE,de;q=0.9")
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Asking(request), "127.0.0.1", port) for _ in range(CONNECTIONS)]
    visitors = [protocol for _, protocol in made]
    await asyncio.sleep(0.3)
    before, began = sum(one.answers for one in visitors), process.cpu_times()
    await asyncio.sleep(seconds)
    answers, ended = sum(one.answers for one in visitors) - before, process.cpu_times()
    took = ended.user + ended.system - began.user - began.system
    size = sum(one.bytes for one in visitors) / max(1, sum(one.answers for one in visitors))
    for one in visitors:
        one.close()
    return answers / took, size


async def throughput(rounds: int, seconds: float) -> list[Row]:
    """Measure both servers in turns."""
    with server("hello") as (hello, its), server("page") as (page, mine):
        await asked(page, mine, 0.5)
        ours, limit, ratios, size = list[float](), list[float](), list[float](), 0.0
        for _ in range(rounds):
            limit.append((await asked(hello, its, seconds))[0])
            rate, size = await asked(page, mine, seconds)
            ours.append(rate)
            ratios.append(rate / limit[-1])
    speed = f"{Spread.of(ours).text(0)} per CPU second, {size / 1000:.1f} kB each"
    return [at_least("the page for visitors in an outage", speed, Spread.of(limit).text(0), Spread.of(ratios), AIM)]


async def streams() -> list[Row]:
    """The server's memory for visitors who keep the page open."""
    with server("page") as (port, process):
        await asked(port, process, 0.5)
        before, request = process.memory_info().rss, b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n"
        loop = asyncio.get_running_loop()
        made = list[asyncio.Transport]()
        for _ in range(STREAMS):
            transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
            transport.write(request)
            made.append(transport)
            await asyncio.sleep(0.005)
        await asyncio.sleep(2)
        after, left = process.memory_info().rss, sum(not one.is_closing() for one in made)
        for transport in made:
            transport.abort()
    each = (after - before) / STREAMS / 1000
    return [Row(f"memory for each of {STREAMS:,} open pages ({left:,} stayed open)", f"{each:.1f} kB")]


def rendering(rounds: int) -> list[Row]:
    """The time to render a change, and the size of the first view."""
    languages, rows = Catalogues.read(), list[Row]()
    documents, texts = Documents(languages), languages.texts("de")
    for name, state in (("one service", "outage"), ("five services", "all")):
        asking, took = DocumentRequest(texts, worlds(int(time.time()))[state], time.time()), list[float]()
        for _ in range(rounds):
            began = time.process_time()
            document = documents.make("/", asking)
            assert document is not None
            gzip.compress(document.text.encode(), 6)
            took.append((time.process_time() - began) * 1000)
        linked = sum(len(assets.read(one)) for one in ("site.css", "site.js", "icon.svg"))
        size = len(document.text.encode()) + linked
        spread = Spread.of([one / SLOWEST for one in took])
        rows.append(
            at_most(
                f"rendering a change: {name}",
                f"{Spread.of(took).text(1)} CPU-ms",
                f"{SLOWEST:.0f} ms",
                spread,
                1,
            )
        )
        view = Spread.of([size / 50_000])
        rows.append(at_most(f"first view: {name}", f"{size / 1000:.1f} kB, not compressed", "50 kB", view, 1))
    return rows


def main() -> None:
    """Measure and store the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    if given.serve:
        as_the_bot(serve(given.serve))
        return
    # Many short rounds, so that other work of the machine affects both servers alike.
    rounds, seconds = 25 if given.quick else 41, 0.4
    rows = as_the_bot(throughput(rounds, seconds)) + as_the_bot(streams()) + rendering(5 if given.quick else 50)
    keep("i-page", "The public page", rows, note="The limit is a static “hello” by aiohttp over the same connections.")


if __name__ == "__main__":
    main()
