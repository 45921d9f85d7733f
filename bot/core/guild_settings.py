"""What moderators can set for their server: declared once, checked in one place, free of Discord types.

`FIELDS` drives the `/setup` panel, the change log, export and import. A document is plain JSON; unknown
or wrong members are refused by name, so a hand-edited import cannot smuggle anything in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from bot.core.errors import InvalidValueError

VERSION = 1
NOBODY = 0
MAX_CHANNELS = 25
MAX_REACTIONS = 10
MAX_REACTION_LENGTH = 64
_LONGEST_ID = 20
_LONGEST_TAG = 64
_SKIN_TONES = range(0x1F3FB, 0x1F400)
COOLDOWNS = (30, 60, 120, 300, 900, 3600)
BUILT_IN_REACTIONS = ("👍", "✋", "➕", "😭")


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """The settings of one server. Auto-reply is off until a moderator names a channel.

    `cooldown` and `person_cooldown` are seconds between auto-replies in one channel, and to one person.
    `reactions` are emoji that count as a report besides the built-in ones. `language` None means the
    server's own; `service` None the operator's first.
    """

    channels: frozenset[int] = frozenset()
    cooldown: int = 120
    person_cooldown: int = 900
    reactions: tuple[str, ...] = ()
    language: str | None = None
    service: str | None = None

    def counts_as_report(self, emoji: str) -> bool:
        """Whether this reaction on an auto-reply says "I have it too". Skin tones make no difference."""
        plain = _without_skin_tone(emoji)
        return plain in BUILT_IN_REACTIONS or plain in map(_without_skin_tone, self.reactions)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: how it is read from JSON (raising InvalidValueError) and written to it."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that was changed, before and after as JSON; kept in the server's change log."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A line of the change log. `at` is epoch seconds; `moderator_id` is NOBODY for somebody who had it deleted."""

    at: int
    moderator_id: int
    change: Change


def _list(value: Any) -> list[Any] | None:
    return cast("list[Any]", value) if isinstance(value, list) else None


def _channels(value: Any) -> frozenset[int]:
    expected = f"a list of at most {MAX_CHANNELS} channel ids, each a string of digits"
    ids = _list(value)
    if ids is None or len(ids) > MAX_CHANNELS:
        raise InvalidValueError("channels", expected)
    if not all(isinstance(one, str) and one.isdecimal() and len(one) <= _LONGEST_ID for one in ids):
        raise InvalidValueError("channels", expected)
    return frozenset(int(one) for one in ids)


def _seconds(name: str) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or value not in COOLDOWNS:
            raise InvalidValueError(name, f"one of {', '.join(map(str, COOLDOWNS))} (seconds)")
        return int(value)

    return read


def _reactions(value: Any) -> tuple[str, ...]:
    expected = f"a list of at most {MAX_REACTIONS} emoji"
    emoji = _list(value)
    if emoji is None or len(emoji) > MAX_REACTIONS:
        raise InvalidValueError("reactions", expected)
    if not all(isinstance(one, str) and 0 < len(one) <= MAX_REACTION_LENGTH for one in emoji):
        raise InvalidValueError("reactions", expected)
    return tuple(dict.fromkeys(emoji))


def _optional_tag(name: str) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        if value is None or (isinstance(value, str) and 0 < len(value) <= _LONGEST_TAG and value.isascii()):
            return value
        raise InvalidValueError(name, "a short name, or nothing for the default")

    return read


def _as_is(value: Any) -> Any:
    return value


FIELDS: tuple[Field, ...] = (
    Field("channels", _channels, lambda ids: [str(one) for one in sorted(ids)]),
    Field("cooldown", _seconds("cooldown"), _as_is),
    Field("person_cooldown", _seconds("person_cooldown"), _as_is),
    Field("reactions", _reactions, list),
    Field("language", _optional_tag("language"), _as_is),
    Field("service", _optional_tag("service"), _as_is),
)


def to_document(settings: GuildSettings) -> dict[str, Any]:
    """The settings as JSON: what is stored and what moderators export."""
    values = {field.name: field.write(getattr(settings, field.name)) for field in FIELDS}
    return {"version": VERSION, **values}


def from_document(document: Any) -> GuildSettings:
    """Settings read from JSON; members that are left out keep their defaults.

    Raises InvalidValueError naming the first member that cannot be used.
    """
    if not isinstance(document, Mapping):
        raise InvalidValueError("settings", "a JSON object as `/setup` exports it")
    members: dict[str, Any] = {str(k): v for k, v in document.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if members.pop("version", VERSION) != VERSION:
        raise InvalidValueError("version", f"{VERSION}; this bot is older or newer than the export")
    return with_values(GuildSettings(), members)


def with_values(settings: GuildSettings, values: Mapping[str, Any]) -> GuildSettings:
    """The settings with some JSON values changed. Raises InvalidValueError."""
    fields = {field.name: field for field in FIELDS}
    for name in values:
        if name not in fields:
            raise InvalidValueError(name[:40] or "(no name)", f"one of {', '.join(fields)}")
    return replace(settings, **{name: fields[name].read(v) for name, v in values.items()})


def changes(before: GuildSettings, after: GuildSettings) -> tuple[Change, ...]:
    """What differs, in the order of the fields."""
    old, new = to_document(before), to_document(after)
    return tuple(Change(k, old[k], new[k]) for k in old if old[k] != new[k])


def _without_skin_tone(emoji: str) -> str:
    return "".join(c for c in emoji if ord(c) not in _SKIN_TONES).replace("\ufe0f", "")
