"""Pictures as people see them: what is drawn where."""

import io
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from PIL import Image, ImageColor

from bot.core.chart import Chart, Span, Theme
from bot.core.reports import DAY, HOUR, MINUTE
from bot.pictures.draw import FAINT, FULL, INKS, PAPER, SIZE, Ink, draw, scale

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


class Png:
    """A decoded picture and where an ink is in it."""

    def __init__(self, chart: Chart, theme: Theme = Theme.DARK) -> None:
        self.theme = theme
        with Image.open(io.BytesIO(draw(chart, theme))) as image:
            assert image.format == "PNG"
            self.image = image.convert("RGB")

    def colour(self, ink: Ink) -> tuple[int, ...]:
        full = ImageColor.getrgb(INKS[self.theme][ink])
        if ink is not Ink.GAP:
            return full
        paper = ImageColor.getrgb(PAPER[self.theme])
        return tuple(round(blank + (one - blank) * FAINT / FULL) for blank, one in zip(paper, full, strict=True))

    def columns(self, ink: Ink) -> dict[int, list[int]]:
        """x -> the rows in which the ink is as strong as it is used."""
        pixels, colour = self.image.load(), self.colour(ink)
        assert pixels is not None
        rows = {x: [y for y in range(SIZE[1]) if pixels[x, y] == colour] for x in range(SIZE[0])}
        return {x: found for x, found in rows.items() if found}

    def has(self, ink: Ink) -> bool:
        return bool(self.columns(ink))


@cache
def plot(most: int = 5) -> tuple[int, int]:
    """The first and the last column of bars, from a day with as many in each."""
    columns = Png(day(dict.fromkeys(range(BARS), most))).columns(Ink.PEOPLE)
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
    png = Png(day({3: 4}), theme)
    assert png.image.size == SIZE == (900, 400)
    assert png.image.getpixel((0, 0)) == ImageColor.getrgb(PAPER[theme])


@pytest.mark.parametrize("theme", Theme)
def test_marks_and_digits_stand_out(theme: Theme) -> None:
    inks, paper = INKS[theme], PAPER[theme]
    assert contrast(inks[Ink.DIGITS], paper) >= 4.5
    assert all(contrast(ink, paper) >= 3 for ink in inks.values())
    assert contrast(inks[Ink.USUAL], inks[Ink.PEOPLE]) >= 3  # the line crosses the bars


def test_bars_are_as_high_as_people_are_many_and_where_their_time_is() -> None:
    columns = Png(day({0: 20, 48: 40, 95: 10})).columns(Ink.PEOPLE)
    heights = {x: len(rows) for x, rows in columns.items()}
    first, middle, last = sorted(
        set(heights.values()), key=lambda height: min(x for x in heights if heights[x] == height)
    )
    assert middle == pytest.approx(2 * first, abs=3) and first == pytest.approx(2 * last, abs=3)
    left, right = plot(40)
    assert min(heights) == left and max(heights) == right
    assert min(x for x in heights if heights[x] == middle) == pytest.approx((left + right) / 2, abs=2)


def test_one_person_shows_beside_a_hundred_thousand() -> None:
    one, many = sorted({len(rows) for rows in Png(day({10: 100_000, 50: 1})).columns(Ink.PEOPLE).values()})
    assert one >= 3 and many > 250


def test_empty_day_has_axes_but_no_mark() -> None:
    png = Png(day())
    assert png.has(Ink.DIGITS)
    assert not any(png.has(ink) for ink in Ink if ink is not Ink.DIGITS)


def test_usual_is_drawn_only_where_it_is_known() -> None:
    left, right = plot()
    columns = Png(day(usual=(None,) * 48 + (4.0,) * 48)).columns(Ink.USUAL)
    assert min(columns) == pytest.approx((left + right) / 2, abs=3) and max(columns) == pytest.approx(right, abs=3)
    assert not Png(day({5: 5})).has(Ink.USUAL)


def test_usual_zero_is_a_line_and_not_unknown() -> None:
    assert Png(day(usual=(0.0,) * BARS)).has(Ink.USUAL)


def test_ongoing_outage_reaches_the_right_edge_and_points_beyond() -> None:
    left, right = plot()
    columns = Png(day(outages=(Span(START + 12 * HOUR, None),))).columns(Ink.OUTAGE)
    assert min(columns) == pytest.approx((left + right) / 2, abs=3)
    assert max(columns) > right + 3
    ended = Png(day(outages=(Span(START + 12 * HOUR, END - HOUR),))).columns(Ink.OUTAGE)
    assert max(ended) < right - 30


