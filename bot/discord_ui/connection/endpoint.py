"""The address of Discord: its own, or another one (a proxy, a loopback server in tests).

discord.py has no setting for that: its addresses are class attributes, shared by the whole process. So we leave them
unchanged and rewrite the address of each outgoing request, in the connector of our own client. All traffic of a client
goes through it: REST, answers to interactions, webhooks and the gateway.
"""

import ssl
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

_WRONG_TIME = frozenset({9, 10})
"""OpenSSL's codes for a certificate that is not yet valid, or no longer valid."""
API = Route.BASE
"""Discord's own address. discord.py starts every REST request, interaction response and webhook with it."""


class Endpoint:
    """The addresses of the API and of the gateway. Without `api_url` they are Discord's own."""

    def __init__(self, api_url: str | None = None) -> None:
        self._api_url = api_url
        self._gateway: yarl.URL | None = None

    def connector(self) -> aiohttp.BaseConnector | None:
        """A connector for one client; None if discord.py's own will do. Needs a running event loop."""
        return _Redirecting(self) if self._api_url is not None else None

    def gateway_is(self, url: str) -> None:
        """Remember the gateway that the API named. For new sessions discord.py would use Discord's own one."""
        self._gateway = yarl.URL(url)

    def actual(self, url: yarl.URL) -> yarl.URL:
        """The actual address of a request."""
        if self._api_url is None:
            return url
        if (asked := str(url)).startswith(API):
            return yarl.URL(self._api_url + asked.removeprefix(API), encoded=True)
        if self._gateway is not None and url.host == DiscordWebSocket.DEFAULT_GATEWAY.host:
            return self._gateway.with_query(url.query)
        return url

    def unreachable(self, error: Exception) -> str:
        """A sentence for operators: Discord cannot be reached, with address and reason."""
        return f"cannot be reached at {self._api_url or API}: {_reason(error)}"


def _reason(error: Exception) -> str:
    """The reason, with a hint if the name of the error does not explain it."""
    if isinstance(error, discord.HTTPException):
        return str(error.status)
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"{name} (its name is not known here; is this machine connected to the internet?)"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"{name} ({_certificate_fault(error.certificate_error)})"
    return name


def _certificate_fault(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _WRONG_TIME:
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{error.verify_message}; this machine's clock says {now}, is that right?"
    return getattr(error, "verify_message", type(error).__name__)


class _Redirecting(aiohttp.TCPConnector):
    """Sends each request to its actual address. Like discord.py's own connector, it has no limit on connections."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(limit=0)  # pyright: ignore[reportUnknownMemberType] - a socket type that aiohttp leaves open
        self._endpoint = endpoint

    async def connect(self, req: aiohttp.ClientRequest, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 - aiohttp's
        """Get a connection to the actual address of the request."""
        actual = self._endpoint.actual(req.url)
        if actual != req.url:
            req.url = actual
            req.headers["Host"] = actual.host_port_subcomponent or ""
        return await super().connect(req, traces, timeout)
