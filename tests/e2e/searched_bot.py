"""The bot with a search of its own memory: at SIGUSR1 it writes down who still holds a text that people wrote.

`SEARCH_FOR` is the text, backwards, so that the search does not find itself; `SEARCH_INTO` the file to write. Searched
is every object that Python's collector knows, and all that it refers to: the locals of what is under way, closures,
queues, caches. A dict or tuple of nothing but texts and numbers is not known to the collector (a dict from Python 3.14
on is); it is searched, too. What the writer has still to write is told apart, job by job.
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

_PLAIN = {dict, tuple}


def _holds(value: Any, text: str) -> bool:
    if type(value) is str:
        return text in value
    return type(value) in {bytes, bytearray} and text.encode() in value


def _name(holder: Any) -> str:
    """What holds it; of a dict and the like, who holds that."""
    kind = type(holder)
    name = f"{kind.__module__}.{kind.__qualname__} {getattr(holder, '__qualname__', '')}".strip()
    if kind not in _PLAIN:
        return name
    owners = {type(owner).__qualname__ for owner in gc.get_referrers(holder)} - {"list", "frame"}
    return f"{name} of {', '.join(sorted(owners))}"


def _everything() -> list[Any]:
    """The objects that the collector knows, and the plain containers that only they know."""
    found = gc.get_objects()
    seen = set(map(id, found))
    outer = found
    while outer:
        inner = [
            one
            for holder in outer
            for one in gc.get_referents(holder)
            if type(one) in _PLAIN and not gc.is_tracked(one) and id(one) not in seen
        ]
        outer = list({id(one): one for one in inner}.values())
        seen.update(map(id, outer))
        found.extend(outer)
    return found


def _told(job: _Job) -> str:
    """All that a job is going to write."""
    cells = [cell.cell_contents for cell in getattr(job.work, "__closure__", None) or ()]
    return repr((job.values, cells))


def search(*_: object) -> None:
    gc.collect()
    known, holders, waiting, in_queue = _everything(), Counter[str](), 0, 0
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
