"""Visits of the page, by a browser or a program."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin

import aiohttp

from tests.web.served import Known, served


class Got:
    """An answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def read(self) -> str:
        """The text that a reader sees, on one line."""
        body = re.sub(r"(?s)<svg.*?</svg>|<head>.*?</head>", " ", self.text)
        return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())


async def get(url: str, **headers: str) -> Got:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers=headers, skip_auto_headers=("Accept-Encoding",), allow_redirects=False) as answer,
    ):
        return Got(answer.status, answer.headers, await answer.read())


async def page(known: Known, path: str = "/", **headers: str) -> Got:
    async with served(known) as (url, _):
        return await get(url + path, **headers)


async def follow(root: str, *first: str) -> dict[str, Got]:
    """Follow all of our links from these addresses, each relative to `root`, which ends with a slash."""
    found, todo = dict[str, Got](), {urljoin(root, one) for one in first}
    origin = urljoin(root, "/")
    while todo:
        address = todo.pop()
        got = found[address] = await get(address)
        if got.headers["Content-Type"].startswith(("text/html", "application/atom+xml")):
            links = {urljoin(address, link) for link in re.findall(r'\b(?:href|src)="([^"]*)"', got.text)}
            ours = {link.partition("#")[0] for link in links if link.startswith(origin)}
            todo |= ours - found.keys()
    return {address.removeprefix(root): got for address, got in found.items()}
