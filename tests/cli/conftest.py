"""Sources on this machine, for commands that read them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.status.servers import Site

Serve = Callable[[bytes], Awaitable[Site]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Opens a site with this answer until the end of the test."""
    async with AsyncExitStack() as stack:

        async def opened(answer: bytes) -> Site:
            site = Site(answer)
            await site.open("127.0.0.1", None)
            stack.push_async_callback(site.close)
            return site

        yield opened
