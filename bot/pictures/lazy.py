"""Pillow on demand: it takes some 8 MB, and many bots are never asked for a picture."""

from bot.core.chart import Chart, Theme


def draw(chart: Chart, theme: Theme) -> bytes:
    """The chart as a PNG. The first one loads Pillow, which stays."""
    from bot.pictures import draw as pillow  # noqa: PLC0415 - loaded by the first picture, see above

    return pillow.draw(chart, theme)
