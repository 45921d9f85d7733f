"""Visits of the page: what a browser or a program gets."""

import re
from collections.abc import Mapping

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
        """What a reader sees of it, on one line."""
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
