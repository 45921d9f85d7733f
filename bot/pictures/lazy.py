"""Pillow on demand: it takes about 8 MB, and many bots never draw a picture."""

from bot.core.chart import Chart, Theme


def draw(chart: Chart, theme: Theme) -> bytes:
    """The chart as a PNG. The first call loads Pillow, which stays in memory."""
    from bot.pictures import draw as pillow  # noqa: PLC0415 - loaded by the first picture, see above

    return pillow.draw(chart, theme)
