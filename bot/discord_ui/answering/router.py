"""The router for all buttons, menus and forms: `on_interaction` -> custom id -> handler.

discord.py's own dispatch loses errors of dynamic items, forgets forms at a restart, and confuses forms that have the
same id. Our cards are stopped before they are sent, so its dispatch finds nothing, and this router gets everything.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.core.errors import NotJustYouError
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.render.ids import unpack

Handler = Callable[[discord.Interaction, tuple[str, ...]], Awaitable[None]]
_LONGEST_ID = 20
_OURS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class StalePressError(NotJustYouError):
    """A press on a button that this version of the bot does not have."""


class Router:
    """The handlers by action. Forms have their own table, because a form cannot be answered with another form."""

    def __init__(self, localizer: Localizer, failures: Failures) -> None:
        self._localizer = localizer
        self._failures = failures
        self._handlers: dict[discord.InteractionType, dict[str, Handler]] = {kind: {} for kind in _OURS}

    def add(self, handlers: Mapping[str, Handler], *, forms: bool = False) -> None:
        """Add the handlers of some actions. Each action has one handler."""
        known = self._handlers[discord.InteractionType.modal_submit if forms else discord.InteractionType.component]
        if twice := known.keys() & handlers.keys():
            raise ValueError(f"actions with two handlers: {', '.join(sorted(twice))}")
        known.update(handlers)

    async def handle(self, interaction: discord.Interaction) -> None:
        """Answer a press, a choice or a form. Never raises."""
        if interaction.type not in _OURS:
            return
        custom_id = str((interaction.data or {}).get("custom_id", ""))
        press = unpack(custom_id)
        handler = self._handlers[interaction.type].get(press.action) if press else None
        where = press.action if press else "unknown press"
        try:
            if press is None or handler is None:
                await self._stale(interaction, where)
            else:
                await handler(interaction, press.args)
        except StalePressError:
            await self._stale(interaction, where)
        except Exception as error:
            await self._failures.answer(interaction, error, where)

    async def _stale(self, interaction: discord.Interaction, where: str) -> None:
        texts = self._localizer.private(interaction)
        answer = texts.say("This button is from another version of me. Please use the command again.")
        await self._failures.send_privately(interaction, answer, where)


def first(args: tuple[str, ...]) -> str:
    """The first argument of a press. Raises StalePressError if it has none."""
    if not args:
        raise StalePressError
    return args[0]


def chosen(interaction: discord.Interaction) -> list[str]:
    """The values chosen in a menu."""
    data: Any = interaction.data or {}
    return [str(value) for value in data.get("values", [])]


def id_of(given: str) -> int | None:
    """A chosen Discord id; None if it is not an id, which only happens in a forged choice."""
    return int(given) if given.isdecimal() and len(given) < _LONGEST_ID else None


def fields(interaction: discord.Interaction) -> dict[str, list[str]]:
    """The input of a form: custom id of the field -> its values. Text fields have one value."""
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
