"""Pictures, as somebody sees them: what is drawn where, and that many askers cost one drawing."""

import asyncio
import io
import threading
import time
from functools import cache
from itertools import pairwise

import pytest
from PIL import Image, ImageColor

from bot.core.chart import Chart, ChartSummary, Span, Theme
from bot.core.reports import DAY, HOUR, MINUTE
from bot.pictures.draw import INKS, PAPER, SIZE, Ink, draw, scale
from bot.pictures.gallery import Gallery
from tests.patience import PATIENCE

START = 20_000 * DAY
QUARTER = 15 * MINUTE
END = START + DAY
BARS = 96
NOT_KNOWN = (None,) * BARS


def day(
    people: dict[int, int] | None = None,
    *,
    usual: tuple[float | None, ...] = NOT_KNOWN,
    outages: tuple[Span, ...] = (),
    incidents: tuple[Span, ...] = (),
    gaps: tuple[Span, ...] = (),
) -> Chart:
    bars = tuple((people or {}).get(bar, 0) for bar in range(BARS))
    return Chart(START, QUARTER, bars, usual, outages, incidents, gaps)


class Seen:
    """A decoded picture and where an ink is in it."""

    def __init__(self, chart: Chart, theme: Theme = Theme.DARK) -> None:
        self.theme = theme
        with Image.open(io.BytesIO(draw(chart, theme))) as image:
            assert image.format == "PNG"
            self.image = image.convert("RGB")

    def colour(self, ink: Ink) -> tuple[int, ...]:
        return ImageColor.getrgb(INKS[self.theme][ink])

    def columns(self, ink: Ink) -> dict[int, list[int]]:
        """x -> the rows in which the full ink is."""
        pixels, colour = self.image.load(), self.colour(ink)
        assert pixels is not None
        rows = {x: [y for y in range(SIZE[1]) if pixels[x, y] == colour] for x in range(SIZE[0])}
        return {x: found for x, found in rows.items() if found}

    def has(self, ink: Ink) -> bool:
        return bool(self.columns(ink))


@cache
def plot(most: int = 5) -> tuple[int, int]:
    """The first and the last column of bars, from a day with as many in each."""
    columns = Seen(day(dict.fromkeys(range(BARS), most))).columns(Ink.PEOPLE)
    return min(columns), max(columns)


