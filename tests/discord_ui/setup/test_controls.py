"""The controls of settings: menus with more choices than they have room for."""

from collections.abc import Sequence
from dataclasses import replace

import discord
from discord import ui

from bot.core.guild_settings import FIELDS, GuildSettings
from bot.discord_ui.render.layout import MAX_OPTIONS
from bot.discord_ui.setup.controls import controls
from tests.discord_ui.setup.panels import fine_panel
from tests.discord_ui.test_hostile_texts import LANGUAGES, service_with

TEXTS = LANGUAGES.texts("en")
OWN = service_with("name", "Examplia")
MANY = {f"service-{number}": f"Service {number}" for number in range(40)}


def options(name: str, settings: GuildSettings) -> Sequence[discord.SelectOption]:
    """What the menu of a setting offers where forty other services are known."""
    assert OWN is not None
    named = {OWN.id: OWN.name, **MANY}
    panel = replace(fine_panel(OWN), settings=settings, names={"service": named, "more_services": named})
    [field] = [one for one in FIELDS if one.name == name]
    for part in controls(TEXTS, panel, field, "service"):
        if isinstance(part, ui.ActionRow):
            [menu] = part.children
            assert isinstance(menu, ui.Select)
            return menu.options
    raise AssertionError("no menu")


def test_of_many_services_the_menu_keeps_those_that_are_followed() -> None:
    followed = frozenset({"service-38", "service-39"})
    shown = options("more_services", replace(GuildSettings(), more_services=followed))
    assert len(shown) == MAX_OPTIONS
    assert [one.value for one in shown if one.default] == ["service-38", "service-39"]


def test_of_many_services_the_menu_keeps_the_servers_own() -> None:
    shown = options("service", GuildSettings())
    assert len(shown) == MAX_OPTIONS
    assert OWN is not None and [one.value for one in shown if one.default] == [OWN.id]
