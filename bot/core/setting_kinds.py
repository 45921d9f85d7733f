"""The kinds of settings: how each is read from JSON and written, and the message for an invalid value.

The pages, forms, errors and the change log of `/setup` are made from a setting's kind (`discord_ui/setup`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Protocol, cast

from bot.core.errors import WrongInputError
from bot.core.own_phrases import MAX_PHRASE, MAX_PHRASES, check_phrase, is_sound
from bot.core.quiet_hours import QuietHours
from bot.core.texts import N_

MAX_REACTION_LENGTH = 64
_LONGEST_ID = 20
_LONGEST_TAG = 64
_NOT_IN_LIST = N_("Choose one of the values in the list.")


class Place(Enum):
    """Which channels can be chosen."""

    ANYWHERE = "anywhere"
    """All channels, including categories, forums and threads."""
    WRITTEN_IN = "written_in"
    """Channels and threads with messages."""
    ANNOUNCED_IN = "announced_in"
    """Text channels, no threads."""
    MODERATORS = "moderators"
    """Text channels that are not visible to everyone."""


class Kind(Protocol):
    """A kind of setting."""

    def read(self, name: str, value: Any) -> Any:
        """The value from JSON. Raises WrongInputError that names the setting."""
        ...

    def write(self, value: Any) -> Any:
        """The value as JSON."""
        ...


class _AsItIs:
    def write(self, value: Any) -> Any:
        """The value as JSON."""
        return value


class _Several:
    most: int

    def read(self, name: str, value: Any) -> frozenset[int]:
        """A set of ids."""
        listed = as_list(value)
        ids = [_id(item) for item in listed or ()]
        if listed is None or None in ids:
            raise WrongInputError(name, N_("An import needs a list of Discord ids here."))
        if len(ids) > self.most:
            raise WrongInputError(name, N_("At most {most} can be chosen."), most=self.most)
        return frozenset(number for number in ids if number is not None)

    def write(self, value: frozenset[int]) -> list[str]:
        """The ids, sorted."""
        return [str(number) for number in sorted(value)]


class _One:
    def read(self, name: str, value: Any) -> int | None:
        """An id, or None."""
        if value is None:
            return None
        if (number := _id(value)) is None:
            raise WrongInputError(name, N_("An import needs a Discord id here, or nothing."))
        return number

    def write(self, value: int | None) -> str | None:
        """The id as a string."""
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Channels(_Several):
    """Any number of channels."""

    most: int


@dataclass(frozen=True, slots=True)
class Channel(_One):
    """A channel, or none."""

    place: Place


@dataclass(frozen=True, slots=True)
class Roles(_Several):
    """Any number of roles."""

    most: int


@dataclass(frozen=True, slots=True)
class Role(_One):
    """A role, or none; never @everyone."""


@dataclass(frozen=True, slots=True)
class People(_Several):
    """People as keyed hashes, so only their number is ever shown."""

    most: int


@dataclass(frozen=True, slots=True)
class AutoModRule(_One):
    """The id of our AutoMod rule."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values, each with its name and meaning."""

    values: type[StrEnum]
    names: Mapping[str, tuple[str, str]]

    def read(self, name: str, value: Any) -> StrEnum:
        """The value itself."""
        if isinstance(value, str) and value in set(self.values):
            return self.values(value)
        raise WrongInputError(name, _NOT_IN_LIST)

    def write(self, value: StrEnum) -> str:
        """Its name in JSON."""
        return str(value)


class Unit(Enum):
    """The unit of a number."""

    SECONDS = "seconds"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Duration(_AsItIs):
    """A duration from a list; zero means none."""

    values: tuple[int, ...]
    unit: Unit = Unit.SECONDS

    def read(self, name: str, value: Any) -> int:
        """A number."""
        if isinstance(value, bool) or value not in self.values:
            raise WrongInputError(name, _NOT_IN_LIST)
        return int(value)


@dataclass(frozen=True, slots=True)
class Switch(_AsItIs):
    """On or off."""

    def read(self, name: str, value: Any) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            raise WrongInputError(name, N_("This can only be on or off."))
        return value


