"""Polls each given address in a separate process, and prints the cost: `python -m tests.status.look_at_bombs`.

The printed memory is the peak of the process minus the memory before the first poll, in bytes. After the word `naive`
addresses are read without a size limit, to show that the measurement works.
"""

import asyncio
import json
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

import aiohttp

from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from tests.status.servers import page


def in_use(what: str) -> int:
    """`VmRSS` is the memory in use now, `VmHWM` its peak."""
    found = re.search(rf"^{what}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


async def main(harmless: str, *urls: str) -> None:
    seen: list[tuple[str, str, float]] = []
    async with Fetcher(allow_private=True) as fetcher:
        looker = Looker(fetcher, time.time)
        for _ in range(3):
            assert (await looker.look(page(harmless))).known
        before = in_use("VmRSS")
        if urls[0] == "naive":
            async with aiohttp.ClientSession() as session, session.get(urls[1]) as response:
                with suppress(aiohttp.ClientError):
                    await response.read()
            urls = ()
        for url in urls:
            began = time.monotonic()
            reading = await looker.look(page(url))
            seen.append((reading.state, reading.cause, time.monotonic() - began))
        assert (await looker.look(page(harmless))).known
    json.dump({"seen": seen, "extra": in_use("VmHWM") - before}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
