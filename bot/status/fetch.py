"""The only HTTP client session: short timeouts, a limit on decompressed bytes, few redirects, public addresses only.

Every kind of failure has a name (`Cause`), so that a card can say what happened.
"""

import asyncio
import errno
import re
import socket
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from bot import __version__
from bot.core.errors import NotJustYouError
from bot.core.signals import Cause
from bot.status.guard import refused, socket_factory

MAX_BODY = 512 * 1024
MAX_REDIRECTS = 4
TIMEOUT = aiohttp.ClientTimeout(total=8, connect=4, sock_read=4)
_USER_AGENT = f"NotJustYou/{__version__} (status check of a Discord bot)"
_CHUNK_BYTES = 16 * 1024
_OLD_GZIP = "x-gzip"
"""The old name of gzip, which HTTP treats as equivalent (RFC 9110). aiohttp does not decompress it."""
_UNASKED = frozenset({"br", "zstd"})
"""Encodings that aiohttp also decompresses if Python or a library can (zstd from Python 3.14 on). We do not request
them."""
_DATA = (b"{", b"[", b"<?xml", b"<rss", b"<feed", b"<rdf")
"""The beginnings of JSON and of feeds. Some servers send them as text/html."""
_BEFORE_DATA = b" \t\r\n\xef\xbb\xbf"
"""White space, and the byte order mark of UTF-8."""
_BEGINNING = 2048
"""Bytes of a body that show whether it is HTML..."""
_WEB_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?>(?:<\?xml[^>]*>|<!--.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body|title)\b",
    re.IGNORECASE | re.DOTALL,
)
"""... even after a byte order mark, an XML declaration and comments."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class FetchFailedError(NotJustYouError):
    """The address gave no readable answer; `cause` is the reason.

    `answered`: there was some HTTP answer, such as a redirect or the headers of an incomplete answer.
    """

    def __init__(self, cause: Cause, detail: str = "", *, answered: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.detail = detail
        self.answered = answered


@dataclass(slots=True)
class _Progress:
    """The progress of a request. `late` is the cause if it timed out now."""

    late: Cause = Cause.CONNECT_TIMEOUT
    answered: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The final answer of an address. Header names are in lower case; the body of an error is not read."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    cut: bool = False
    """Whether the body was too long, so that its end is missing."""
    elsewhere: str = ""
    """The host (with its port) that answered, if redirects led to another host."""
    url: str = ""
    """The address that answered, after redirects."""

    @property
    def size(self) -> str:
        """The size of the part of a too long body that was read, in words."""
        return f"more than {len(self.body) // 1024} KiB"

    @property
    def is_web_page(self) -> bool:
        """Whether this is HTML, whatever was requested. Data that only calls itself HTML is data."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        start = self.body[:_BEGINNING]
        if _WEB_PAGE.match(start) is not None:
            return True
        data = start.lstrip(_BEFORE_DATA).lower().startswith(_DATA)
        return kind in {"text/html", "application/xhtml+xml"} and not data


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
            use_dns_cache=False,  # it caches names for 10 seconds, and would hide a slow lookup from `late`
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

    async def get(
        self, url: str, headers: Mapping[str, str] = MappingProxyType({}), *, limit: int = MAX_BODY
    ) -> HttpAnswer:
        """Follow a few redirects and read at most `limit` bytes of the body. Raises FetchFailedError."""
        refused_addresses, progress = list[str](), _Progress()
        token = refused.set(refused_addresses)
        try:
            async with asyncio.timeout(self._timeout.total):
                return await self._follow(url, headers, progress, limit)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, zlib.error) as error:
            if refused_addresses and isinstance(error, aiohttp.ClientConnectorError):
                raise FetchFailedError(
                    Cause.ADDRESS_REFUSED, refused_addresses[0], answered=progress.answered
                ) from error
            cause = progress.late if isinstance(error, TimeoutError) else cause_of(error)
            raise FetchFailedError(cause, _certificate_fault(error), answered=progress.answered) from error
        finally:
            refused.reset(token)

    async def _follow(self, url: str, headers: Mapping[str, str], progress: _Progress, limit: int) -> HttpAnswer:
        assert self._session is not None, "use the fetcher as a context manager"
        asked, secure = url, False
        for _hop in range(MAX_REDIRECTS + 1):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or parts.username or not parts.hostname:
                raise FetchFailedError(Cause.ADDRESS_REFUSED, parts.scheme, answered=progress.answered)
            if secure and parts.scheme == "http":
                raise FetchFailedError(Cause.INSECURE, parts.hostname, answered=True)
            secure = parts.scheme == "https"
            progress.late = Cause.CONNECT_TIMEOUT
            async with self._session.get(
                url, headers=headers, allow_redirects=False, trace_request_ctx=progress
            ) as response:
                progress.answered, progress.late = True, Cause.SLOW
                target = response.headers.get("Location")
                if response.status in _REDIRECTS and target:
                    url = urljoin(url, target)
                    continue
                if response.headers.get("Content-Encoding", "").lower() in _UNASKED:
                    raise FetchFailedError(Cause.GARBLED, answered=True)
                body = await _read(response, limit) if response.ok else b""
                received = {name.lower(): value for name, value in response.headers.items()}
                elsewhere = "" if _host(url) == _host(asked) else _host(url)
                return HttpAnswer(response.status, body[:limit], received, len(body) > limit, elsewhere, url)
        raise FetchFailedError(Cause.REDIRECTS, answered=True)


