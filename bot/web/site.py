"""The public page over HTTP: rendered once per change and language, and sent from memory until the next change."""

import asyncio
import gzip
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import web
from multidict import CIMultiDict

from bot.core.texts import Languages
from bot.usecases.ports import Clock
from bot.usecases.reports.public_state import PublicService
from bot.usecases.tasks import cancel
from bot.web import assets
from bot.web.document import HTML, DocumentRequest, root_of
from bot.web.serving import Answer, EventStream

if TYPE_CHECKING:
    from bot.web.documents import Documents

LOOK_EVERY = 2.0
"""Seconds for which the known state counts as fresh."""
OLD_AFTER = 10.0
"""Seconds after which a visitor waits for a refresh."""
HEARTBEAT_EVERY = 20.0
"""Seconds after which a stream without events sends a heartbeat."""
LONGEST_STREAM = 3600.0
_SMALLEST_GZIP = 500
_MISSING = "/404"
_DEEPEST = 8
"""Path depth up to which 404 pages are rendered separately, because their relative links depend on the depth."""
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Server": "NotJustYou",
}
_PAGE = {
    **_EVERYWHERE,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
    "Cache-Control": "public, max-age=5",
    "Vary": "Accept-Language, Accept-Encoding",
}
_DATA = {
    **_EVERYWHERE,
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "public, max-age=30",
    "Vary": "Accept-Language, Accept-Encoding",
}
_STREAM = {**_EVERYWHERE, "Content-Type": "text/event-stream", "Cache-Control": "no-store"}
_FOR_EVER = {**_EVERYWHERE, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_logger = logging.getLogger(__name__)


class Body(NamedTuple):
    """A cached answer."""

    plain: bytes
    small: bytes | None
    tag: str
    headers: CIMultiDict[str]
    small_headers: CIMultiDict[str]
    status: int = 200


class _Snapshot:
    """The state at one moment, and its rendered documents."""

    def __init__(self, services: tuple[PublicService, ...], at: float, changes: int) -> None:
        self.services = services
        self.at = at
        self.changes = changes
        self.bodies: dict[tuple[str, str, bool], Body] = {}


class Site:
    """Answers every path that is not another route's. `look` returns the current state; `elapsed` is a monotonic clock.

    Without visitors it does nothing: it refreshes on a request, and regularly while a visitor has the page open.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[tuple[PublicService, ...]]],
        languages: Languages,
        clock: Clock,
        elapsed: Clock,
    ) -> None:
        self._look = look
        self._languages = languages
        self._known = tuple(languages.names())
        self._clock = clock
        self._elapsed = elapsed
        self._looked = float("-inf")
        self._snapshot: _Snapshot | None = None
        self._looking: asyncio.Task[None] | None = None
        self._documents: Documents | None = None
        self._changed = asyncio.Event()
        self._streams = 0

    async def answer(self, request: web.BaseRequest) -> Answer:
        """The answer to a request."""
        liked = preferred(request.headers.get("Accept-Language", ""), self._known)
        if (body := self._rendered(request.raw_path, liked)) is not None:
            return _sent(request, body)
        path = request.rel_url.raw_path
        if path == "/events":
            return web.Response(headers=_STREAM) if request.method == "HEAD" else EventStream(_STREAM, self._events())
        if path.startswith("/assets/"):
            return _asset(request, path)
        snapshot = await self._current()
        wanted = request.query.get("lang") if request.query_string else None
        chosen = wanted in self._known
        language = wanted if wanted and chosen else liked
        return _sent(request, self._body(snapshot, path, language, chosen=chosen))

    def _rendered(self, path: str, language: str) -> Body | None:
        """A rendered page of the current state, which is the most frequent request in an outage."""
        if self._snapshot is None or self._elapsed() - self._looked >= LOOK_EVERY:
            return None
        return self._snapshot.bodies.get((path, language, False))

    async def tick(self) -> None:
        """Refresh the state, if a visitor has the page open."""
        if self._streams:
            await self._renew()

    async def close(self) -> None:
        """Cancel a running refresh."""
        await cancel(self._looking)

    async def _current(self) -> _Snapshot:
        if self._elapsed() - self._looked >= LOOK_EVERY:
            await self._renew()
        assert self._snapshot is not None, "looked at least once"
        return self._snapshot

    async def _renew(self) -> None:
        """Refresh once for all concurrent requests. Meanwhile visitors get the previous state, if it is not old."""
        old = self._elapsed() - self._looked > OLD_AFTER
        if self._looking is None:
            self._looking = asyncio.create_task(self._read(), name="look for the page")
        if old:
            await asyncio.shield(self._looking)

    async def _read(self) -> None:
        try:
            if self._documents is None:
                self._documents = await asyncio.to_thread(_documents, self._languages)
            services = await self._look()
            before = self._snapshot
            if before is None or before.services != services:
                changes = 0 if before is None else before.changes + (_seen(before.services) != _seen(services))
                self._snapshot = _Snapshot(services, self._clock(), changes)
                if before is not None and changes != before.changes:
                    self._changed.set()
                    self._changed = asyncio.Event()
        except Exception as error:
            # A visitor gets the previous state, with its time.
            _logger.warning("public page not refreshed", extra={"error": repr(error)})
            if self._snapshot is None:
                self._snapshot = _Snapshot((), self._clock(), 0)
        finally:
            self._looked = self._elapsed()
            self._looking = None

    def _body(self, snapshot: _Snapshot, path: str, language: str, *, chosen: bool) -> Body:
        key = path, language, chosen
        if (body := snapshot.bodies.get(key)) is not None:
            return body
        assert self._documents is not None, "loaded before the first look"
        request = DocumentRequest(
            self._languages.texts(language), snapshot.services, snapshot.at, chosen, root_of(path)
        )
        made = self._documents.make(path, request)
        if made is None and path != (missing := _MISSING * min(path.count("/"), _DEEPEST)):
            return self._body(snapshot, missing, language, chosen=chosen)
        document = made or self._documents.missing(request)
        headers = {**(_PAGE if document.kind == HTML else _DATA), "Content-Type": document.kind}
        status = 404 if made is None else 200
        body = snapshot.bodies[key] = _body(document.text.encode(), headers, status)
        return body

    async def _events(self) -> AsyncGenerator[bytes]:
        """One event for each visible change. The page then reloads itself."""
        self._streams += 1
        began = self._elapsed()
        try:
            yield b"retry: 10000\n\n"
            while self._elapsed() - began < LONGEST_STREAM:
                changed = self._changed
                try:
                    async with asyncio.timeout(HEARTBEAT_EVERY):
                        await changed.wait()
                    yield b"event: changed\ndata: \n\n"
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._streams -= 1


def _documents(languages: Languages) -> "Documents":
    from bot.web.documents import Documents  # noqa: PLC0415 - loads Jinja2, which a bot without visitors needs not

    return Documents(languages)


def _seen(services: Sequence[PublicService]) -> Sequence[object]:
    """The visible state of these services without ages, which the page's script keeps up to date."""
    return [
        (
            one.service.id,
            one.heard,
            one.answer.verdict,
            one.answer.tally.everywhere,
            one.answer.outage and (one.answer.outage.phase, one.answer.outage.faded, list(one.answer.outage.still)),
            [seen and (seen.now.state, seen.now.cause, seen.now.incidents) for seen in one.answer.seen.values()],
            [(outage.id, outage.phase, outage.official_at) for outage in one.outages],
            [alarm.id for alarm in one.alarms],
        )
        for one in services
    ]


def _body(plain: bytes, headers: Mapping[str, str], status: int = 200) -> Body:
    small = gzip.compress(plain, 6, mtime=0) if len(plain) >= _SMALLEST_GZIP else None
    tag = f'W/"{blake2b(plain, digest_size=9).hexdigest()}"'
    given = CIMultiDict({**headers, "ETag": tag})
    return Body(plain, small, tag, given, CIMultiDict({**given, "Content-Encoding": "gzip"}), status)


def _sent(request: web.BaseRequest, body: Body) -> web.Response:
    given = request.headers
    if body.status == 200 and body.tag in given.get("If-None-Match", ""):  # noqa: PLR2004 - OK
        return web.Response(status=304, headers=body.headers)
    if body.small is not None and "gzip" in given.get("Accept-Encoding", ""):
        return web.Response(body=body.small, status=body.status, headers=body.small_headers)
    return web.Response(body=body.plain, status=body.status, headers=body.headers)


@lru_cache(maxsize=64)
def _asset_body(name: str) -> Body:
    kind = assets.KINDS[name[name.rindex(".") :]]
    return _body(assets.read(name), {**_FOR_EVER, "Content-Type": kind})


def _asset(request: web.BaseRequest, path: str) -> web.Response:
    name = path.removeprefix("/assets/")
    if name not in assets.names():
        return web.Response(status=404, headers=_EVERYWHERE)
    return _sent(request, _asset_body(name))


@lru_cache(maxsize=1024)
def preferred(accepted: str, known: tuple[str, ...]) -> str:
    """The reader's preferred language among the available ones, by the header Accept-Language."""
    wanted = list[tuple[float, int, str]]()
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            wanted.append((-quality, place, tag.strip().lower()))
    tags = {tag.lower(): tag for tag in known}
    for _, _, tag in sorted(wanted):
        for one in (tag, tag.partition("-")[0]):
            if one in tags:
                return tags[one]
    return "en"
