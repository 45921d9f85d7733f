"""The charts of the page as people see them: what is drawn where."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

import pytest

from bot.core.chart import Chart, Span
from bot.core.reports import DAY, HOUR, MINUTE
from bot.web import bars

START, STEP, COUNT = 20_000 * DAY, 15 * MINUTE, 12
END = START + COUNT * STEP
Line = list[tuple[float, float]]
"""The corners of a line or an area."""


def chart(
    people: dict[int, int] | None = None,
    usual: Iterable[float | None] = (None,) * COUNT,
    *,
    outages: tuple[Span, ...] = (),
    incidents: tuple[Span, ...] = (),
    gaps: tuple[Span, ...] = (),
) -> Chart:
    counts = tuple((people or {}).get(bar, 0) for bar in range(COUNT))
    return Chart(START, STEP, counts, tuple(usual), outages, incidents, gaps)


def walked(path: str) -> list[Line]:
    """The lines of a path of an SVG."""
    lines, x, y = list[Line](), 0.0, 0.0
    for what, numbers in re.findall(r"([MHVhv])([^MHVhvz]*)", path):
        given = [float(number) for number in numbers.split()]
        if what == "M":
            x, y = given
            lines.append([])
        x += given[0] if what == "h" else 0
        y += given[0] if what == "v" else 0
        x, y = (given[0] if what == "H" else x), (given[0] if what == "V" else y)
        lines[-1].append((x, y))
    return lines


class Svg:
    """A drawn chart: its width and height, and the lines of each kind."""

    def __init__(self, drawn: Chart) -> None:
        self.root = ET.fromstring(str(bars.draw(drawn, "hours-x", "Words.")))
        self.width, self.height = map(float, (self.root.get("viewBox") or "").split()[2:])
        self.kinds = [path.get("class") or path.get("fill") for path in self.root.findall("path")]

    def lines(self, kind: str) -> list[Line]:
        found = [path for path in self.root.findall("path") if kind in {path.get("class"), path.get("fill")}]
        return [line for path in found for line in walked(path.get("d") or "")]

    def span(self, kind: str) -> list[tuple[float, float]]:
        """From where to where each goes, as shares of the width."""
        return [
            (min(x for x, _ in line) / self.width, max(x for x, _ in line) / self.width) for line in self.lines(kind)
        ]

    def rows(self, kind: str) -> list[tuple[float, float]]:
        """From where to where each goes, from the top."""
        return [(min(y for _, y in line), max(y for _, y in line)) for line in self.lines(kind)]

    def heights(self) -> list[float]:
        """How high the bars are."""
        return [lower - upper for upper, lower in self.rows("bars")]


def test_bars_are_as_high_as_people_are_many_and_where_their_time_is() -> None:
    svg = Svg(chart({0: 40, 5: 20, 11: 10}))
    first, second, third = svg.heights()
    assert first == pytest.approx(2 * second, abs=1) and second == pytest.approx(2 * third, abs=1)
    assert {lower for _, lower in svg.rows("bars")} == {svg.height}, "they stand on the ground"
    for bar, (left, right) in zip((0, 5, 11), svg.span("bars"), strict=True):
        assert bar / COUNT < left < right < (bar + 1) / COUNT, "with paper between neighbours"


def test_the_highest_bar_leaves_room_for_outages_and_incidents() -> None:
    over = (Span(START, END),)
    svg = Svg(chart({3: 9}, outages=over, incidents=over))
    ((bracket, _),), ((official, _),) = svg.rows("bracket"), svg.rows("official")
    assert 0 < bracket < official < svg.rows("bars")[0][0]
    assert svg.heights()[0] > svg.height / 2


def test_one_person_is_no_crowd_and_is_seen_beside_thousands() -> None:
    alone, five = Svg(chart({3: 1})), Svg(chart({3: 5}))
    assert alone.heights()[0] == pytest.approx(five.heights()[0] / 5, abs=1)
    assert [bars.top(chart({3: people})) for people in (0, 1, 5, 6, 41)] == [5, 5, 5, 6, 41]
    assert min(Svg(chart({3: 1, 5: 100_000})).heights()) >= 3
    assert Svg(chart()).lines("bars") == []


def test_the_usual_is_a_stepped_line_which_ends_where_it_is_not_known() -> None:
    usual = (2.0,) * 4 + (4.0,) * 2 + (None,) * 3 + (0.0,) * 3
    svg = Svg(chart({0: 4, 1: 2}, usual))
    assert svg.span("usual") == [(0, 6 / 12), (9 / 12, 1)]
    high, low = svg.height - max(svg.heights()), svg.height - min(svg.heights())
    stepped, flat = svg.lines("usual")
    assert [stepped[0][1], stepped[-1][1]] == pytest.approx([low, high], abs=1)
    assert {x for x, y in stepped if y == stepped[-1][1]} == {40, 50, 60}, "it rises where the usual does"
    assert {y for _, y in flat} == {svg.height}, "zero is a line and not unknown"
    assert Svg(chart({3: 1})).lines("usual") == []


def test_the_usual_stays_in_the_picture_when_fewer_report() -> None:
    svg = Svg(chart({3: 1}, (50.0,) * COUNT))
    assert 0 < svg.rows("usual")[0][0] < svg.height / 2
    assert svg.heights()[0] < svg.height / 10


def test_outages_are_where_their_time_is() -> None:
    outages = (
        Span(START - HOUR, START + STEP),
        Span(START + 3 * STEP, START + 6 * STEP),
        Span(START + 9 * STEP, None),
    )
    svg = Svg(chart(outages=outages))
    assert svg.span("bracket") == svg.span("outage") == [(0, 1 / 12), (3 / 12, 6 / 12), (9 / 12, 1)]
    assert set(svg.rows("outage")) == {(0, svg.height)}, "from top to bottom"
    outside = (Span(START - HOUR, START), Span(END, None))
    assert Svg(chart(outages=outside)).kinds == []


@pytest.mark.parametrize("at", [START, START + 5 * STEP, END - 1])
def test_a_short_outage_is_seen_also_at_the_edges(at: int) -> None:
    ((left, right),) = Svg(chart(outages=(Span(at, at + 1),))).span("outage")
    assert 0 <= left < right <= 1 and right - left >= 0.3 / COUNT


def test_unwatched_time_is_striped_behind_everything() -> None:
    svg = Svg(
        chart({3: 4}, (1.0,) * COUNT, outages=(Span(START, END),), gaps=(Span(START + 2 * STEP, START + 4 * STEP),))
    )
    (pattern,) = svg.root.findall("pattern")
    stripes = f"url(#{pattern.get('id')})"
    assert svg.kinds == [stripes, "outage", "bars", "usual", "bracket"]
    assert svg.span(stripes) == [(2 / 12, 4 / 12)]
    assert svg.rows(stripes)[0][0] > svg.rows("bracket")[0][0]


def test_who_cannot_see_it_is_told_what_it_shows() -> None:
    assert Svg(chart({3: 4})).root.get("aria-label") == "Words."