def _tracing() -> aiohttp.TraceConfig:
    """Updates `late` while aiohttp resolves the name, connects and waits."""

    def set_late(cause: Cause) -> Any:
        async def mark(_session: aiohttp.ClientSession, context: SimpleNamespace, _about: object) -> None:
            context.trace_request_ctx.late = cause

        return mark

    tracing = aiohttp.TraceConfig()
    tracing.on_dns_resolvehost_start.append(set_late(Cause.DNS_FAILED))
    tracing.on_dns_resolvehost_end.append(set_late(Cause.CONNECT_TIMEOUT))
    tracing.on_connection_create_end.append(set_late(Cause.TIMEOUT))
    tracing.on_connection_reuseconn.append(set_late(Cause.TIMEOUT))
    return tracing


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body, unpack = bytearray(), None
    if response.headers.get("Content-Encoding", "").strip().lower() == _OLD_GZIP:
        unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk if unpack is None else unpack.decompress(chunk, limit + 1 - len(body))
        if len(body) > limit:
            break
    return bytes(body)


def _host(url: str) -> str:
    """Host and port of an address; without the port if it is the default of http or https."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").rstrip(".")
    return host if parts.port in {None, usual} else f"{host}:{parts.port}"


def cause_of(error: BaseException) -> Cause:
    """The cause for an error of aiohttp, the resolver, TLS or the socket."""
    if isinstance(error, aiohttp.ClientPayloadError) and isinstance(error.__cause__, ContentEncodingError):
        return Cause.GARBLED
    fault = _certificate_error(error)
    if fault is not None and fault.verify_code in _UNKNOWN_ISSUER:
        return Cause.TLS_CHAIN
    cause = next((cause for kind, cause in _CAUSES if isinstance(error, kind)), Cause.UNREACHABLE)
    if cause is Cause.DNS:
        return Cause.DNS if getattr(error, "errno", None) in _NO_SUCH_NAME else Cause.DNS_FAILED
    if cause is not Cause.UNREACHABLE:
        return cause
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionError):
        return cause_of(error.os_error)
    return _BY_ERRNO.get(getattr(error, "errno", None) or 0, Cause.UNREACHABLE)


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        error = error.certificate_error
    return error if isinstance(error, ssl.SSLCertVerificationError) else None


def _certificate_fault(error: BaseException) -> str:
    """OpenSSL's message about the certificate, for example that it is expired or for another host."""
    fault = _certificate_error(error)
    return "" if fault is None else fault.verify_message


# The first match counts, so subclasses come before their base classes.
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
    (zlib.error, Cause.GARBLED),
)
_UNKNOWN_ISSUER = frozenset({2, 19, 20, 21})
"""OpenSSL's codes for a certificate whose issuer is not at hand: X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, the same
"_LOCALLY", X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE; and for one whose issuer is sent along and not known here:
X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN."""
_BY_ERRNO = {
    errno.ECONNREFUSED: Cause.REFUSED,
    errno.ECONNRESET: Cause.RESET,
    errno.EPIPE: Cause.RESET,
    errno.ETIMEDOUT: Cause.CONNECT_TIMEOUT,
}
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
