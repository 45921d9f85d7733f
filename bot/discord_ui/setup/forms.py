"""The forms of `/setup` for typed settings: the fields of each kind, and how they are read."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.errors import WrongInputError
from bot.core.guild_settings import Field, GuildSettings
from bot.core.setting_kinds import LONGEST_PHRASES, MAX_REACTION_LENGTH, Emoji, Hours, PhraseList, Text
from bot.core.texts import N_, Texts
from bot.discord_ui.setup.controls import FORM
from bot.discord_ui.setup.parts import form

DOCUMENT, EXAMPLES = "document", "examples"
_LONGEST_VALUE = 4000
LabelledInputs = Sequence[tuple[str, ui.TextInput[Any]]]


def field_form(texts: Texts, settings: GuildSettings, field: Field, page: str) -> ui.Modal:
    """The form for one setting, filled with its current value."""
    return form(texts.say(field.label), FORM, field.name, page, parts=_asked(texts, field, field.written(settings)))


def _asked(texts: Texts, field: Field, now: Any) -> LabelledInputs:
    match field.kind:
        case Hours():
            return [
                (texts.say("From (empty: no quiet hours)"), _line("start", "22:00", now)),
                (texts.say("To"), _line("end", "07:00", now)),
                (texts.say("Time zone"), _line("zone", "Europe/Paris", now)),
            ]
        case PhraseList():
            example = "the bot ghosted me again\n/c(\\.| )?ai (died|rip)/"
            phrases = _lines(field.name, min(_LONGEST_VALUE, LONGEST_PHRASES), "\n".join(now), example)
            return [
                (texts.say("One per line; /in slashes/ for a pattern"), phrases),
                (texts.say("Only try them on these (one per line)"), _lines(EXAMPLES, 1000)),
            ]
        case Emoji(most):
            emoji: ui.TextInput[Any] = ui.TextInput(
                custom_id=field.name,
                required=False,
                max_length=most * (MAX_REACTION_LENGTH + 1),
                default=" ".join(now) or None,
                placeholder="🔥 💀",
            )
            return [(texts.say("Emoji that also count, with spaces"), emoji)]
        case Text(most):
            return [(texts.say("Text (empty: none)"), _lines(field.name, most, now))]
        case _:
            raise ValueError(f"{field.name} is not typed")


def _line(name: str, example: str, now: Mapping[str, str] | None) -> ui.TextInput[Any]:
    default = (now or {}).get(name)
    return ui.TextInput(custom_id=name, required=False, max_length=64, placeholder=example, default=default)


def _lines(name: str, most: int, now: str | None = None, example: str | None = None) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=most,
        default=now or None,
        placeholder=example,
    )


def is_typed(field: Field) -> bool:
    """Whether a setting has a form."""
    return isinstance(field.kind, Hours | PhraseList | Emoji | Text)


def typed_value(field: Field, typed: Mapping[str, Sequence[str]]) -> Any:
    """The input in the form of a setting, as JSON. Raises WrongInputError."""
    whole = {name: "".join(values) for name, values in typed.items()}
    match field.kind:
        case Hours():
            hours = {name: value.strip() for name, value in whole.items()}
            return hours if hours.get("start") else None
        case PhraseList():
            return lines_of(whole.get(field.name, ""))
        case Emoji():
            emoji = whole.get(field.name, "").split()
            if any(one.isascii() and discord.PartialEmoji.from_str(one).id is None for one in emoji):
                raise WrongInputError(field.name, N_("Type emoji such as 🔥 💀, with spaces between them."))
            return emoji
        case _:
            return whole.get(field.name, "").strip() or None


def lines_of(text: str) -> list[str]:
    """The lines that are not empty."""
    return [line for line in map(str.strip, text.splitlines()) if line]


def import_form(texts: Texts) -> ui.Modal:
    """The form for pasting exported settings."""
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=DOCUMENT, style=discord.TextStyle.paragraph, max_length=_LONGEST_VALUE
    )
    return form(texts.say("Import settings"), "setimport", parts=[(texts.say("Exported settings"), field)])
