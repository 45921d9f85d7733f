"""Draws a chart as a PNG that is readable on a phone. It has digits, "h" and "UTC", no words; the card explains it.

Each mark differs in shape and in colour. People: solid bars. Usual: a stepped line. An outage that we detected: a
bracket around rising stripes, or around the whole days it touched. An official incident: a dotted box in its own lane.
Not observed: faint falling stripes, fainter than any data. Anything that is not over has an arrow at its end. The axis
shows hours before the end, which are right in every time zone; a month has days in UTC. The time of the picture is at
the top right.

Everything is drawn with numbers of a palette, which holds Python's lock for a much shorter time than true colour. A
shade of an ink is a number from `ink` (paper) to `ink + FULL`; smooth edges use the shades between. Only the palette
depends on the theme.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from itertools import count, groupby, pairwise
from math import ceil
from typing import Any

from PIL import Image, ImageColor, ImageDraw, ImageFont

from bot.core.chart import Chart, Span, Theme
from bot.core.reports import DAY, HOUR

SIZE = (900, 400)
FULL = 15
"""The last shade of an ink, without any paper colour."""


class Ink(IntEnum):
    """The first palette number of each ink. Text is blended from 0, the paper, so digits have the first shades."""

    DIGITS = 0
    PEOPLE = 16
    USUAL = 32
    OUTAGE = 48
    INCIDENT = 64
    GAP = 80


PAPER = {Theme.LIGHT: "#ffffff", Theme.DARK: "#2b2d31"}
INKS = {
    Theme.LIGHT: {
        Ink.DIGITS: "#4e5058",
        Ink.PEOPLE: "#3d74d6",
        Ink.USUAL: "#111214",
        Ink.OUTAGE: "#c2410c",
        Ink.INCIDENT: "#8a3ffc",
        Ink.GAP: "#80848e",
    },
    Theme.DARK: {
        Ink.DIGITS: "#c4c9ce",
        Ink.PEOPLE: "#4f8cf5",
        Ink.USUAL: "#ffffff",
        Ink.OUTAGE: "#ff9f43",
        Ink.INCIDENT: "#d7a6ff",
        Ink.GAP: "#949ba4",
    },
}

# Lengths are pixels.
_WIDTH, _HEIGHT = SIZE
_MARGIN = 24
_FONT_SIZE = 32
_DIGIT_HEIGHT = 22
_GAP = 12
_HEAD = 40
_LANE = 34
_MARK = 16
_LINE = 4
_USUAL = 3
_NARROWEST = 6
_ARROW = 14
_GRID = 3  # a shade of the digits' ink
_INTERVALS = 5
_TIMES = (*(n * HOUR for n in (1, 2, 3, 4, 6, 12)), *(n * DAY for n in (1, 2, 5, 10, 20, 50, 100)))

# Patterns: the shades of their rows, repeated.
FAINT = 4
_SOFT, _FAINTEST = bytes([2] * 11 + [5, 8, 8, 8, 5]), bytes([1] * 11 + [2, FAINT, FAINT, 2])
_RISING = tuple(_SOFT[y:] + _SOFT[:y] for y in range(len(_SOFT)))
_FALLING = tuple(_FAINTEST[-y:] + _FAINTEST[:-y] for y in range(len(_FAINTEST)))
_BLANK, _DOT = bytes([2] * 8), bytes([2] * 2 + [FULL] * 4 + [2] * 2)
_DOTS = (_BLANK, _BLANK, _DOT, _DOT, _DOT, _DOT, _BLANK, _BLANK)


def draw(chart: Chart, theme: Theme) -> bytes:
    """Draw the chart as a PNG of SIZE pixels."""
    image = Image.new("L", SIZE)
    _Drawing(chart, image).draw()
    image.putpalette(_palette(theme))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def scale(most: float) -> range:
    """The ticks from 0 to at least `most`: whole people, in steps of 1, 2 or 5 times a power of ten.

    It goes to at least 5, so that one person does not look like a crowd.
    """
    most = max(most, _INTERVALS)
    step = next(n * 10**power for power in count() for n in (1, 2, 5) if n * 10**power * _INTERVALS >= most)
    return range(0, ceil(most / step) * step + 1, step)


@dataclass(frozen=True, slots=True)
class _Plot:
    """The layout in pixels. `pitch` is the width of a bar with its space, a whole number, so that all look alike."""

    start: int
    step: int
    bars: int
    most: int
    left: int
    top: int
    bottom: int
    pitch: int

    @property
    def right(self) -> int:
        return self.left + self.pitch * self.bars

    def x(self, at: float) -> int:
        """The position of a time, limited to the plot."""
        return min(max(round(self.left + (at - self.start) / self.step * self.pitch), self.left), self.right)

    def y(self, people: float) -> int:
        return self.bottom - round(people / self.most * (self.bottom - self.top))

    def edges(self, span: Span) -> tuple[int, int]:
        """The left and right edge of a span, far enough apart to be visible.

        In a chart of days, the edges of its days.
        """
        if self.step >= DAY:
            end = self.start + self.step * self.bars if span.end is None else span.end
            first, last = (span.start - self.start) // self.step, ceil((end - self.start) / self.step)
            return self.x(self.start + first * self.step), self.x(self.start + last * self.step)
        left = min(self.x(span.start), self.right - _NARROWEST)
        return left, max(left + _NARROWEST, self.right if span.end is None else self.x(span.end))


class _Drawing:
    """Draws one chart on one image, with numbers of the palette."""

    def __init__(self, chart: Chart, image: Image.Image) -> None:
        self._chart = chart
        self._image = image
        self._pen = ImageDraw.Draw(image)
        self._font = ImageFont.load_default(_FONT_SIZE)
        self._outages = chart.overlapping(chart.outages)
        self._incidents = chart.overlapping(chart.incidents)
        self._ticks = scale(max(*chart.people, *(usual or 0 for usual in self._known_usual())))
        self._plot = self._place()

    def draw(self) -> None:
        """Draw everything, from back to front."""
        plot = self._plot
        head = plot.top - _GAP - _MARK
        for left, right in map(plot.edges, self._outages):
            self._fill((left, head, right, plot.bottom), Ink.OUTAGE, _RISING)
        for left, right in map(plot.edges, self._chart.overlapping(self._chart.gaps)):
            self._fill((left, plot.top, right, plot.bottom), Ink.GAP, _FALLING)
        self._people_axis()
        self._time_axis()
        self._write(_WIDTH - _MARGIN, _MARGIN + _DIGIT_HEIGHT, self._drawn_at(), "rs")
        for span in self._outages:
            self._bracket(span, *plot.edges(span), head)
        head -= _LANE if self._outages else 0
        for span in self._incidents:
            self._box(span, *plot.edges(span), head)
        self._people()
        self._usual()

    def _place(self) -> _Plot:
        chart, bars = self._chart, len(self._chart.people)
        lanes = _LANE * (bool(self._outages) + bool(self._incidents))
        labels = ceil(self._font.getlength(str(self._ticks[-1]))) + _GAP
        room = _WIDTH - 2 * _MARGIN - labels
        pitch = max(1, room // bars)
        return _Plot(
            start=chart.start,
            step=chart.step,
            bars=bars,
            most=self._ticks[-1],
            left=_MARGIN + labels + max(0, room - pitch * bars) // 2,
            top=_MARGIN + _HEAD + lanes,
            bottom=_HEIGHT - _MARGIN - _DIGIT_HEIGHT - 2 * _GAP,
            pitch=pitch,
        )

    def _fill(self, box: tuple[int, int, int, int], ink: Ink, rows: Sequence[bytes]) -> None:
        """Fill a box (left, top, right, bottom) with a pattern, in one paste operation."""
        left, top, right, bottom = box
        width, height = right - left, bottom - top
        inked = [bytes(ink + shade for shade in row) * (width // len(row) + 1) for row in rows]
        pixels = b"".join(inked[y % len(inked)][:width] for y in range(height))
        self._image.paste(Image.frombytes("L", (width, height), pixels), (left, top))

    def _line(self, box: tuple[int, int, int, int], number: int) -> None:
        """Fill a box (left, top, right, bottom) with one number of the palette; right and bottom are outside."""
        left, top, right, bottom = box
        if left < right and top < bottom:
            self._pen.rectangle((left, top, right - 1, bottom - 1), fill=number)

    def _write(self, x: float, baseline: int, text: str, anchor: str) -> None:
        self._pen.text((x, baseline), text, fill=Ink.DIGITS + FULL, font=self._font, anchor=anchor)

    def _drawn_at(self) -> str:
        return datetime.fromtimestamp(self._chart.at, UTC).strftime("%Y-%m-%d %H:%M UTC")

    def _people_axis(self) -> None:
        plot = self._plot
        for people in self._ticks:
            y = plot.y(people)
            self._line((plot.left, y, plot.right, y + 2), Ink.DIGITS + (_GRID if people else FULL))
            self._write(plot.left - _GAP, y + 1 + _DIGIT_HEIGHT // 2, str(people), "rs")

    def _time_axis(self) -> None:
        plot = self._plot
        for at, text in self._times():
            x = plot.x(at)
            self._line((x - 1, plot.bottom + 2, x + 1, plot.bottom + 10), Ink.DIGITS + FULL)
            half = ceil(self._font.getlength(text) / 2)
            self._write(min(x, _WIDTH - half - 2), _HEIGHT - _MARGIN, text, "ms")

    def _times(self) -> Iterator[tuple[int, str]]:
        """The marks of the axis: hours before the end, or dates."""
        chart, plot = self._chart, self._plot
        smallest = 1.8 * self._font.getlength("00-00") / plot.pitch * plot.step
        if not chart.by_hours:
            smallest = max(smallest, DAY)  # show no date twice
        step = next((step for step in _TIMES if step >= smallest), _TIMES[-1])
        if chart.by_hours:
            for ago in range(0, chart.end - chart.start + 1, step):
                yield chart.end - ago, f"-{ago // HOUR} h" if ago else "0 h"
            return
        for at in range(ceil(chart.start / step) * step, chart.end + 1, step):
            yield at, datetime.fromtimestamp(at, UTC).strftime("%m-%d")

    def _people(self) -> None:
        plot = self._plot
        space = 1 if plot.pitch > _LINE else 0
        for bar, people in enumerate(self._chart.people):
            if people:
                left = plot.left + bar * plot.pitch
                top = min(plot.y(people), plot.bottom - _LINE)  # one person must be visible, even beside thousands
                self._line((left + space, top, left + plot.pitch - space, plot.bottom), Ink.PEOPLE + FULL)

    def _usual(self) -> None:
        """Draw a stepped line wherever the usual number is known. It must be visible on the paper and on the bars."""
        plot, half, bar = self._plot, _USUAL // 2, 0
        steps: list[tuple[int, int, float | None]] = []
        for usual, same in groupby(self._known_usual()):
            first, bar = bar, bar + len(list(same))
            steps.append((plot.left + first * plot.pitch, plot.left + bar * plot.pitch, usual))
        for left, right, usual in steps:
            if usual is not None:
                y = self._usual_y(usual)
                self._line((left, y - half, right, y + half + 1), Ink.USUAL + FULL)
        for (_, _, before), (x, _, after) in pairwise(steps):
            if before is not None and after is not None:
                high, low = sorted((self._usual_y(before), self._usual_y(after)))
                self._line((x - half, high - half, x + half + 1, low + half + 1), Ink.USUAL + FULL)

    def _usual_y(self, usual: float) -> int:
        """The height of the usual line: that of its number, or just above the axis, which would hide it."""
        return min(self._plot.y(usual), self._plot.bottom - 2 * _USUAL)

    def _known_usual(self) -> Iterator[float | None]:
        """The usual number of each step; None in unobserved steps, because there is nothing to compare with it."""
        chart = self._chart
        for bar, usual in enumerate(chart.usual):
            begin = chart.start + bar * chart.step
            blind = any(gap.start <= begin and (gap.end is None or gap.end >= begin + chart.step) for gap in chart.gaps)
            yield None if blind else usual

    def _bracket(self, span: Span, left: int, right: int, top: int) -> None:
        number, bottom = Ink.OUTAGE + FULL, self._plot.bottom
        self._line((left, top, right, top + _LINE), number)
        if span.start >= self._chart.start:
            self._line((left, top, left + _LINE // 2, bottom), number)
        if span.end is None:
            self._arrow(right, top + _LINE // 2, Ink.OUTAGE)
        elif span.end <= self._chart.end:
            self._line((right - _LINE // 2, top, right, bottom), number)

    def _box(self, span: Span, left: int, right: int, top: int) -> None:
        self._line((left, top, right, top + _MARK), Ink.INCIDENT + FULL)
        if right - left > 2 * _LINE:
            self._fill((left + 2, top + 2, right - 2, top + _MARK - 2), Ink.INCIDENT, _DOTS)
        if span.end is None:
            self._arrow(right, top + _MARK // 2, Ink.INCIDENT)

    def _arrow(self, x: int, y: int, ink: Ink) -> None:
        """Draw an arrowhead that points right. It is drawn large and then reduced, for smooth edges."""
        large = Image.new("L", (4 * _ARROW, 8 * _ARROW))
        ImageDraw.Draw(large).polygon(((0, 0), (4 * _ARROW, 4 * _ARROW), (0, 8 * _ARROW)), fill=255)
        shades = [ink + value * FULL // 255 for value in range(256)]
        small: Any = large.reduce(4)  # its type annotations need numpy
        self._image.paste(small.point(shades), (x, y - _ARROW))


def _palette(theme: Theme) -> list[int]:
    """Red, green and blue of each palette number: all shades of all inks, starting with the paper."""
    paper = ImageColor.getrgb(PAPER[theme])
    return [
        round(blank + (full - blank) * shade / FULL)
        for _, colour in sorted(INKS[theme].items())
        for shade in range(FULL + 1)
        for blank, full in zip(paper, ImageColor.getrgb(colour), strict=True)
    ]
