"""Sends webhooks: small documents, POSTed to the operator's receivers. Public addresses only, and no redirects.

The answer's body is not read; its status is enough.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Self

import aiohttp

from bot import __version__
from bot.status.fetch import cause_of
from bot.status.guard import refused, socket_factory
from bot.usecases.outages.ports import ReceiverFailedError

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
_USER_AGENT = f"NotJustYou/{__version__} (webhooks of a Discord bot)"
_TAKEN = range(200, 300)


class Poster:
    """POSTs documents; use as an async context manager."""

    def __init__(self, *, allow_private: bool = False, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._allow_private = allow_private
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            socket_factory=socket_factory(allow_private=self._allow_private),
            force_close=True,  # the body is left unread, so the connection cannot be reused
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _USER_AGENT},
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send it once. Raises ReceiverFailedError if it was not accepted."""
        refused_addresses = list[str]()
        token = refused.set(refused_addresses)
        try:
            async with asyncio.timeout(self._timeout.total):
                status = await self._status(url, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if refused_addresses:
                reason = "its address is a private one; ALLOW_PRIVATE_STATUS_HOSTS allows that"
                raise ReceiverFailedError(reason) from error
            raise ReceiverFailedError(cause_of(error).value) from error
        finally:
            refused.reset(token)
        if status not in _TAKEN:
            raise ReceiverFailedError(f"HTTP {status}", gone=status == HTTPStatus.GONE)

    async def _status(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert self._session is not None, "use the poster as a context manager"
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status
