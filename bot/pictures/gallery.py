"""Pictures on demand: drawn in a thread, one at a time, and cached by the chart that they show.

A thread is sufficient: drawing holds Python's lock for a few milliseconds, and writing the PNG releases it. The
benchmark `benchmarks/pictures.py` checks that nothing else waits for 20 ms.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

from bot.core.chart import Chart, Theme
from bot.pictures.lazy import draw

_Key: TypeAlias = tuple[Chart, Theme]


class Gallery:
    """Draws charts and caches the last requested pictures, at most `most` of them and `most_bytes` in total."""

    def __init__(
        self,
        draw_chart: Callable[[Chart, Theme], bytes] = draw,
        *,
        most: int = 64,
        most_bytes: int = 2 * 1024 * 1024,
    ) -> None:
        self._draw_chart = draw_chart
        self._most = most
        self._most_bytes = most_bytes
        self._pictures: OrderedDict[_Key, bytes] = OrderedDict()
        self._bytes = 0
        self._drawing: dict[_Key, asyncio.Task[bytes]] = {}
        self._turn = asyncio.Lock()

    async def picture(self, chart: Chart, theme: Theme) -> bytes:
        """The chart as a PNG: always this chart, so that the text beside the picture matches it.

        Concurrent callers share the drawing, which continues even if one of them is cancelled.
        """
        cache_key = (chart, theme)
        cached = self._pictures.get(cache_key)
        if cached is not None:
            self._pictures.move_to_end(cache_key)
            return cached
        task = self._drawing.get(cache_key)
        if task is None:
            task = self._drawing[cache_key] = asyncio.create_task(self._draw(chart, theme), name="picture")
            task.add_done_callback(lambda done: self._finish(cache_key, done))
        return await asyncio.shield(task)

    async def _draw(self, chart: Chart, theme: Theme) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(self._draw_chart, chart, theme)

    def _finish(self, cache_key: _Key, done: asyncio.Task[bytes]) -> None:
        del self._drawing[cache_key]
        # `exception()` also marks it as retrieved, in case no caller waits any more.
        if done.cancelled() or done.exception():
            return
        self._pictures[cache_key] = done.result()
        self._bytes += len(done.result())
        while len(self._pictures) > self._most or self._bytes > self._most_bytes:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= len(oldest)
