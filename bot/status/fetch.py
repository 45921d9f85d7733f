"""The one session: short timeouts, a cap on decompressed bytes, few redirects, public addresses only.

Every way to fail has a name (`Cause`), so that a card can say what was seen instead of a colour.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from bot import __version__
from bot.core.signals import Cause
from bot.status.guard import refused, socket_factory

MAX_BODY = 512 * 1024
TOO_LARGE = f"more than {MAX_BODY // 1024} KiB"
MAX_REDIRECTS = 4
TIMEOUT = aiohttp.ClientTimeout(total=8, connect=4, sock_read=4)
_USER_AGENT = f"NotJustYou/{__version__} (status check of a Discord bot)"
_CHUNK = 16 * 1024
_UNASKED = frozenset({"br", "zstd"})
"""What aiohttp would unpack, too, where Python or a library can (zstd from Python 3.14 on). We did not ask for it."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class LookFailedError(Exception):
    """The address gave no answer that can be read; `cause` says why.

    `answered` says that HTTP was spoken all the same: a redirect, or the head of an answer that broke off.
    """

    def __init__(self, cause: Cause, detail: str = "", *, answered: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.detail = detail
        self.answered = answered


@dataclass(slots=True)
class _Way:
    """How far a look has come. `late` is what it would be called if its time ran out now."""

    late: Cause = Cause.CONNECT_TIMEOUT
    answered: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What an address answered in the end. Header names are lower case; the body of an error is not read."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    cut: bool = False
    """Whether the body went on beyond MAX_BODY."""

    @property
    def is_web_page(self) -> bool:
        """Whether this is HTML, whatever it was asked for."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "text/html" or self.body.lstrip()[:15].lower().startswith((b"<!doctype", b"<html"))


class Fetcher:
    """GETs addresses; use as an async context manager."""

    def __init__(self, *, allow_private: bool = False, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._allow_private = allow_private
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            socket_factory=socket_factory(allow_private=self._allow_private),
            limit=20,
            limit_per_host=2,
            use_dns_cache=False,  # it holds names for 10 seconds, and hides a look-up that hangs from `late`
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            trust_env=False,
            trace_configs=[_tracing()],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, headers: Mapping[str, str] = MappingProxyType({})) -> HttpAnswer:
        """Follow a few redirects and read the body. Raises LookFailedError."""
        seen, way = list[str](), _Way()
        token = refused.set(seen)
        try:
            async with asyncio.timeout(self._timeout.total):
                return await self._follow(url, headers, way)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if seen and isinstance(error, aiohttp.ClientConnectorError):
                raise LookFailedError(Cause.ADDRESS_REFUSED, seen[0], answered=way.answered) from error
            cause = way.late if isinstance(error, TimeoutError) else cause_of(error)
            raise LookFailedError(cause, _said(error), answered=way.answered) from error
        finally:
            refused.reset(token)

    async def _follow(self, url: str, headers: Mapping[str, str], way: _Way) -> HttpAnswer:
        assert self._session is not None, "use the fetcher as a context manager"
        for _hop in range(MAX_REDIRECTS + 1):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or parts.username or not parts.hostname:
                raise LookFailedError(Cause.ADDRESS_REFUSED, parts.scheme, answered=way.answered)
            way.late = Cause.CONNECT_TIMEOUT
            async with self._session.get(
                url, headers=headers, allow_redirects=False, trace_request_ctx=way
            ) as response:
                way.answered, way.late = True, Cause.SLOW
                target = response.headers.get("Location")
                if response.status in _REDIRECTS and target:
                    url = urljoin(url, target)
                    continue
                if response.headers.get("Content-Encoding", "").lower() in _UNASKED:
                    raise LookFailedError(Cause.GARBLED, answered=True)
                body = await _read(response) if response.ok else b""
                found = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(response.status, body[:MAX_BODY], found, cut=len(body) > MAX_BODY)
        raise LookFailedError(Cause.REDIRECTS, answered=True)


def _tracing() -> aiohttp.TraceConfig:
    """Keeps `late` true while aiohttp looks a name up, connects and waits."""

    def now(cause: Cause) -> Any:
        async def mark(_session: aiohttp.ClientSession, context: SimpleNamespace, _about: object) -> None:
            context.trace_request_ctx.late = cause

        return mark

    tracing = aiohttp.TraceConfig()
    tracing.on_dns_resolvehost_start.append(now(Cause.DNS_FAILED))
    tracing.on_dns_resolvehost_end.append(now(Cause.CONNECT_TIMEOUT))
    tracing.on_connection_create_end.append(now(Cause.TIMEOUT))
    tracing.on_connection_reuseconn.append(now(Cause.TIMEOUT))
    return tracing


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_BODY:
            break
    return bytes(body)


def cause_of(error: BaseException) -> Cause:
    """The name of a failure of aiohttp, the resolver, TLS or the socket."""
    if isinstance(error, aiohttp.ClientPayloadError) and isinstance(error.__cause__, ContentEncodingError):
        return Cause.GARBLED
    cause = next((cause for kind, cause in _CAUSES if isinstance(error, kind)), Cause.UNREACHABLE)
    if cause is Cause.DNS:
        return Cause.DNS if getattr(error, "errno", None) in _NO_SUCH_NAME else Cause.DNS_FAILED
    if cause is not Cause.UNREACHABLE:
        return cause
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionError):
        return cause_of(error.os_error)
    return _BY_ERRNO.get(getattr(error, "errno", None) or 0, Cause.UNREACHABLE)


def _said(error: BaseException) -> str:
    """What TLS found wrong, in OpenSSL's words; they tell an expired certificate from one of another host."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        error = error.certificate_error
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else ""


# The first that fits counts: the narrow ones come first.
_CAUSES: tuple[tuple[type[BaseException], Cause], ...] = (
    (TimeoutError, Cause.TIMEOUT),
    (aiohttp.ClientConnectorDNSError, Cause.DNS),
    (aiohttp.ClientSSLError, Cause.TLS),
    (aiohttp.ServerFingerprintMismatch, Cause.TLS),
    (ssl.SSLError, Cause.TLS),
    (aiohttp.InvalidURL, Cause.ADDRESS_REFUSED),
    (aiohttp.ClientResponseError, Cause.GARBLED),
    (aiohttp.ServerDisconnectedError, Cause.RESET),
    (aiohttp.ClientPayloadError, Cause.RESET),
    (ConnectionRefusedError, Cause.REFUSED),
    (ConnectionError, Cause.RESET),
    (OSError, Cause.UNREACHABLE),
    (ValueError, Cause.ADDRESS_REFUSED),
)
_BY_ERRNO = {
    errno.ECONNREFUSED: Cause.REFUSED,
    errno.ECONNRESET: Cause.RESET,
    errno.EPIPE: Cause.RESET,
    errno.ETIMEDOUT: Cause.CONNECT_TIMEOUT,
}
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
