"""A reverse proxy that serves the page below a path and removes that path, as an operator might set it up."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import hdrs, web

from bot.web.serving import serving

_OF_ONE_CONNECTION = {hdrs.CONNECTION, hdrs.TRANSFER_ENCODING, hdrs.HOST}


@asynccontextmanager
async def below_a_path(url: str, path: str = "/status") -> AsyncGenerator[str]:
    """Yields the address of the page behind the proxy, with a slash at the end. Anything outside the path is a 404."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            if not request.raw_path.startswith(f"{path}/"):
                raise web.HTTPNotFound
            asked = {name: value for name, value in request.headers.items() if name not in _OF_ONE_CONNECTION}
            address = url + request.raw_path.removeprefix(path)
            async with session.get(address, headers=asked, skip_auto_headers=(hdrs.ACCEPT_ENCODING,)) as answer:
                given = {name: value for name, value in answer.headers.items() if name not in _OF_ONE_CONNECTION}
                response = web.StreamResponse(status=answer.status, headers=given)
                await response.prepare(request)
                async for part in answer.content.iter_any():
                    await response.write(part)
                return response

        app = web.Application()
        app.add_routes([web.get("/{_:.*}", pass_on)])
        async with serving(app) as port:
            yield f"http://127.0.0.1:{port}{path}/"
