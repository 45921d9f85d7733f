"""The bot with a search of its own memory: on SIGUSR1 it writes which objects still hold a text of a member.

`SEARCH_FOR` is the text, backwards, so that the search does not find itself; `SEARCH_INTO` is the file to write. It
searches every object that Python's garbage collector tracks, and everything that these refer to: local variables of
running functions, closures, queues, caches. The collector does not track a dict or tuple of only texts and numbers
(from Python 3.14 it tracks such a dict); these are searched, too. Jobs that the writer has not written yet are listed
separately.
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
    """The object that holds it; for a dict and similar, the object that holds that."""
    kind = type(holder)
    name = f"{kind.__module__}.{kind.__qualname__} {getattr(holder, '__qualname__', '')}".strip()
    if kind not in _PLAIN:
        return name
    owners = {type(owner).__qualname__ for owner in gc.get_referrers(holder)} - {"list", "frame"}
    return f"{name} of {', '.join(sorted(owners))}"


def _everything() -> list[Any]:
    """The objects that the collector tracks, and the untracked containers in them."""
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


def _contents(job: _Job) -> str:
    """Everything that a job will write."""
    cells = [cell.cell_contents for cell in getattr(job.work, "__closure__", None) or ()]
    return repr((job.values, cells))


def search(*_: object) -> None:
    gc.collect()
    known, holders, waiting, in_queue = _everything(), Counter[str](), 0, 0
    text = os.environ["SEARCH_FOR"][::-1]  # only a local variable: in a closure the search would find it
    for one in known:
        for value in gc.get_referents(one):
            if _holds(value, text):
                holders[_name(one)] += 1
        if type(one) is _Job and not one.done.done():
            waiting += 1
            in_queue += text in _contents(one)
    found = {"objects": len(known), "holders": holders, "waiting": waiting, "in_queue": in_queue}
    part = Path(os.environ["SEARCH_INTO"] + ".part")
    part.write_text(json.dumps(found))
    part.rename(os.environ["SEARCH_INTO"])


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, search)
    asyncio.run(run(configured(need_token=True)))