@dataclass(frozen=True, slots=True)
class Name(_AsItIs):
    """A language or a service, or the default. Whether it exists is checked elsewhere."""

    def read(self, name: str, value: Any) -> str | None:
        """A short name, or None."""
        if value is None or (isinstance(value, str) and 0 < len(value) <= _LONGEST_TAG and value.isascii()):
            return value
        raise WrongInputError(name, _NOT_IN_LIST)


@dataclass(frozen=True, slots=True)
class NameSet:
    """Any number of services. Whether they exist is checked elsewhere."""

    most: int

    def read(self, name: str, value: Any) -> frozenset[str]:
        """A set of short names."""
        names = as_list(value)
        if names is None or not all(isinstance(one, str) and 0 < len(one) <= _LONGEST_TAG for one in names):
            raise WrongInputError(name, _NOT_IN_LIST)
        if len(names) > self.most:
            raise WrongInputError(name, N_("At most {most} can be chosen."), most=self.most)
        return frozenset(names)

    def write(self, value: frozenset[str]) -> list[str]:
        """The names, sorted."""
        return sorted(value)


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours, or none."""

    def read(self, name: str, value: Any) -> QuietHours | None:
        """Read JSON with `start`, `end` and `zone`, even as typed."""
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise WrongInputError(name, N_("An import needs a start, an end and a time zone here, or nothing."))
        members = cast("Mapping[Any, Any]", value)
        return QuietHours.read(members.get("start"), members.get("end"), members.get("zone"))

    def write(self, value: QuietHours | None) -> Any:
        """The members as strings."""
        return value and value.as_document()


@dataclass(frozen=True, slots=True)
class PhraseList:
    """A server's own phrases."""

    def read(self, name: str, value: Any) -> tuple[str, ...]:
        """Read and check the phrases; duplicates are dropped."""
        phrases = as_list(value)
        if phrases is None or not all(isinstance(phrase, str) for phrase in phrases):
            raise WrongInputError(name, N_("An import needs a list of texts here."))
        if len(phrases) > MAX_PHRASES:
            raise WrongInputError(name, N_("At most {most} can be kept."), most=MAX_PHRASES)
        return tuple(dict.fromkeys(map(check_phrase, phrases)))

    def write(self, value: tuple[str, ...]) -> list[str]:
        """The phrases as typed."""
        return list(value)


LONGEST_PHRASES = MAX_PHRASES * (MAX_PHRASE + 1)


@dataclass(frozen=True, slots=True)
class Emoji:
    """Emoji, without the built-in ones."""

    most: int

    def read(self, name: str, value: Any) -> tuple[str, ...]:
        """Read the emoji; duplicates are dropped."""
        emoji = as_list(value)
        if emoji is None or not all(
            isinstance(e, str) and 0 < len(e) <= MAX_REACTION_LENGTH and is_sound(e) for e in emoji
        ):
            raise WrongInputError(name, N_("Type emoji such as 🔥 💀, with spaces between them."))
        if len(emoji) > self.most:
            raise WrongInputError(name, N_("At most {most} can be kept."), most=self.most)
        return tuple(dict.fromkeys(emoji))

    def write(self, value: tuple[str, ...]) -> list[str]:
        """The emoji as typed."""
        return list(value)


@dataclass(frozen=True, slots=True)
class Text(_AsItIs):
    """A text of the server's own that the bot sends, or none."""

    most: int

    def read(self, name: str, value: Any) -> str | None:
        """A text without masked links: its reader is in distress and must see where a link leads."""
        if value is None:
            return None
        if not isinstance(value, str) or not is_sound(value):
            raise WrongInputError(name, N_("An import needs a text here, or nothing."))
        if len(value) > self.most:
            raise WrongInputError(name, N_("Use at most {most} characters."), most=self.most)
        if "](" in value:
            raise WrongInputError(name, N_("A link must show its address: paste the address itself."))
        return value.strip() or None


def as_list(value: Any) -> list[Any] | None:
    """The value if it is a JSON list, else None."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def _id(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() and 0 < len(value) <= _LONGEST_ID else None
