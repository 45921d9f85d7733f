"""Draws a chart as a small SVG: it stretches to any width, and its colours come from the page's style sheet."""

from markupsafe import Markup

from bot.core.chart import Chart, Span

_PITCH, _HEIGHT = 10, 100
_HEAD = 16
"""The space above the bars for outages and incidents."""
_LEAST = 5
"""The scale goes at least to this many people, so that one does not look like a crowd."""


def top(chart: Chart) -> int:
    """The number at the upper end of the scale."""
    return max(_LEAST, *chart.people)


def draw(chart: Chart, name: str, words: str) -> Markup:
    """The chart as SVG. `words` describe it for people who cannot see it; `name` is unique on the page."""
    drawing = _Drawing(chart, name)
    stripes = Markup(
        '<pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path class="stripe" d="M1 0v6"/></pattern>'
    ).format(name)
    return Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}{}</svg>').format(
        words, len(chart.people) * _PITCH, _HEIGHT, stripes, Markup("").join(drawing.layers())
    )


class _Drawing:
    def __init__(self, chart: Chart, name: str) -> None:
        self._chart = chart
        self._name = name
        self._top = max(float(top(chart)), *(usual or 0 for usual in chart.usual))
        self._width = len(chart.people) * _PITCH

    def layers(self) -> list[Markup]:
        """Everything, from back to front."""
        chart = self._chart
        blind = "".join(self._box(span, _HEAD, _HEIGHT) for span in chart.overlapping(chart.gaps))
        behind = "".join(self._box(span, 0, _HEIGHT) for span in chart.overlapping(chart.outages))
        brackets = "".join(self._line(span, 2) for span in chart.overlapping(chart.outages))
        official = "".join(self._line(span, 10) for span in chart.overlapping(chart.incidents))
        drawn = (
            ("outage", behind),
            ("bars", self._bars()),
            ("usual", self._usual()),
            ("bracket", brackets),
            ("official", official),
        )
        layers = [Markup('<path class="{}" d="{}"/>').format(kind, path) for kind, path in drawn if path]
        if blind:
            layers.insert(0, Markup('<path fill="url(#{})" d="{}"/>').format(self._name, blind))
        return layers

    def _y(self, people: float) -> int:
        return _HEIGHT - round(people / self._top * (_HEIGHT - _HEAD - 2))

    def _x(self, at: float) -> int:
        x = (at - self._chart.start) / self._chart.step * _PITCH
        return min(max(round(x), 0), self._width)

    def _edges(self, span: Span) -> tuple[int, int]:
        left = min(self._x(span.start), self._width - _PITCH // 2)
        right = self._width if span.end is None else self._x(span.end)
        return left, max(right, left + _PITCH // 2)

    def _box(self, span: Span, upper: int, lower: int) -> str:
        left, right = self._edges(span)
        return f"M{left} {upper}H{right}V{lower}H{left}z"

    def _line(self, span: Span, y: int) -> str:
        left, right = self._edges(span)
        return f"M{left} {y}H{right}"

    def _bars(self) -> str:
        bars = [(number * _PITCH, self._y(people)) for number, people in enumerate(self._chart.people) if people]
        return "".join(f"M{x + 1} {min(y, _HEIGHT - 3)}h{_PITCH - 2}V{_HEIGHT}h-{_PITCH - 2}z" for x, y in bars)

    def _usual(self) -> str:
        """A stepped line wherever the usual number is known."""
        path, before = list[str](), None
        for number, usual in enumerate(self._chart.usual):
            if usual is None:
                before = None
                continue
            y = self._y(usual)
            if before is None:
                path.append(f"M{number * _PITCH} {y}")
            elif y != before:
                path.append(f"V{y}")
            path.append(f"H{(number + 1) * _PITCH}")
            before = y
        return "".join(path)
