"""The newest release, from an address that answers like GitHub's API, or does not."""

import json
import logging

import pytest
from aiohttp import web

from bot import __version__
from bot.status.releases import newest_release
from bot.web.serving import serving


async def asked(body: str, *, status: int = 200) -> tuple[str | None, web.Request]:
    """What is read from such an answer, and what was asked."""
    requests: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        requests.append(request)
        return web.Response(text=body, status=status, content_type="application/json")

    app = web.Application()
    app.add_routes([web.get("/releases/latest", answer)])
    async with serving(app) as port:
        found = await newest_release(f"http://127.0.0.1:{port}/releases/latest", allow_private=True)
    [request] = requests
    return found, request


async def test_the_version_of_the_newest_release_is_read() -> None:
    found, request = await asked(json.dumps({"tag_name": "v1.2.3", "name": "Spring", "draft": False}))
    assert found == "1.2.3"
    assert request.headers["User-Agent"].startswith(f"NotJustYou/{__version__} ")
    assert request.query_string == "" and "Cookie" not in request.headers and "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"message": "API rate limit exceeded"}', 403),
        ('{"message": "Not Found"}', 404),
        ("", 500),
        ("<html>", 200),
        ("[1]", 200),
        ('"v1.2.3"', 200),
        ("{}", 200),
        ('{"tag_name": null}', 200),
        ('{"tag_name": "v1.2.3\\u001b[31m is out"}', 200),
    ],
)
async def test_anything_else_is_no_release_and_nobody_is_bothered(
    caplog: pytest.LogCaptureFixture, body: str, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    found, _ = await asked(body, status=status)
    assert found is None
    assert {record.levelname for record in caplog.records if record.name.startswith("bot")} <= {"DEBUG"}


async def test_where_nobody_answers_nothing_is_read() -> None:
    assert await newest_release("http://127.0.0.1:1/", allow_private=True) is None
    assert await newest_release("http://127.0.0.1:1/") is None, "nor is a private address asked"
