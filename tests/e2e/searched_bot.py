"""The bot with a search of its own memory: at SIGUSR1 it writes down who still holds a text that people wrote.

`SEARCH_FOR` is the text, backwards, so that the search does not find itself; `SEARCH_INTO` the file to write. Searched
is every object that Python's collector knows, and all that it refers to: the locals of what is under way, closures,
queues, caches. What the writer has still to write is told apart, job by job.
"""

import asyncio
import gc
import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from bot.cli.configured import configured
from bot.run import run
from bot.storage.writer import _Job


def _holds(value: Any, text: str) -> bool:
    if type(value) is str:
        return text in value
    return type(value) in {bytes, bytearray} and text.encode() in value


def _name(holder: Any) -> str:
    kind = type(holder)
    return f"{kind.__module__}.{kind.__qualname__} {getattr(holder, '__qualname__', '')}".strip()


def _told(job: _Job) -> str:
    """All that a job is going to write."""
    cells = [cell.cell_contents for cell in getattr(job.work, "__closure__", None) or ()]
    return repr((job.values, cells))


def search(*_: object) -> None:
    gc.collect()
    known, holders, waiting, in_queue = gc.get_objects(), Counter[str](), 0, 0
    text = os.environ["SEARCH_FOR"][::-1]  # a local of ours only: in a closure it would be found
    for one in known:
        for value in gc.get_referents(one):
            if _holds(value, text):
                holders[_name(one)] += 1
        if type(one) is _Job and not one.done.done():
            waiting += 1
            in_queue += text in _told(one)
    found = {"objects": len(known), "holders": holders, "waiting": waiting, "in_queue": in_queue}
    part = Path(os.environ["SEARCH_INTO"] + ".part")
    part.write_text(json.dumps(found))
    part.rename(os.environ["SEARCH_INTO"])


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, search)
    asyncio.run(run(configured(need_token=True)))
