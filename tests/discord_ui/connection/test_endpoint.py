"""Another address for Discord: each client has its own, and discord.py's own settings are not changed."""

import asyncio
import re
import ssl
from collections.abc import Callable

import aiohttp
import discord
import pytest
import trustme
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_ui.connection.endpoint import API, Endpoint
from bot.web.serving import serving
from tests.status.certificates import not_yet_valid, outdated


class Server:
    """A server in Discord's place. `asked` are the requests it got, `hosts` the names it was called by."""

    def __init__(self) -> None:
        self.asked, self.hosts = list[str](), list[str]()
        self.app = web.Application()
        self.app.add_routes([web.get("/gateway/", self.line), web.route("*", "/{path:.*}", self.answer)])

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.raw_path}")
        self.hosts.append(request.host)
        return web.json_response({"id": "1", "username": "bot", "discriminator": "0", "avatar": None})

    async def line(self, request: web.Request) -> web.WebSocketResponse:
        self.asked.append(f"{request.method} {request.raw_path}")
        line = web.WebSocketResponse()
        await line.prepare(request)
        await line.close()
        return line


async def test_two_clients_of_one_process_have_two_addresses() -> None:
    one, other = Server(), Server()
    async with serving(one.app) as first, serving(other.app) as second:
        for port, path in ((first, "/api/v10"), (second, "/discord/v10")):
            endpoint = Endpoint(f"http://127.0.0.1:{port}{path}")
            async with discord.Client(intents=discord.Intents.none(), connector=endpoint.connector()) as client:
                await client.http.static_login("token")
                webhook = discord.Webhook.partial(5, "a/b", client=client)
                await webhook.delete_message(7)
    assert one.asked == ["GET /api/v10/users/@me", "DELETE /api/v10/webhooks/5/a%2Fb/messages/7"]
    assert other.asked == ["GET /discord/v10/users/@me", "DELETE /discord/v10/webhooks/5/a%2Fb/messages/7"]
    assert set(one.hosts) == {f"127.0.0.1:{first}"}
    assert Route.BASE == API and DiscordWebSocket.DEFAULT_GATEWAY.host == "gateway.discord.gg"


async def test_a_new_session_goes_to_the_gateway_that_the_api_named() -> None:
    server = Server()
    async with serving(server.app) as port:
        endpoint = Endpoint(f"http://127.0.0.1:{port}/api/v10")
        endpoint.gateway_is(f"ws://127.0.0.1:{port}/gateway/")
        async with aiohttp.ClientSession(connector=endpoint.connector()) as session:
            dialled = DiscordWebSocket.DEFAULT_GATEWAY.with_query(v=10, encoding="json")
            async with session.ws_connect(dialled) as line:
                await line.receive()
    assert server.asked == ["GET /gateway/?v=10&encoding=json"]


@pytest.mark.parametrize("url", ["https://cdn.discordapp.com/icons/1.png", "wss://gateway-us-east1.discord.gg/?v=10"])
async def test_other_addresses_are_not_changed(url: str) -> None:
    endpoint = Endpoint("http://127.0.0.1:1/api/v10")
    endpoint.gateway_is("ws://127.0.0.1:1/gateway")
    assert endpoint.actual(yarl.URL(url)) == yarl.URL(url)


async def test_without_a_setting_nothing_stands_between() -> None:
    endpoint = Endpoint()
    assert endpoint.connector() is None
    assert endpoint.unreachable(TimeoutError()) == f"cannot be reached at {API}: TimeoutError"


@pytest.mark.parametrize(
    ("certificate", "reason"), [(outdated, "certificate has expired"), (not_yet_valid, "certificate is not yet valid")]
)
async def test_a_certificate_of_another_time_makes_one_think_of_the_clock(
    certificate: Callable[[trustme.CA], ssl.SSLContext], reason: str
) -> None:
    authority, trusting = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusting)
    server = await asyncio.start_server(lambda _, line: line.close(), "127.0.0.1", 0, ssl=certificate(authority))
    async with server, aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(aiohttp.ClientConnectorCertificateError) as error:
            await session.get(url, ssl=trusting)
    text = Endpoint().unreachable(error.value)
    assert text.startswith(f"cannot be reached at {API}: ClientConnectorCertificateError ({reason}")
    assert re.search(r"; this machine's clock says 20\d\d-\d\d-\d\d \d\d:\d\d UTC, is that right\?\)$", text)


async def test_without_a_network_one_is_asked_about_it() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorDNSError) as error:
            await session.get("https://discord.invalid")
    assert "is this machine connected to the internet?" in Endpoint().unreachable(error.value)
