"""The height of a card on a phone, calculated without a browser, and its other limits.

The widths of the letters are those of the font of simcord's page, and the width of the card is that at 390 px. The
heights that `make cards` measures in a browser differ by a line or two (`test_limits.py` has the tolerance).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import simcord
from PIL import ImageFont

from bot.discord_ui.render.layout import Card
from bot.pictures.draw import SIZE

PHONE = 390
WIDTH = 264
"""The width of a card's text on a page of 390 px, in pixels."""
BUTTON, TEXT, SEPARATOR, GALLERY, ROW, SECTION, CONTAINER = 2, 10, 14, 12, 1, 9, 17
MENUS = frozenset({3, 5, 6, 7, 8})
_FONT = Path(simcord.__file__).parent / "preview" / "static" / "fonts" / "noto-sans-latin-v2.015.ttf"
_TIMES = {"t": "12:00 AM", "R": "1 minute ago", "f": "Jan 1, 2026, 12:00 AM"}
_BOLD = 1.07


def parts(card: Card) -> Iterator[dict[str, Any]]:
    """All components of a card, from the outside to the inside, from top to bottom."""

    def walk(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for component in components:
            yield component
            yield from walk(component.get("components", []))
            if beside := component.get("accessory"):
                yield beside

    yield from walk(card.to_components())


def buttons_of(card: Card) -> list[str]:
    """The labels of its buttons."""
    return [str(part["label"]) for part in parts(card) if part["type"] == BUTTON]


def texts_of(card: Card) -> list[str]:
    """Its lines of text."""
    return [line for part in parts(card) if part["type"] == TEXT for line in str(part["content"]).splitlines()]


def edge_of(card: Card) -> int | None:
    """The colour at its edge."""
    colours = [part["accent_color"] for part in parts(card) if part.get("accent_color") is not None]
    return int(colours[0]) if colours else None


def height(card: Card) -> float:
    """Its height on a phone, in pixels."""
    found = list(parts(card))
    beside = {id(text) for part in found if part["type"] == SECTION for text in part["components"]}
    framed = any(part["type"] == CONTAINER for part in found)
    return (30.0 if framed else 8.0) + sum(_height(part) for part in found if id(part) not in beside)


def rows_of(card: Card, width: int = WIDTH) -> int:
    """The number of rows of its buttons on a phone."""
    return sum(_button_rows(part, width) for part in parts(card) if part["type"] == ROW and not _is_menu(part))


def lines_of(card: Card) -> int:
    """The number of lines of its texts on a phone."""
    return sum(_lines(line, WIDTH)[0] for line in texts_of(card))


def _height(part: Mapping[str, Any]) -> float:
    match part["type"]:
        case 10:
            return _text_height(part, WIDTH)
        case 14:
            return 17
        case 12:
            return 8 + WIDTH * SIZE[1] / SIZE[0]
        case 1:
            return 50.0 if _is_menu(part) else 2 + 40 * _button_rows(part, WIDTH)
        case 9:
            left = WIDTH - _button_width(part["accessory"]) - 8
            return max(42.0, sum(_text_height(text, left) for text in part["components"]))
        case _:
            return 0


def _text_height(part: Mapping[str, Any], width: float) -> float:
    return 4 + sum(count * tall for count, tall in (_lines(line, width) for line in part["content"].splitlines()))


def _is_menu(part: Mapping[str, Any]) -> bool:
    return part["components"][0]["type"] in MENUS


def _button_width(button: Mapping[str, Any]) -> float:
    return 24 + _length(str(button["label"]), 14.2)


def _button_rows(part: Mapping[str, Any], width: int) -> int:
    rows, left = 1, float(width)
    for button in part["components"]:
        wide = _button_width(button)
        if wide > left and left < width:
            rows, left = rows + 1, float(width)
        left -= wide + 8
    return rows


def _lines(line: str, width: float) -> tuple[int, float]:
    """The number of lines that a line of Markdown takes, and the height of each."""
    if line.startswith("## "):
        return _wrapped(line[3:], 20 * _BOLD, width), 27
    if line.startswith("### "):
        return _wrapped(line[4:], 16 * _BOLD, width), 24
    if line.startswith("-# "):
        return _wrapped(line[3:], 14, width), 19.3
    if line.startswith("- "):
        return _wrapped(line[2:], 16, width - 24), 23
    return _wrapped(line, 16, width), 22


def _wrapped(text: str, size: float, width: float) -> int:
    text = re.sub(r"<t:-?\d+:([tRf])>", lambda found: _TIMES[found[1]], text)
    text = re.sub(r"<#\d+>", "#Character.AI: what people see", text).replace("<https:", "https:")
    lines, left, bold = 1, width, False
    for word in text.split():
        marks = word.count("**")
        bold_here = bold or marks > 0
        bold = bold != (marks % 2 == 1)
        plain = re.sub(r"[*`]", "", word)
        wide = _length(plain, size * (_BOLD if bold_here else 1))
        if wide > left and left < width:
            lines, left = lines + 1, width
        left -= wide + _length(" ", size)
    return lines


@cache
def _length(text: str, size: float) -> float:
    return _font().getlength(text) * size / 100


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, 100)