def luminance(colour: str) -> float:
    parts = [part / 255 for part in ImageColor.getrgb(colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", Theme)
def test_picture_has_its_size_and_the_background_of_its_theme(theme: Theme) -> None:
    seen = Seen(day({3: 4}), theme)
    assert seen.image.size == SIZE == (1200, 504)
    assert seen.image.getpixel((0, 0)) == ImageColor.getrgb(PAPER[theme])


@pytest.mark.parametrize("theme", Theme)
def test_marks_and_digits_stand_out(theme: Theme) -> None:
    inks, paper = INKS[theme], PAPER[theme]
    assert contrast(inks[Ink.DIGITS], paper) >= 4.5
    assert all(contrast(ink, paper) >= 3 for ink in inks.values())
    assert contrast(inks[Ink.USUAL], inks[Ink.PEOPLE]) >= 3  # the line crosses the bars


def test_bars_are_as_high_as_people_are_many_and_where_their_time_is() -> None:
    columns = Seen(day({0: 20, 48: 40, 95: 10})).columns(Ink.PEOPLE)
    heights = {x: len(rows) for x, rows in columns.items()}
    first, middle, last = sorted(
        set(heights.values()), key=lambda height: min(x for x in heights if heights[x] == height)
    )
    assert middle == pytest.approx(2 * first, abs=3) and first == pytest.approx(2 * last, abs=3)
    left, right = plot(40)
    assert min(heights) == left and max(heights) == right
    assert min(x for x in heights if heights[x] == middle) == pytest.approx((left + right) / 2, abs=2)


def test_one_person_shows_beside_a_hundred_thousand() -> None:
    one, many = sorted({len(rows) for rows in Seen(day({10: 100_000, 50: 1})).columns(Ink.PEOPLE).values()})
    assert one >= 3 and many > 300


def test_empty_day_has_axes_but_no_mark() -> None:
    seen = Seen(day())
    assert seen.has(Ink.DIGITS)
    assert not any(seen.has(ink) for ink in Ink if ink is not Ink.DIGITS)


def test_usual_is_drawn_only_where_it_is_known() -> None:
    left, right = plot()
    columns = Seen(day(usual=(None,) * 48 + (4.0,) * 48)).columns(Ink.USUAL)
    assert min(columns) == pytest.approx((left + right) / 2, abs=3) and max(columns) == pytest.approx(right, abs=3)
    assert not Seen(day({5: 5})).has(Ink.USUAL)


def test_usual_zero_is_a_line_and_not_unknown() -> None:
    assert Seen(day(usual=(0.0,) * BARS)).has(Ink.USUAL)


def test_ongoing_outage_reaches_the_right_edge_and_points_beyond() -> None:
    left, right = plot()
    columns = Seen(day(outages=(Span(START + 12 * HOUR, None),))).columns(Ink.OUTAGE)
    assert min(columns) == pytest.approx((left + right) / 2, abs=3)
    assert max(columns) > right + 3
    ended = Seen(day(outages=(Span(START + 12 * HOUR, END - HOUR),))).columns(Ink.OUTAGE)
    assert max(ended) < right - 30


def test_outage_that_began_earlier_starts_at_the_left_edge() -> None:
    left, _ = plot()
    columns = Seen(day(outages=(Span(START - DAY, START + HOUR),))).columns(Ink.OUTAGE)
    assert min(columns) == pytest.approx(left, abs=3)


def test_short_outage_is_seen_also_at_the_edges() -> None:
    for at in (START, START + 5000, END - 1):
        assert len(Seen(day(outages=(Span(at, at + 1),))).columns(Ink.OUTAGE)) >= 4


def test_outage_outside_the_picture_is_left_out() -> None:
    both = (Span(START - 2 * HOUR, START - HOUR), Span(END + HOUR, None))
    assert draw(day(outages=both), Theme.DARK) == draw(day(), Theme.DARK)


def test_official_incident_has_a_lane_of_its_own_above_the_outage() -> None:
    outages, incidents = (Span(START + 6 * HOUR, START + 9 * HOUR),), (Span(START + 8 * HOUR, START + 12 * HOUR),)
    seen = Seen(day(outages=outages, incidents=incidents))
    incident = [y for rows in seen.columns(Ink.INCIDENT).values() for y in rows]
    outage = [y for rows in seen.columns(Ink.OUTAGE).values() for y in rows]
    assert max(incident) + 20 < min(outage)  # with room for the outage's times between them


def written(*outages: Span) -> list[int]:
    """The widths of the times above the plot."""
    digits = Seen(day(outages=outages)).columns(Ink.DIGITS)
    columns = [x for x, rows in digits.items() if min(rows) < 60]
    ends = [0, *(n for n in range(1, len(columns)) if columns[n] - columns[n - 1] > 20), len(columns)]
    return [columns[end - 1] - columns[start] for start, end in pairwise(ends)]


def test_times_of_an_outage_are_written_above_it_whole_or_not_at_all() -> None:
    [width] = written(Span(START + 6 * HOUR, START + 7 * HOUR))
    at_the_edge = written(Span(END - 5 * MINUTE, END - MINUTE))
    crowd = written(*(Span(START + n * HOUR, START + n * HOUR + 5 * MINUTE) for n in range(20)))
    assert len(crowd) > 2
    assert all(other == pytest.approx(width, abs=10) for other in at_the_edge + crowd)
    assert width > 1.5 * written(Span(START + 6 * HOUR, None))[0]


def test_unwatched_time_is_hatched_and_not_zero() -> None:
    left, right = plot()
    columns = Seen(day({10: 5}, gaps=(Span(START + 12 * HOUR, None),))).columns(Ink.GAP)
    assert min(columns) == pytest.approx((left + right) / 2, abs=12)
    assert max(columns) == pytest.approx(right, abs=12)
    assert all(len(rows) > 40 for rows in columns.values())


def test_stripes_lean_apart_so_that_colour_is_not_needed() -> None:
    def log_odds(chart: Chart) -> int:
        """Rows the stripes move from one column to the next; they repeat only after 15."""
        image = Seen(chart).image
        one, next_one = ([image.getpixel((600 + move, y)) for y in range(150, 400)] for move in (0, 1))
        moves = [by for by in (1, -1) for y in range(1, 200) if one[y : y + 20] == next_one[y + by : y + by + 20]]
        assert len(set(moves)) == 1
        return moves[0]

    everything = (Span(START, END),)
    assert log_odds(day(outages=everything)) == -log_odds(day(gaps=everything))


def test_month_and_odd_charts_are_drawn() -> None:
    month = Chart(START, 6 * HOUR, tuple(range(120)), (3.5,) * 120, incidents=(Span(START, None),))
    for chart in (month, Chart(START, 900, (1,), (None,)), Chart(0, 900, (0,) * 400, (1e6,) * 400)):
        assert Seen(chart).image.size == SIZE


@pytest.mark.parametrize("most", [0, 0.5, 1, 5, 6, 11, 99, 100, 101, 12_345, 100_000, 10**9])
def test_ticks_are_few_whole_and_reach_the_highest(most: float) -> None:
    ticks = list(scale(most))
    assert ticks[0] == 0 and ticks[-1] >= max(most, 5) and 3 <= len(ticks) <= 6
    assert {after - before for before, after in pairwise(ticks)} == {ticks[1]}
    assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}


def test_chart_says_in_numbers_what_it_shows() -> None:
    gaps = (Span(START - HOUR, START + HOUR), Span(START + HOUR / 2, START + 2 * HOUR))
    outages = (Span(START - 2 * HOUR, START - HOUR), Span(START + HOUR, START + 2 * HOUR), Span(END - HOUR, None))
    chart = day({4: 7, 9: 7, 95: 2}, outages=outages, incidents=(Span(START, START + 60),), gaps=gaps)
    assert chart.summary() == ChartSummary(
        people=16,
        latest=2,
        peak=7,
        peak_at=START + HOUR,
        outages=2,
        outage_since=END - HOUR,
        incidents=1,
        incident_since=None,
        unwatched=2 * HOUR,
    )
    assert day().summary() == ChartSummary(0, 0, 0, None, 0, None, 0, None, 0.0)


@pytest.mark.parametrize(("people", "usual", "step"), [((), (), 900), ((1,), (), 900), ((1,), (None,), 0)])
def test_chart_that_cannot_be_is_refused(people: tuple[int, ...], usual: tuple[float | None, ...], step: int) -> None:
    with pytest.raises(ValueError, match="chart"):
        Chart(START, step, people, usual)


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
    gallery = Gallery(lambda: 0.0, painter)
    asking = [asyncio.create_task(gallery.picture("c.ai day", day(), Theme.DARK)) for _ in range(50)]
    await asyncio.to_thread(painter.began.wait, PATIENCE)
    await asyncio.sleep(0)  # we are here while the drawing waits for us: it is not on the loop
    painter.may.set()
    assert len(set(await asyncio.gather(*asking))) == 1
    await gallery.picture("c.ai day", day(), Theme.DARK)
    assert len(painter.drawn) == 1


async def test_another_theme_service_or_minute_is_another_picture_drawn_one_at_a_time() -> None:
    painter, now = Painter(), [0.0]
    painter.may.set()
    gallery = Gallery(lambda: now[0], painter)
    asked = [gallery.picture(key, day(), theme) for key in ("a", "b") for theme in Theme]
    light, dark, *_ = await asyncio.gather(*asked)
    assert light != dark and len(painter.drawn) == 4 and painter.most_at_once == 1
    now[0] = 59.9
    await gallery.picture("a", day(), Theme.DARK)
    assert len(painter.drawn) == 4
    now[0] = 60.0
    await gallery.picture("a", day(), Theme.DARK)
    assert len(painter.drawn) == 5


async def test_one_who_gives_up_does_not_stop_the_others() -> None:
    painter = Painter()
    gallery = Gallery(lambda: 0.0, painter)
    first, second = (asyncio.create_task(gallery.picture("a", day(), Theme.DARK)) for _ in range(2))
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

    gallery = Gallery(lambda: 0.0, clumsy)
    both = [gallery.picture("a", day(), Theme.DARK) for _ in range(2)]
    assert [type(told) for told in await asyncio.gather(*both, return_exceptions=True)] == [MemoryError] * 2
    assert await gallery.picture("a", day(), Theme.DARK) == b"picture"


@pytest.mark.parametrize(("most", "most_bytes", "kept"), [(3, 10**6, 3), (100, 450, 4)])
async def test_only_the_pictures_asked_for_last_are_kept(most: int, most_bytes: int, kept: int) -> None:
    drawn = list[str]()
    now = [0.0]

    def hundred(_chart: Chart, _theme: Theme) -> bytes:
        drawn.append("")
        return bytes(100)

    gallery = Gallery(lambda: now[0], hundred, most=most, most_bytes=most_bytes)
    for number in range(10):
        await gallery.picture(f"{number}", day(), Theme.DARK)
        await gallery.picture("0", day(), Theme.DARK)  # asked for again and again: stays
    assert len(drawn) == 10
    for number in (0, *range(11 - kept, 10)):
        await gallery.picture(f"{number}", day(), Theme.DARK)
    assert len(drawn) == 10
    await gallery.picture(f"{10 - kept}", day(), Theme.DARK)
    assert len(drawn) == 11


async def test_picture_of_the_gallery_is_the_chart() -> None:
    chart = day({50: 9}, outages=(Span(END - HOUR, None),))
    assert await Gallery(lambda: 0.0).picture("a", chart, Theme.LIGHT) == draw(chart, Theme.LIGHT)
