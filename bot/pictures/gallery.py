"""Pictures on demand: drawn beside the event loop, one at a time, and kept for their minute.

A thread is enough. Drawing holds Python's lock for a few milliseconds, writing the PNG releases it; the benchmark
`benchmarks/pictures.py` watches that nothing else waits for 20 ms.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

from bot.core.chart import Chart, Theme
from bot.core.reports import MINUTE
from bot.pictures.lazy import draw

_What: TypeAlias = tuple[str, int, Theme]


class Gallery:
    """Draws charts and keeps the pictures asked for last, at most `most` of them and `most_bytes` in all.

    `clock` gives epoch seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        drawn: Callable[[Chart, Theme], bytes] = draw,
        *,
        most: int = 64,
        most_bytes: int = 2 * 1024 * 1024,
    ) -> None:
        self._clock = clock
        self._drawn = drawn
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[_What, bytes] = OrderedDict()
        self._bytes = 0
        self._drawing: dict[_What, asyncio.Task[bytes]] = {}
        self._turn = asyncio.Lock()

    async def picture(self, key: str, chart: Chart, theme: Theme) -> bytes:
        """The chart as a PNG. `key` says what is shown (service and kind): it is drawn once a minute and theme.

        Whoever asks while it is drawn waits for the same drawing, which goes on though one of them gives up.
        """
        what = (key, int(self._clock() // MINUTE), theme)
        kept = self._kept.get(what)
        if kept is not None:
            self._kept.move_to_end(what)
            return kept
        task = self._drawing.get(what)
        if task is None:
            task = self._drawing[what] = asyncio.create_task(self._draw(what, chart), name=f"picture {key}")
            task.add_done_callback(lambda done: self._finish(what, done))
        return await asyncio.shield(task)

    async def _draw(self, what: _What, chart: Chart) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(self._drawn, chart, what[-1])

    def _finish(self, what: _What, done: asyncio.Task[bytes]) -> None:
        del self._drawing[what]
        # Looking at the exception also marks it as seen: everyone who waited has it, if anyone still does.
        if done.cancelled() or done.exception():
            return
        self._kept[what] = done.result()
        self._bytes += len(done.result())
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
