"""Bodies of a gigabyte, compressed or not: each gives a named reading in time, and is never held in memory.

The client runs in a separate process, whose memory is measured. The servers are real and send until it disconnects.
"""

import asyncio
import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest
import zstandard

from bot.core.signals import Cause, State
from bot.status.fetch import TIMEOUT
from bot.status.looker import Looker
from tests.conftest import Figure
from tests.patience import PATIENCE
from tests.status.conftest import Serve
from tests.status.servers import Talk, page, reply, summary

MIB = 1024 * 1024
GIB = 1024 * MIB
MOST_EXTRA = 10_000_000
DEADLINE = (TIMEOUT.total or 0) + PATIENCE  # with some for a busy machine
JSON = "Content-Type: application/json"
ZEROS = bytes(MIB)


def packed(wbits: int) -> Iterator[bytes]:
    """A gigabyte of zeros as gzip (31), zlib (15) or bare deflate (-15), a mebibyte at a time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    yield packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    yield from (block for _ in range(1023))


def members() -> Iterator[bytes]:
    """A gigabyte in 1024 gzip files, one behind the other."""
    yield from (gzip.compress(ZEROS) for _ in range(1024))


def repacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def zstd() -> Iterator[bytes]:
    """A gigabyte of zeros that asks for a window of 128 MiB to be unpacked in."""
    packer = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    ).compressobj()
    for _ in range(1024):
        yield packer.compress(ZEROS) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def plain() -> Iterator[bytes]:
    yield from (ZEROS for _ in range(1024))


def chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)


def head(*headers: str) -> bytes:
    return reply(b"", JSON, *headers, length=False)


GZIP, CHUNKS = "Content-Encoding: gzip", "Transfer-Encoding: chunked"

Bomb = tuple[bytes, Callable[[], Iterator[bytes]], Cause | set[Cause]]
BOMBS: dict[str, Bomb] = {
    "gzip": (head(GZIP), lambda: packed(31), Cause.TOO_LARGE),
    "gzip in chunks": (head(GZIP, CHUNKS), lambda: chunked(packed(31)), Cause.TOO_LARGE),
    "gzip, length given": (
        head(GZIP, f"Content-Length: {sum(map(len, packed(31)))}"),
        lambda: packed(31),
        Cause.TOO_LARGE,
    ),
    "zlib": (head("Content-Encoding: deflate"), lambda: packed(15), Cause.TOO_LARGE),
    "bare deflate": (head("Content-Encoding: deflate"), lambda: packed(-15), Cause.TOO_LARGE),
    "1024 gzips in a row": (head(GZIP), members, Cause.TOO_LARGE),
    "gzip in gzip": (head(GZIP), lambda: repacked(packed(31)), Cause.TOO_LARGE),
    "gzip in gzip, said so": (head("Content-Encoding: gzip, gzip"), lambda: repacked(packed(31)), Cause.NOT_JSON),
    "deflate in gzip, said so": (head("Content-Encoding: deflate, gzip"), lambda: repacked(packed(15)), Cause.NOT_JSON),
    "brotli, unasked": (head("Content-Encoding: br"), plain, Cause.GARBLED),
    "zstd, unasked": (head("Content-Encoding: zstd"), plain, Cause.GARBLED),
    "zstd, unasked, and it is": (head("Content-Encoding: zstd"), zstd, Cause.GARBLED),
    "plain": (head(), plain, Cause.TOO_LARGE),
    "chunks": (head(CHUNKS), lambda: chunked(plain()), Cause.TOO_LARGE),
    "one chunk": (head(CHUNKS) + b"40000000\r\n", plain, Cause.TOO_LARGE),
    "length too large": (head(f"Content-Length: {1024 * GIB}"), plain, Cause.TOO_LARGE),
    "length too small": (head("Content-Length: 100"), plain, {Cause.GARBLED, Cause.NOT_JSON}),
    # aiohttp loses the error of a chunk when it comes later than the head: then the deadline ends it.
    "chunk extension": (head(CHUNKS) + b"1;", plain, {Cause.GARBLED, Cause.SLOW}),
    "trailers": (
        head(CHUNKS) + b"1\r\n \r\n0\r\n",
        lambda: iter([b"X-Trailer: abc\r\n" * 65_536] * 1024),
        {Cause.GARBLED, Cause.RESET},
    ),
    "headers": (b"HTTP/1.1 200 OK\r\n", lambda: iter([b"X-Header: a\r\n" * 80_660] * 1024), Cause.GARBLED),
    "one header": (b"HTTP/1.1 200 OK\r\nX-Header: ", lambda: iter([b"a" * MIB] * 1024), Cause.GARBLED),
    "status line": (b"HTTP/1.1 200 ", lambda: iter([b"a" * MIB] * 1024), Cause.GARBLED),
}


def sends(start: bytes, pieces: Callable[[], Iterator[bytes]], sent: list[int]) -> Talk:
    async def talk(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for piece in pieces():
            writer.write(piece)
            await writer.drain()
            sent.append(len(piece))

    return talk


def drips(start: bytes, drop: bytes) -> Talk:
    async def talk(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.2)

    return talk


TO_THE_DEADLINE: dict[str, tuple[Talk, Cause]] = {
    "drip of a body": (drips(head(), b" "), Cause.SLOW),
    "drip of a packed body": (drips(head(GZIP) + next(packed(31))[:20], b"\x00"), Cause.SLOW),
    "drip of chunks": (drips(head(CHUNKS), b"1\r\n \r\n"), Cause.SLOW),
    "drip of headers": (drips(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"), Cause.TIMEOUT),
    "chunk extension without end": (sends(head(CHUNKS) + b"1;", lambda: repeat(b"a" * MIB), []), Cause.SLOW),
}


async def look_at(serve: Serve, urls: list[str]) -> tuple[list[tuple[State, Cause, float]], int]:
    """What a fresh process reads at these addresses, and the memory it took."""
    harmless = await serve(reply(gzip.compress(json.dumps(summary()).encode()), JSON, GZIP))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.status.look_at_bombs", harmless.url, *urls, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(child.communicate(), 4 * PATIENCE)
    assert child.returncode == 0
    document = json.loads(output)
    return [(State(state), Cause(cause), took) for state, cause, took in document["seen"]], document["extra"]


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
async def test_a_gigabyte_however_packed_is_cut_off_and_never_in_memory(serve: Serve, figure: Figure) -> None:
    sent: dict[str, list[int]] = {name: [] for name in BOMBS}
    sites = [await serve(sends(start, pieces, sent[name])) for name, (start, pieces, _) in BOMBS.items()]

    seen, extra = await look_at(serve, [site.url for site in sites])

    longest = max(took for *_, took in seen)
    figure(f"{len(BOMBS)} bodies of 1 GiB: {extra / 1e6:.1f} MB of extra memory, {longest:.2f} s at most")
    for (name, (_, _, causes)), (state, cause, took) in zip(BOMBS.items(), seen, strict=True):
        assert state is State.UNKNOWN, name
        assert cause in (causes if isinstance(causes, set) else {causes}), name
        assert took < DEADLINE, name
        assert sum(sent[name]) < 64 * MIB, name
    assert extra < MOST_EXTRA


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
async def test_the_measure_sees_a_client_that_reads_everything(serve: Serve) -> None:
    bomb = (piece for piece, _ in zip(packed(31), range(64), strict=False))
    site = await serve(reply(b"".join(bomb), JSON, GZIP))

    _, extra = await look_at(serve, ["naive", site.url])

    assert extra > 50 * MIB


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
async def test_an_answer_without_end_ends_at_the_deadline(serve: Serve, figure: Figure) -> None:
    sites = [await serve(talk) for talk, _ in TO_THE_DEADLINE.values()]

    seen, extra = await look_at(serve, [site.url for site in sites])

    longest = max(took for *_, took in seen)
    figures = f"{extra / 1e6:.1f} MB of extra memory, {longest:.2f} s at most"
    figure(f"{len(TO_THE_DEADLINE)} answers without end: {figures}")
    for name, (state, cause, took) in zip(TO_THE_DEADLINE, seen, strict=True):
        assert (state, cause) == (State.UNKNOWN, TO_THE_DEADLINE[name][1]), name
        assert took < DEADLINE, name
    assert extra < MOST_EXTRA


async def test_only_what_can_be_unpacked_within_the_cap_is_asked_for(serve: Serve, looker: Looker) -> None:
    site = await serve(reply(summary()))
    await looker.look(page(site))

    assert site.header("Accept-Encoding") == "gzip, deflate"