def test_outage_that_began_earlier_starts_at_the_left_edge() -> None:
    left, _ = plot()
    columns = Png(day(outages=(Span(START - DAY, START + HOUR),))).columns(Ink.OUTAGE)
    assert min(columns) == pytest.approx(left, abs=3)


def test_short_outage_is_seen_also_at_the_edges() -> None:
    for at in (START, START + 5000, END - 1):
        assert len(Png(day(outages=(Span(at, at + 1),))).columns(Ink.OUTAGE)) >= 4


def test_outage_outside_the_picture_is_left_out() -> None:
    both = (Span(START - 2 * HOUR, START - HOUR), Span(END + HOUR, None))
    assert draw(day(outages=both), Theme.DARK) == draw(day(), Theme.DARK)


def test_official_incident_has_a_lane_of_its_own_above_the_outage() -> None:
    outages, incidents = (Span(START + 6 * HOUR, START + 9 * HOUR),), (Span(START + 8 * HOUR, START + 12 * HOUR),)
    png = Png(day(outages=outages, incidents=incidents))
    incident = [y for rows in png.columns(Ink.INCIDENT).values() for y in rows]
    outage = [y for rows in png.columns(Ink.OUTAGE).values() for y in rows]
    assert max(incident) + 10 < min(outage)


def test_unwatched_time_is_hatched_and_not_zero() -> None:
    left, right = plot()
    columns = Png(day({10: 5}, gaps=(Span(START + 12 * HOUR, None),))).columns(Ink.GAP)
    assert min(columns) == pytest.approx((left + right) / 2, abs=12)
    assert max(columns) == pytest.approx(right, abs=12)
    assert all(len(rows) > 25 for rows in columns.values())


def test_stripes_lean_apart_so_that_colour_is_not_needed() -> None:
    def log_odds(chart: Chart) -> int:
        """Rows the stripes move from one column to the next; they repeat only after 15."""
        image = Png(chart).image
        one, next_one = ([image.getpixel((600 + move, y)) for y in range(110, 330)] for move in (0, 1))
        moves = [by for by in (1, -1) for y in range(1, 190) if one[y : y + 20] == next_one[y + by : y + by + 20]]
        assert len(set(moves)) == 1
        return moves[0]

    everything = (Span(START, END),)
    assert log_odds(day(outages=everything)) == -log_odds(day(gaps=everything))


def test_month_and_odd_charts_are_drawn() -> None:
    month = Chart(START, 6 * HOUR, tuple(range(120)), (3.5,) * 120, incidents=(Span(START, None),))
    for chart in (month, Chart(START, 900, (1,), (None,)), Chart(0, 900, (0,) * 400, (1e6,) * 400)):
        assert Png(chart).image.size == SIZE


@pytest.mark.parametrize("most", [0, 0.5, 1, 5, 6, 11, 99, 100, 101, 12_345, 100_000, 10**9])
def test_ticks_are_few_whole_and_reach_the_highest(most: float) -> None:
    ticks = list(scale(most))
    assert ticks[0] == 0 and ticks[-1] >= max(most, 5) and 3 <= len(ticks) <= 6
    assert {after - before for before, after in pairwise(ticks)} == {ticks[1]}
    assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}


def runs(columns: dict[int, list[int]], apart: int = 2) -> list[tuple[int, int]]:
    """First and last column of each stretch of columns that are no more than so many apart."""
    found: list[tuple[int, int]] = []
    for x in sorted(columns):
        if found and x - found[-1][1] <= apart:
            found[-1] = (found[-1][0], x)
        else:
            found.append((x, x))
    return found


def place(hours: float, most: int = 5) -> float:
    """The column of a time of the day, in a picture of so many people."""
    left, right = plot(most)
    return left + (right - left) * hours / 24


def test_every_time_nobody_watched_is_hatched_not_the_first_alone() -> None:
    gaps = tuple(Span(START + hour * HOUR, START + (hour + 2) * HOUR) for hour in (2, 10, 20))
    hatched = runs(Png(day(gaps=gaps)).columns(Ink.GAP), apart=16)
    assert [
        (pytest.approx(place(hour), abs=16), pytest.approx(place(hour + 2), abs=16)) for hour in (2, 10, 20)
    ] == hatched


