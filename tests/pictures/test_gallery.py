"""The gallery: many requests cost one drawing, in a thread beside the event loop."""

import asyncio
import threading
import time

import pytest

from bot.core.chart import Chart, Span, Theme
from bot.core.reports import HOUR
from bot.pictures.draw import draw
from bot.pictures.gallery import Gallery
from tests.patience import PATIENCE
from tests.pictures.test_draw import END, day


class Painter:
    """Stands in for `draw`: counts, and waits until it may go on."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.began = threading.Event()
        self.drawn = list[tuple[Chart, Theme]]()
        self.at_once = self.most_at_once = 0

    def __call__(self, chart: Chart, theme: Theme) -> bytes:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.began.set()
        assert self.may.wait(PATIENCE)
        time.sleep(0.01)  # long enough for another thread to come in, were it let
        self.drawn.append((chart, theme))
        self.at_once -= 1
        return theme.encode() * 100


async def test_many_who_ask_at_once_cost_one_drawing_and_the_loop_goes_on() -> None:
    painter = Painter()
    gallery = Gallery(painter)
    asking = [asyncio.create_task(gallery.picture(day(), Theme.DARK)) for _ in range(50)]
    await asyncio.to_thread(painter.began.wait, PATIENCE)
    await asyncio.sleep(0)  # we are here while the drawing waits for us: it is not on the loop
    painter.may.set()
    assert len(set(await asyncio.gather(*asking))) == 1
    await gallery.picture(day(), Theme.DARK)
    assert len(painter.drawn) == 1


async def test_another_theme_or_chart_is_another_picture_drawn_one_at_a_time() -> None:
    painter = Painter()
    painter.may.set()
    gallery = Gallery(painter)
    asked = [gallery.picture(chart, theme) for chart in (day(), day({3: 1})) for theme in Theme]
    light, dark, *_ = await asyncio.gather(*asked)
    assert light != dark and len(painter.drawn) == 4 and painter.most_at_once == 1
    await gallery.picture(day({3: 1}), Theme.DARK)
    assert len(painter.drawn) == 4


async def test_whoever_asks_for_a_chart_gets_its_picture_and_never_one_of_the_minute() -> None:
    """The picture of a chart with 10 people stood beside a description of 23."""
    gallery = Gallery()
    for people in (10, 23):
        assert await gallery.picture(day({95: people}), Theme.DARK) == draw(day({95: people}), Theme.DARK)


async def test_one_who_gives_up_does_not_stop_the_others() -> None:
    painter = Painter()
    gallery = Gallery(painter)
    first, second = (asyncio.create_task(gallery.picture(day(), Theme.DARK)) for _ in range(2))
    await asyncio.to_thread(painter.began.wait, PATIENCE)
    first.cancel()
    painter.may.set()
    assert await second and len(painter.drawn) == 1
    assert first.cancelled()


async def test_failed_drawing_is_told_to_all_and_tried_again() -> None:
    tries = list[int]()

    def clumsy(_chart: Chart, _theme: Theme) -> bytes:
        tries.append(1)
        if len(tries) == 1:
            raise MemoryError
        return b"picture"

    gallery = Gallery(clumsy)
    both = [gallery.picture(day(), Theme.DARK) for _ in range(2)]
    assert [type(raised) for raised in await asyncio.gather(*both, return_exceptions=True)] == [MemoryError] * 2
    assert await gallery.picture(day(), Theme.DARK) == b"picture"


@pytest.mark.parametrize(("most", "most_bytes", "kept"), [(3, 10**6, 3), (100, 450, 4)])
async def test_only_the_pictures_asked_for_last_are_kept(most: int, most_bytes: int, kept: int) -> None:
    drawn = list[str]()

    def hundred(_chart: Chart, _theme: Theme) -> bytes:
        drawn.append("")
        return bytes(100)

    gallery = Gallery(hundred, most=most, most_bytes=most_bytes)
    for number in range(10):
        await gallery.picture(day({1: number}), Theme.DARK)
        await gallery.picture(day({1: 0}), Theme.DARK)  # asked for again and again: stays
    assert len(drawn) == 10
    for number in (0, *range(11 - kept, 10)):
        await gallery.picture(day({1: number}), Theme.DARK)
    assert len(drawn) == 10
    await gallery.picture(day({1: 10 - kept}), Theme.DARK)
    assert len(drawn) == 11


async def test_picture_of_the_gallery_is_the_chart() -> None:
    chart = day({50: 9}, outages=(Span(END - HOUR, None),))
    assert await Gallery().picture(chart, Theme.LIGHT) == draw(chart, Theme.LIGHT)
