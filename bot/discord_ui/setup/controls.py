"""One setting on a page of `/setup`: its label, its help, and the control of its kind."""

from collections.abc import Sequence

import discord

from bot.core.gone import answers_nobody
from bot.core.guild_settings import Field
from bot.core.setting_kinds import Channel, Channels, Duration, Name, NameSet, OneOf, People, Place, Role, Roles, Switch
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import MAX_OPTIONS, Row, button, option
from bot.discord_ui.setup.parts import Part, channel_menu, list_menu, people_menu, role_menu
from bot.discord_ui.setup.state import Panel
from bot.discord_ui.setup.values import in_words, span

CHOOSE, SWITCH, FORM = "set", "setswitch", "setform"
DEFAULT = "default"
"""The menu option for the default."""


def controls(texts: Texts, panel: Panel, field: Field, page: str) -> Sequence[Part]:
    """The parts of a page that show and change a setting. `page` is shown again afterwards."""
    written, label = field.written(panel.settings), texts.say(field.label)
    match field.kind:
        case Switch():
            name = texts.say("Turn off") if written else texts.say("Turn on")
            state = "off" if written else "on"
            return [
                (
                    _text(texts, field, in_words(texts, field, written, panel.names)),
                    button(name, SWITCH, field.name, page, state),
                )
            ]
        case Name() | NameSet() if len(panel.names.get(field.name, {})) <= 1:
            return []  # there is nothing to choose from
        case Channels() | Channel() | Roles() | Role() | OneOf() | Duration() | Name() | NameSet() | People():
            menu = _menu(texts, panel, field, label, pack(CHOOSE, field.name, page, panel.nonce))
            return [_text(texts, field, _beside(texts, panel, field)), menu]
        case _:
            value = in_words(texts, field, written, panel.names)
            return [(_text(texts, field, value), button(texts.say("Change"), FORM, field.name, page))]


def _beside(texts: Texts, panel: Panel, field: Field) -> str:
    """Text that a menu cannot show: the number of ignored people and roles, and the meaning of an empty choice."""
    if isinstance(field.kind, People):
        count = len(panel.ids(field.name)) + len(panel.here("ignored_roles"))
        return words.number(texts, count) if count else texts.say(field.empty)
    if isinstance(field.kind, NameSet):
        return "" if panel.settings.more_services else texts.say(field.empty)
    if isinstance(field.kind, OneOf | Duration | Name) or panel.here(field.name):
        return ""
    if field.name == "roles" and answers_nobody(panel.settings, panel.gone):
        return texts.say("nobody gets a reply")
    return texts.say(field.empty)


def _text(texts: Texts, field: Field, value: str) -> str:
    label = f"**{texts.say(field.label)}**"
    line = f"{label}: {value}" if value else label
    return f"{line}\n-# {texts.say(field.help)}" if field.help else line


def _menu(texts: Texts, panel: Panel, field: Field, label: str, custom_id: str) -> Row:
    match field.kind:
        case Channels(most):
            return channel_menu(label, custom_id, panel.here(field.name), place=Place.ANYWHERE, most=most)
        case Channel(place):
            return channel_menu(label, custom_id, panel.here(field.name), place=place, most=1)
        case Roles(most):
            return role_menu(label, custom_id, panel.here(field.name), most=most)
        case Role():
            return role_menu(label, custom_id, panel.here(field.name), most=1)
        case People(most):
            return people_menu(label, custom_id, most=most)
        case _:
            several = isinstance(field.kind, NameSet)
            return list_menu(label, custom_id, _options(texts, panel, field), any_number=several)


def _options(texts: Texts, panel: Panel, field: Field) -> list[discord.SelectOption]:
    now = field.written(panel.settings)
    match field.kind:
        case OneOf(_, names):
            return [
                option(texts.say(name), value, chosen=value == now, description=texts.say(about) if about else None)
                for value, (name, about) in names.items()
            ]
        case NameSet():
            return _others(panel, field)
        case Duration(values, unit):
            return [option(span(texts, one, unit), str(one), chosen=one == now) for one in values]
        case _:
            named = list(panel.names.get(field.name, {}).items())
            first = [] if field.name == "service" else [option(texts.say(field.empty), DEFAULT, chosen=now is None)]
            current = panel.service.id if field.name == "service" else now
            if len(named) > MAX_OPTIONS:
                named.sort(key=lambda one: one[0] != current)
            return [*first, *(option(name, value, chosen=value == current) for value, name in named)][:MAX_OPTIONS]


def _others(panel: Panel, field: Field) -> list[discord.SelectOption]:
    """All but the server's own service, chosen ones first, because a menu has room for only 25."""
    chosen = panel.settings.more_services
    named = [one for one in panel.names.get(field.name, {}).items() if one[0] != panel.service.id]
    named.sort(key=lambda one: one[0] not in chosen)
    return [option(name, value, chosen=value in chosen) for value, name in named[:MAX_OPTIONS]]