def test_each_outage_has_a_bracket_that_is_closed_where_it_began_and_ended() -> None:
    outages = tuple(Span(START + hour * HOUR, START + (hour + 3) * HOUR) for hour in (3, 15))
    columns = Png(day(outages=outages)).columns(Ink.OUTAGE)
    sides = [x for x, rows in columns.items() if len(rows) > 220]
    ends = [place(hour) for hour in (3, 6, 15, 18)]
    assert [pytest.approx(end, abs=4) for end in ends] == [first for first, _ in runs({x: [] for x in sides})]
    top = {min(rows) for rows in columns.values()}
    assert len(top) == 1, "the upper edge is one straight line"


def test_an_outage_that_reaches_beyond_the_picture_is_open_on_that_side() -> None:
    columns = Png(day(outages=(Span(START - HOUR, START + HOUR), Span(END - HOUR, END + HOUR)))).columns(Ink.OUTAGE)
    sides = runs({x: rows for x, rows in columns.items() if len(rows) > 220})
    assert [first for first, _ in sides] == [pytest.approx(place(1), abs=4), pytest.approx(place(23), abs=4)]


def test_bars_of_neighbouring_steps_are_told_apart() -> None:
    bars = runs(Png(day(dict.fromkeys(range(10, 20), 5))).columns(Ink.PEOPLE), apart=1)
    assert len(bars) == 10
    assert len({last - first for first, last in bars}) == 1
    assert bars[1][0] - bars[0][1] == 3, "two columns of paper between them"


def test_the_usual_is_one_stepped_line_at_the_height_of_its_people() -> None:
    columns = Png(day({0: 10}, usual=(2.0,) * 32 + (8.0,) * 32 + (None,) * 16 + (4.0,) * 16)).columns(Ink.USUAL)
    bar = Png(day({0: 10})).columns(Ink.PEOPLE)
    top, bottom = min(next(iter(bar.values()))), max(next(iter(bar.values())))
    for hour, people in ((2, 2), (12, 8), (22, 4)):
        rows = columns[round(place(hour, 10))]
        assert sum(rows) / len(rows) == pytest.approx(bottom + 1 - (bottom + 1 - top) * people / 10, abs=1.5)
    joint = [rows for x, rows in columns.items() if abs(x - place(8, 10)) < 3]
    ends = columns[round(place(2, 10))] + columns[round(place(12, 10))]
    assert [*range(min(ends), max(ends) + 1)] in joint, "its steps are joined, from edge to edge"
    assert round(place(18, 10)) not in columns, "nothing is drawn where it is not known, also not from edge to edge"


def test_an_incident_is_a_box_that_is_dotted_inside_and_points_on_while_it_lasts() -> None:
    _, right = plot()
    ended = Png(day(incidents=(Span(START + 6 * HOUR, START + 12 * HOUR),))).columns(Ink.INCIDENT)
    assert min(ended) == pytest.approx(place(6), abs=3) and max(ended) == pytest.approx(place(12), abs=3)
    inner = [len(ended.get(x, [])) for x in range(round(place(7)), round(place(11)))]
    outline = len(ended[min(ended)])
    assert max(inner) < outline and min(inner) >= 4, "an outline above and below, and paper between the dots"
    ongoing = Png(day(incidents=(Span(START + 6 * HOUR, None),))).columns(Ink.INCIDENT)
    assert max(ongoing) > right + 3


def test_the_axis_has_a_line_for_each_tick_and_the_lowest_is_the_strongest() -> None:
    rows: dict[int, int] = {}
    png = Png(day({5: 7}))
    for y in range(SIZE[1]):
        line = {png.image.getpixel((x, y)) for x in range(round(place(12, 7)), round(place(20, 7)))}
        if len(line) == 1 and (colour := line.pop()) != ImageColor.getrgb(PAPER[Theme.DARK]):
            rows[y] = colour
    assert len(rows) == 2 * len(scale(7)), "each two rows high"
    strongest = [y for y, colour in rows.items() if colour == png.colour(Ink.DIGITS)]
    assert strongest == sorted(rows)[-2:]


def below_the_axis(chart: Chart) -> bytes:
    """What is written there."""
    return Png(chart).image.crop((0, SIZE[1] - 50, *SIZE)).tobytes()


def test_the_axis_tells_hours_before_the_end_and_so_is_the_same_at_any_time_and_in_any_zone() -> None:
    later = replace(day(), start=START + 5 * HOUR + 7 * MINUTE)
    assert below_the_axis(later) == below_the_axis(day())
    assert below_the_axis(replace(month(), start=START + DAY)) != below_the_axis(month()), "those are dates"


