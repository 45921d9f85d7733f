"""The parts of a card, and Discord's limits in one place.

A view is built for each message and stopped before it is sent: discord.py then keeps no task and no memory for it, and
every press goes through our router.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import discord
from discord import ui

from bot.discord_ui.render.ids import pack

MAX_TEXT = 4000
MAX_LABEL = 80
MAX_OPTIONS = 25
MAX_OPTION = 100
MAX_ALT = 1024
PICTURE = "reports.png"
"""The file name of a card's picture."""

Row = ui.ActionRow[Any]
Style = discord.ButtonStyle


class Edge(IntEnum):
    """The colour at the left edge of a card, which repeats the headline for people who see colours."""

    PLAIN = 0x5865F2
    OUTAGE = 0xDA373C
    SOME = 0xF0B232
    CALM = 0x4FA3D9
    BACK = 0x23A55A
    UNKNOWN = 0x80848E


class Picture(NamedTuple):
    """The attached picture in words: its full content, for people who cannot see it, and the meaning of its marks."""

    alt: str
    caption: str


class Card(ui.LayoutView):
    """A card. It must not change after it was sent, because the same JSON is sent again."""

    _parts: list[dict[str, Any]] | None = None

    def to_components(self) -> list[dict[str, Any]]:
        """The card as JSON; discord.py calls this method."""
        if self._parts is None:
            self._parts = super().to_components()
        return self._parts


def card(
    *texts: str | tuple[str, ...], rows: Sequence[Row] = (), picture: Picture | None = None, edge: Edge = Edge.PLAIN
) -> Card:
    """A card with texts, divided by lines; below them the attached picture, if any, and rows of buttons.

    There is a small gap between the parts of one text.
    """
    view = Card(timeout=None)
    container: ui.Container[Any] = ui.Container(accent_colour=int(edge))
    for number, parts in enumerate(_within(texts)):
        if number:
            container.add_item(ui.Separator())
        for part in parts:
            container.add_item(ui.TextDisplay(part))
    if picture is not None:
        shown = discord.MediaGalleryItem(f"attachment://{PICTURE}", description=shorten(picture.alt, MAX_ALT))
        container.add_item(ui.MediaGallery(shown))
        container.add_item(ui.TextDisplay(f"-# {picture.caption}"))
    for row in rows:
        container.add_item(row)
    view.add_item(container)
    view.stop()
    return view


def note(text: str, *, rows: Sequence[Row] = (), file: str | None = None) -> Card:
    """A short answer without a frame. `file` names an attachment: Discord only shows those that the card contains."""
    view = Card(timeout=None)
    view.add_item(ui.TextDisplay(shorten(text, MAX_TEXT)))
    if file is not None:
        view.add_item(ui.File(f"attachment://{file}"))
    for row in rows:
        view.add_item(row)
    view.stop()
    return view


def buttons(*made: ui.Button[Any]) -> Row:
    """A row of up to five buttons."""
    return ui.ActionRow(*made)


def button(
    label: str, action: str, *args: str, style: Style = Style.secondary, emoji: str | None = None
) -> ui.Button[Any]:
    """A button with its state in its custom id."""
    return ui.Button(label=shorten(label, MAX_LABEL), custom_id=pack(action, *args), style=style, emoji=emoji)


def disabled(made: ui.Button[Any]) -> ui.Button[Any]:
    """The button, greyed out."""
    made.disabled = True
    return made


def link(label: str, url: str) -> ui.Button[Any]:
    """A button that opens an address."""
    return ui.Button(label=shorten(label, MAX_LABEL), url=url)


def choice(placeholder: str, action: str, *args: str, options: Sequence[discord.SelectOption]) -> Row:
    """A menu of up to 25 options."""
    menu: ui.Select[Any] = ui.Select(
        custom_id=pack(action, *args), placeholder=shorten(placeholder, 150), options=list(options[:MAX_OPTIONS])
    )
    return ui.ActionRow(menu)


def option(label: str, value: str, *, chosen: bool = False, description: str | None = None) -> discord.SelectOption:
    """One option of a menu."""
    return discord.SelectOption(
        label=shorten(label, MAX_OPTION),
        value=value,
        default=chosen,
        description=shorten(description, MAX_OPTION) if description else None,
    )


def heading(text: str) -> str:
    """A heading within a card."""
    return f"### {text}"


def shorten(text: str, limit: int) -> str:
    """The text, shortened with an ellipsis if it is too long for Discord."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _within(texts: Sequence[str | tuple[str, ...]]) -> list[list[str]]:
    # Content is checked when it is read; this only prevents a refused message in unexpected cases.
    fitting, left = list[list[str]](), MAX_TEXT
    for text in texts:
        parts = list[str]()
        for part in filter(None, (text,) if isinstance(text, str) else text):
            if left > 1:
                parts.append(shorten(part, left))
                left -= len(parts[-1])
        fitting += [parts] if parts else []
    return fitting
