"""The building blocks of `/setup` cards: texts, each with its control below or beside it."""

from collections.abc import Collection, Sequence
from typing import Any
from zlib import crc32

import discord
from discord import ui

from bot.core.setting_kinds import Place
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import MAX_TEXT, Card, Row, shorten

Beside = tuple[str, ui.Button[Any]]
"""A text with a button to its right."""
Part = str | Row | Beside
KINDS_OF_CHANNELS = {
    # No limit. Discord's documentation does not list media channels, but without a limit its menu also offers them.
    Place.ANYWHERE: [],
    Place.WRITTEN_IN: [
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.public_thread,
        discord.ChannelType.news_thread,
    ],
    Place.ANNOUNCED_IN: [discord.ChannelType.text, discord.ChannelType.news],
    Place.MODERATORS: [discord.ChannelType.text],
}


def page(*parts: Part) -> Card:
    """A card of these parts, in this order. If they are too long together, the end is cut."""
    view, left = Card(timeout=None), MAX_TEXT - len(parts)  # a text cut to nothing is still an ellipsis
    container: ui.Container[Any] = ui.Container()
    for part in parts:
        text = part if isinstance(part, str) else part[0] if isinstance(part, tuple) else ""
        if isinstance(part, ui.ActionRow):
            container.add_item(part)
            continue
        if not text:
            continue
        shown = ui.TextDisplay[Any](shorten(text, max(left, 1)))
        left -= len(shown.content)
        container.add_item(shown if isinstance(part, str) else ui.Section(shown, accessory=part[1]))
    view.add_item(container)
    view.stop()
    return view


def form(title: str, action: str, *args: str, parts: Sequence[tuple[str, ui.Item[Any]]]) -> ui.Modal:
    """A form of labelled fields."""
    made = ui.Modal(title=shorten(title, 45), custom_id=pack(action, *args))
    for label, part in parts:
        made.add_item(ui.Label(text=shorten(label, 45), component=part))
    made.stop()
    return made


def channel_menu(label: str, custom_id: str, chosen: Collection[int], *, place: Place, most: int) -> Row:
    """A menu for choosing channels, up to `most`."""
    now = _defaults(chosen, discord.SelectDefaultValueType.channel)
    kinds = KINDS_OF_CHANNELS[place]
    return ui.ActionRow(ui.ChannelSelect(**_menu(label, custom_id, most), channel_types=kinds, default_values=now))


def role_menu(label: str, custom_id: str, chosen: Collection[int], *, most: int) -> Row:
    """A menu for choosing roles, up to `most`."""
    now = _defaults(chosen, discord.SelectDefaultValueType.role)
    return ui.ActionRow(ui.RoleSelect(**_menu(label, custom_id, most), default_values=now))


def people_menu(label: str, custom_id: str, *, most: int) -> Row:
    """A menu for choosing people and roles. It shows no current choice, because only hashes of people are known."""
    return ui.ActionRow(ui.MentionableSelect(**_menu(label, custom_id, most)))


def list_menu(label: str, custom_id: str, options: Sequence[discord.SelectOption], *, any_number: bool = False) -> Row:
    """A menu for choosing one option, or any number."""
    least, most = (0, len(options)) if any_number else (1, 1)
    return ui.ActionRow(ui.Select(**_menu(label, custom_id, most, least), options=list(options)))


def _menu(label: str, custom_id: str, most: int, least: int = 0) -> dict[str, Any]:
    """The arguments that all kinds of menus share."""
    placeholder = shorten(label, 150)
    return {
        "custom_id": custom_id,
        "id": _number(custom_id),
        "placeholder": placeholder,
        "min_values": least,
        "max_values": most,
    }


def _number(custom_id: str) -> int:
    """A component's number in its message, new with each custom id: clients keep the choice under the old one."""
    return crc32(custom_id.encode()) >> 1 or 1


def _defaults(chosen: Collection[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=one, type=kind) for one in sorted(chosen)]