def test_hours_stand_below_the_axis_at_their_place() -> None:
    columns = Png(day()).columns(Ink.DIGITS)
    left, right = plot()
    bottom = max(row for x, rows in columns.items() if left < x < right for row in rows)
    marks = [
        x for x, rows in columns.items() if left <= x <= right + 2 and len([y for y in rows if y > bottom - 40]) > 6
    ]
    assert len(marks) > 6


def test_each_of_three_hours_stands_below_the_axis() -> None:
    left, right = plot()
    digits = Png(three_hours()).columns(Ink.DIGITS)
    columns = sorted(x for x, rows in digits.items() if x > left - 20 and max(rows) > SIZE[1] - 50)
    spaces = [after - before for before, after in pairwise(columns)]
    assert len([space for space in spaces if space > (right - left) / 9]) == 3


def three_hours() -> Chart:
    return Chart(START, 5 * MINUTE, (0,) * 36, (None,) * 36)


def test_nothing_that_is_written_is_cut_off_at_an_edge() -> None:
    late = (Span(END - 5 * MINUTE, END - MINUTE),)
    for chart in (day(), day(outages=late), day({3: 100_000}, outages=late), three_hours(), month()):
        columns = Png(chart).columns(Ink.DIGITS)
        assert min(columns) > 0 and max(columns) < SIZE[0] - 1
        rows = {y for found in columns.values() for y in found}
        assert min(rows) > 0 and max(rows) < SIZE[1] - 1


def month(**more: tuple[Span, ...]) -> Chart:
    return Chart(START, DAY, (5,) * 30, (None,) * 30, **more)


def test_each_outage_of_a_month_is_drawn_around_its_days() -> None:
    columns = Png(month()).columns(Ink.PEOPLE)
    left, right = min(columns), max(columns)

    def edge(days: float) -> float:
        return left + (right - left) * days / 30

    outages = (
        Span(START + 3 * DAY + HOUR, START + 3 * DAY + 2 * HOUR),
        Span(START + 12 * DAY + 23 * HOUR, START + 13 * DAY + HOUR),
        Span(START + 29 * DAY + HOUR, None),
    )
    columns = Png(month(outages=outages)).columns(Ink.OUTAGE)
    top = min(columns[round(edge(3.5))])
    brackets = runs({x: rows for x, rows in columns.items() if top in rows})
    assert brackets[:2] == [
        (pytest.approx(edge(3), abs=3), pytest.approx(edge(4), abs=3)),
        (pytest.approx(edge(12), abs=3), pytest.approx(edge(14), abs=3)),
    ]
    assert brackets[2][0] == pytest.approx(edge(29), abs=3) and max(columns) > right + 3, "it goes on"


def test_days_stand_below_a_month_and_none_of_them_twice() -> None:
    columns = Png(month()).columns(Ink.DIGITS)
    labels = runs({x: rows for x, rows in columns.items() if max(rows) > SIZE[1] - 40 and x > 60}, apart=20)
    assert 3 <= len(labels) <= 8, "dates, with room between them"


def test_nothing_is_usual_where_nobody_watched() -> None:
    """The people of those bars cannot be compared with it. Of a bar that was watched in part they can."""
    unwatched = (
        Span(START + 6 * HOUR, START + 12 * HOUR),
        Span(START + 18 * HOUR + 60, START + 18 * HOUR + 10 * MINUTE),
    )
    columns = Png(day(usual=(4.0,) * BARS, gaps=unwatched)).columns(Ink.USUAL)
    assert runs(columns) == [
        (pytest.approx(place(0), abs=3), pytest.approx(place(6), abs=3)),
        (pytest.approx(place(12), abs=3), pytest.approx(place(24), abs=3)),
    ]
    ongoing = Png(day(usual=(4.0,) * BARS, gaps=(Span(START + 12 * HOUR, None),))).columns(Ink.USUAL)
    assert max(ongoing) == pytest.approx(place(12), abs=3)


def test_the_picture_says_of_which_time_it_tells() -> None:
    def upper_right(chart: Chart) -> bytes:
        return Png(chart).image.crop((450, 0, SIZE[0], 60)).tobytes()

    def later(at: int) -> Chart:
        return Chart(START, DAY, (5,) * 30, (None,) * 30, drawn=at)

    assert upper_right(later(START + DAY)) != upper_right(later(START + DAY + MINUTE))
    assert upper_right(later(START + 30 * DAY)) == upper_right(month()), "else of its end"
