"""One door for every button, menu and form: `on_interaction` -> custom id -> handler.

discord.py's own dispatch loses errors of dynamic items, forgets forms at restart and mixes up forms with
equal ids. Our cards are stopped before they are sent, so its dispatch finds nothing and this one has all.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.discord_ui.failures import Failures
from bot.discord_ui.ids import unpack
from bot.discord_ui.render.layout import note
from bot.discord_ui.responding import send
from bot.discord_ui.speech import Speech

Handler = Callable[[discord.Interaction, tuple[str, ...]], Awaitable[None]]
_OURS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class Router:
    """Knows the handler of every action."""

    def __init__(self, speech: Speech, failures: Failures) -> None:
        self._speech = speech
        self._failures = failures
        self._handlers: dict[str, Handler] = {}

    def add(self, handlers: Mapping[str, Handler]) -> None:
        """Make actions known; each has one handler."""
        if twice := self._handlers.keys() & handlers.keys():
            raise ValueError(f"actions with two handlers: {', '.join(sorted(twice))}")
        self._handlers.update(handlers)

    async def handle(self, interaction: discord.Interaction) -> None:
        """Answer a press, a choice or a form. Never raises."""
        if interaction.type not in _OURS:
            return
        custom_id = str((interaction.data or {}).get("custom_id", ""))
        press = unpack(custom_id)
        handler = self._handlers.get(press.action) if press else None
        where = press.action if press else "unknown press"
        try:
            if press is None or handler is None:
                texts = self._speech.private(interaction)
                told = texts.say("This button is from another version of me. Please use the command again.")
                await send(interaction, note(told), private=True)
                return
            await handler(interaction, press.args)
        except Exception as error:
            await self._failures.answer(interaction, error, where)


def chosen(interaction: discord.Interaction) -> list[str]:
    """The values chosen in a menu."""
    data: Any = interaction.data or {}
    return [str(value) for value in data.get("values", [])]


def chosen_number(interaction: discord.Interaction) -> int | str:
    """The whole number chosen in a menu of one; anything else as it came, for the settings' reader to refuse."""
    value = next(iter(chosen(interaction)), "")
    return int(value) if value.isdecimal() else value


def fields(interaction: discord.Interaction) -> dict[str, list[str]]:
    """What was filled into a form: custom id of the field -> its values; text fields have one."""
    data: Any = interaction.data or {}
    found: dict[str, list[str]] = {}
    for row in data.get("components", []):
        inner = [row["component"]] if "component" in row else row.get("components", [])
        for component in inner:
            values = component.get("values")
            found[str(component.get("custom_id"))] = (
                [str(v) for v in values] if values is not None else [str(component.get("value") or "")]
            )
    return found
