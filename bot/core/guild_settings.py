"""The settings that moderators choose for their server: declared and checked here, without Discord types.

`FIELDS` drives the change log, export and import; the pages of `/setup` name their settings themselves. A document is
plain JSON. Unknown or wrong members are refused by name, so a hand-edited import cannot set anything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar, cast

from bot.core.chart import Theme
from bot.core.errors import InvalidValueError
from bot.core.mentions import Sensitivity
from bot.core.own_phrases import MAX_PHRASE, MAX_PHRASES, check_phrase, is_sound
from bot.core.quiet_hours import QuietHours

DOCUMENT_VERSION = 1
NOBODY = 0
MAX_CHANNELS = 25
MAX_ROLES = 25
MAX_IGNORED = 25
MAX_REACTIONS = 10
MAX_REACTION_LENGTH = 64
_LONGEST_ID = 20
_LONGEST_TAG = 64
_OWN_EMOJI = re.compile(r"<a?:[^:>]*:(\d+)>")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
COOLDOWNS = (30, 60, 120, 300, 900, 3600)
REMINDERS = (0, 1, 3, 6)
WAITS = (0, 2, 4, 8, 15, 30)
MAX_HELPLINE = 600
Choice = TypeVar("Choice", bound=StrEnum)
BUILT_IN_REACTIONS = ("👍", "✋", "➕", "😭")


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """The settings of one server. Auto-reply is off until a moderator names a channel.

    A message is answered if all of this is true: its channel (or the thread's channel, or the category) is one of
    `channels` and none is one of `denied_channels`; its author has one of `roles`, if any are named, and none of
    `denied_roles`, and is not in `ignored` (keyed hashes of people) or `ignored_roles`; it is outside the
    `quiet_hours`. Older versions wrote ignored roles into `ignored`, too.

    `phrases` are the server's own, see `own_phrases`. With a `dry_run` channel, the bot only writes there whom it
    would have answered. `automod` is the id of our AutoMod rule in this server. `cooldown` and `person_cooldown` are
    seconds between auto-replies in one channel, and to one person. `reactions` are emoji that count as a report
    besides the built-in ones. `language` None means the server's own; `service` None means the operator's first.

    In `outage_channel` each outage gets one message, with a thread under it if `outage_thread`. `outage_role` is
    mentioned once per outage. `outage_possible` asks for a message about suspicions, too. `outage_reminder` is the
    number of hours between reminders, 0 for none; with `outage_silent` they come without a notification, as do
    summaries and what is said when an outage goes on. With `outage_end` a new line in the channel says that it is over.
    `picture` is the theme that pictures are drawn for.

    People come first: where somebody with one of the roles `helpers` wrote of late, nothing is answered, and each
    auto-reply waits for `wait` seconds, in which a person's answer cancels it. In `distress_channel` moderators are
    told of people in distress; `helpline` is a text of the server's own that they can have sent to such a person.
    """

    channels: frozenset[int] = frozenset()
    denied_channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    denied_roles: frozenset[int] = frozenset()
    ignored: frozenset[int] = frozenset()
    ignored_roles: frozenset[int] = frozenset()
    sensitivity: Sensitivity = Sensitivity.BALANCED
    phrases: tuple[str, ...] = ()
    quiet_hours: QuietHours | None = None
    dry_run: int | None = None
    automod: int | None = None
    cooldown: int = 120
    person_cooldown: int = 900
    reactions: tuple[str, ...] = ()
    outage_channel: int | None = None
    outage_role: int | None = None
    outage_possible: bool = False
    outage_thread: bool = True
    outage_reminder: int = 0
    outage_silent: bool = False
    outage_end: bool = False
    picture: Theme = Theme.DARK
    helpers: frozenset[int] = frozenset()
    wait: int = 4
    distress_channel: int | None = None
    helpline: str | None = None
    language: str | None = None
    service: str | None = None

    def counts_as_report(self, emoji: str) -> bool:
        """Whether this reaction on an auto-reply says "I have it too"."""
        key = emoji_key(emoji)
        return key in BUILT_IN_REACTIONS or key in map(emoji_key, self.reactions)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: how to read it from JSON (raises InvalidValueError), write it, and show it in the change log."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    log: Callable[[Any], Any] = lambda written: written


@dataclass(frozen=True, slots=True)
class Change:
    """A changed setting, before and after as JSON; stored in the server's change log."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A line of the change log. `at` is epoch seconds; `moderator_id` is NOBODY if they had their data deleted."""

    at: int
    moderator_id: int
    change: Change


def _list(value: Any) -> list[Any] | None:
    return cast("list[Any]", value) if isinstance(value, list) else None


def _id(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() and 0 < len(value) <= _LONGEST_ID else None


def _ids(name: str, things: str, most: int) -> Callable[[Any], frozenset[int]]:
    def read(value: Any) -> frozenset[int]:
        listed = _list(value)
        ids = [_id(item) for item in listed or ()]
        if listed is None or len(ids) > most or None in ids:
            raise InvalidValueError(name, f"a list of at most {most} {things} ids, each a string of digits")
        return frozenset(number for number in ids if number is not None)

    return read


def _optional_id(name: str, thing: str) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        if value is None:
            return None
        if (number := _id(value)) is None:
            raise InvalidValueError(name, f"a {thing} id as a string of digits, or nothing")
        return number

    return read


def _one_of_kinds(name: str, kinds: type[Choice]) -> Callable[[Any], Choice]:
    def read(value: Any) -> Choice:
        if isinstance(value, str) and value in set(kinds):
            return kinds(value)
        raise InvalidValueError(name, f"one of {', '.join(kinds)}")

    return read


def _phrases(value: Any) -> tuple[str, ...]:
    phrases = _list(value)
    if phrases is None or len(phrases) > MAX_PHRASES or not all(isinstance(phrase, str) for phrase in phrases):
        raise InvalidValueError("phrases", f"a list of at most {MAX_PHRASES} texts of up to {MAX_PHRASE} letters")
    return tuple(dict.fromkeys(check_phrase(phrase) for phrase in phrases))


def _quiet_hours(value: Any) -> QuietHours | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidValueError("quiet_hours", 'nothing, or {"start": "22:00", "end": "07:00", "zone": "Europe/Paris"}')
    members = cast("Mapping[Any, Any]", value)
    return QuietHours.read(members.get("start"), members.get("end"), members.get("zone"))


def _one_of_numbers(name: str, numbers: tuple[int, ...], unit: str) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or value not in numbers:
            raise InvalidValueError(name, f"one of {', '.join(map(str, numbers))} ({unit})")
        return int(value)

    return read


def _boolean(name: str) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise InvalidValueError(name, "true or false")
        return value

    return read


def _reactions(value: Any) -> tuple[str, ...]:
    expected = f"a list of at most {MAX_REACTIONS} emoji"
    emoji = _list(value)
    if emoji is None or len(emoji) > MAX_REACTIONS:
        raise InvalidValueError("reactions", expected)
    if not all(isinstance(e, str) and 0 < len(e) <= MAX_REACTION_LENGTH and is_sound(e) for e in emoji):
        raise InvalidValueError("reactions", expected)
    return tuple(dict.fromkeys(emoji))


def _helpline(value: Any) -> str | None:
    if value is None:
        return None
    # Its reader is not well, and must see where a link leads.
    if not isinstance(value, str) or len(value) > MAX_HELPLINE or not is_sound(value) or "](" in value:
        raise InvalidValueError(
            "helpline", f"a text of up to {MAX_HELPLINE} letters without links that hide their address, or nothing"
        )
    return value.strip() or None


def _optional_tag(name: str) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        if value is None or (isinstance(value, str) and 0 < len(value) <= _LONGEST_TAG and value.isascii()):
            return value
        raise InvalidValueError(name, "a short name, or nothing for the default")

    return read


def _unchanged(value: Any) -> Any:
    return value


def _write_ids(ids: frozenset[int]) -> list[str]:
    return [str(number) for number in sorted(ids)]


def _write_id(number: int | None) -> str | None:
    return None if number is None else str(number)


FIELDS: tuple[Field, ...] = (
    Field("channels", _ids("channels", "channel", MAX_CHANNELS), _write_ids),
    Field("denied_channels", _ids("denied_channels", "channel", MAX_CHANNELS), _write_ids),
    Field("roles", _ids("roles", "role", MAX_ROLES), _write_ids),
    Field("denied_roles", _ids("denied_roles", "role", MAX_ROLES), _write_ids),
    Field("ignored", _ids("ignored", "member or role", MAX_IGNORED), _write_ids, log=len),
    Field("ignored_roles", _ids("ignored_roles", "role", MAX_IGNORED), _write_ids),
    Field("sensitivity", _one_of_kinds("sensitivity", Sensitivity), str),
    Field("phrases", _phrases, list),
    Field("quiet_hours", _quiet_hours, lambda hours: hours and hours.as_document()),
    Field("dry_run", _optional_id("dry_run", "channel"), _write_id),
    Field("automod", _optional_id("automod", "rule"), _write_id),
    Field("cooldown", _one_of_numbers("cooldown", COOLDOWNS, "seconds"), _unchanged),
    Field("person_cooldown", _one_of_numbers("person_cooldown", COOLDOWNS, "seconds"), _unchanged),
    Field("reactions", _reactions, list),
    Field("outage_channel", _optional_id("outage_channel", "channel"), _write_id),
    Field("outage_role", _optional_id("outage_role", "role"), _write_id),
    Field("outage_possible", _boolean("outage_possible"), _unchanged),
    Field("outage_thread", _boolean("outage_thread"), _unchanged),
    Field("outage_reminder", _one_of_numbers("outage_reminder", REMINDERS, "hours"), _unchanged),
    Field("outage_silent", _boolean("outage_silent"), _unchanged),
    Field("outage_end", _boolean("outage_end"), _unchanged),
    Field("picture", _one_of_kinds("picture", Theme), str),
    Field("helpers", _ids("helpers", "role", MAX_ROLES), _write_ids),
    Field("wait", _one_of_numbers("wait", WAITS, "seconds"), _unchanged),
    Field("distress_channel", _optional_id("distress_channel", "channel"), _write_id),
    Field("helpline", _helpline, _unchanged),
    Field("language", _optional_tag("language"), _unchanged),
    Field("service", _optional_tag("service"), _unchanged),
)


def to_document(settings: GuildSettings) -> dict[str, Any]:
    """The settings as JSON, as they are stored and exported."""
    values = {field.name: field.write(getattr(settings, field.name)) for field in FIELDS}
    return {"version": DOCUMENT_VERSION, **values}


def from_document(document: Any, *, stored: bool = False) -> GuildSettings:
    """Read settings from JSON. Missing members keep their defaults.

    Raises InvalidValueError naming the first member that cannot be used. `stored` settings were checked when they were
    saved: patterns that are refused since then stay among them, so that moderators are told of them.
    """
    if not isinstance(document, Mapping):
        raise InvalidValueError("settings", "a JSON object as `/setup` exports it")
    members: dict[str, Any] = {str(k): v for k, v in document.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if members.pop("version", DOCUMENT_VERSION) != DOCUMENT_VERSION:
        raise InvalidValueError("version", f"{DOCUMENT_VERSION}; this bot is older or newer than the export")
    if stored and isinstance(members.get("phrases"), list):
        phrases = tuple(filter(is_sound, map(str, members.pop("phrases"))))
        return replace(with_values(GuildSettings(), members), phrases=phrases)
    return with_values(GuildSettings(), members)


def with_values(settings: GuildSettings, values: Mapping[str, Any]) -> GuildSettings:
    """The settings with some values, given as JSON, changed. Raises InvalidValueError."""
    fields = {field.name: field for field in FIELDS}
    for name in values:
        if name not in fields:
            raise InvalidValueError(name[:40] or "(no name)", f"one of {', '.join(fields)}")
    return replace(settings, **{name: fields[name].read(v) for name, v in values.items()})


def changes(before: GuildSettings, after: GuildSettings) -> tuple[Change, ...]:
    """What differs, in the order of the fields."""
    old, new = to_document(before), to_document(after)
    return tuple(Change(f.name, f.log(old[f.name]), f.log(new[f.name])) for f in FIELDS if old[f.name] != new[f.name])


def emoji_key(emoji: str) -> str:
    """What tells an emoji from others: the id of a server's own one, which may be renamed, animated or deleted.

    Skin tones make no difference.
    """
    own = _OWN_EMOJI.fullmatch(emoji)
    return own[1] if own else "".join(c for c in emoji if ord(c) not in _SKIN_TONES).replace("\ufe0f", "")
